// Command music is a small service in front of Groove: pages of music for users.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"

	"example.com/music/groove"
)

// Page is what a user gets.
type Page struct {
	Items   []string `json:"items"`
	Partial bool     `json:"partial"`
	Error   *Apology `json:"error,omitempty"`
}

// Apology is an error in words for users.
type Apology struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Told says what a user is told: a status and a page.
type Told struct {
	Result func(document map[string]any) (int, Page)
	Error  func(err error) (int, Page)
}

// Honest tells users the truth, in words that are for them.
func Honest() Told {
	return Told{
		Result: func(document map[string]any) (int, Page) {
			_, partial := document["Error"]
			return http.StatusOK, Page{Items: namesIn(document), Partial: partial}
		},
		Error: func(err error) (int, Page) {
			if failed := (*groove.Error)(nil); errors.As(err, &failed) && failed.Status == http.StatusNotFound {
				return http.StatusNotFound, Page{Error: &Apology{"not-found", "There is nothing of that name."}}
			}
			return http.StatusServiceUnavailable, Page{Error: &Apology{"unavailable", "Music is not available right now. Please try again later."}}
		},
	}
}

// pages lead from a page to what it asks Groove for, with the one parameter that it takes.
var pages = map[string]struct{ path, parameter string }{
	"/search":    {"/1/content/music/search?q=%s", "q"},
	"/artist":    {"/1/content/%s/lookup", "id"},
	"/album":     {"/1/content/%s/catalog/album/tracks/browse", "id"},
	"/latest":    {"/1/content/music/catalog/albums/browse?orderBy=ReleaseDate&genre=%s", "genre"},
	"/charts":    {"/1/content/music/catalog/%s/browse?orderBy=AllTimePlayCount", "of"},
	"/new":       {"/1/content/music/newreleases?genre=%s", "genre"},
	"/spotlight": {"/1/content/music/spotlight?country=%s", "country"},
	"/browse":    {"/1/content/music/catalog/%s", "by"},
}

// NewService makes the handler of the service.
func NewService(client *groove.Client, told Told) http.Handler {
	mux := http.NewServeMux()
	for page, to := range pages {
		mux.HandleFunc("GET "+page, func(w http.ResponseWriter, r *http.Request) {
			path := fmt.Sprintf(to.path, url.QueryEscape(r.FormValue(to.parameter)))
			document, err := client.Get(r.Context(), path, r.Header.Get("Traceparent"))
			answer(w, told, document, err)
		})
	}
	mux.HandleFunc("POST /collection", func(w http.ResponseWriter, r *http.Request) {
		document, err := client.Add(r.Context(), r.URL.Query()["track"], r.Header.Get("Traceparent"))
		answer(w, told, document, err)
	})
	return mux
}

func answer(w http.ResponseWriter, told Told, document map[string]any, err error) {
	status, page := 0, Page{}
	if err != nil {
		status, page = told.Error(err)
	} else {
		status, page = told.Result(document)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(page); err != nil {
		log.Print(err)
	}
}

// namesIn are the names of all items in a document of Groove's, whatever list they are in.
func namesIn(document map[string]any) []string {
	names := []string{}
	for _, value := range document {
		if list, ok := value.(map[string]any); ok {
			value = list["Items"]
		}
		items, _ := value.([]any)
		for _, item := range items {
			names = append(names, nameOf(item))
		}
	}
	return names
}

func nameOf(item any) string {
	fields, ok := item.(map[string]any)
	if !ok {
		return fmt.Sprint(item)
	}
	for _, kind := range []string{"Album", "Playlist", "Artist"} {
		if inner, ok := fields[kind]; ok && fields["Name"] == nil {
			return nameOf(inner)
		}
	}
	return fmt.Sprint(cmp.Or(fields["Name"], fields["Id"], any("?")))
}

func main() {
	client := &groove.Client{Base: os.Getenv("GROOVE_BASE_URL"), UserToken: os.Getenv("GROOVE_USER_TOKEN"), Policy: groove.Sound()}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "8080"), NewService(client, Honest())))
}
