// A token, and two searches with it, by net/http: client TOKEN_URL SEARCH_URL [1.1]
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

var client = http.Client{Timeout: 20 * time.Second}

func main() {
	log.SetFlags(0)
	if len(os.Args) > 3 { // it asks for HTTP/2 by itself
		protocols := new(http.Protocols)
		protocols.SetHTTP1(true)
		client.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, Protocols: protocols}
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"intercept"}, "client_secret": {"secret"},
		"scope": {"app.music.xboxlive.com"},
	}
	ask, err := http.NewRequest(http.MethodPost, os.Args[1], strings.NewReader(form.Encode()))
	if err != nil {
		log.Fatal(err)
	}
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(call(ask), &granted); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		search, err := http.NewRequest(http.MethodGet, os.Args[2], nil)
		if err != nil {
			log.Fatal(err)
		}
		search.Header.Set("Authorization", "Bearer "+granted.AccessToken)
		call(search)
	}
}

// call prints the status, the version of HTTP and the body.
func call(r *http.Request) []byte {
	response, err := client.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	version := strings.TrimSuffix(strings.TrimPrefix(response.Proto, "HTTP/"), ".0")
	fmt.Println(response.StatusCode, version, string(body))
	return body
}
