package main

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/music/groove"
)

// got is what users got, by the page.
type got struct {
	status int
	page   Page
}

var artists = []string{"Daft Punk", "Avicii", "Katy Perry", "Madonna", "Muse", "Eminem"}

// asked is what users ask for.
func asked() []string {
	var paths []string
	for _, name := range artists {
		paths = append(paths, "/search?q="+url.QueryEscape(name))
	}
	for page, values := range map[string][]string{
		"/artist?id=music.":        {"C61C0000-0200", "2F531400-0200", "97E60200-0200"},
		"/album?id=music.":         {"B13EB907-0100", "3E362806-0100"},
		"/collection?track=music.": {"A83EB907-0100", "27EBA764-0100", "5FE0A33F-0100", "40A238D4-0100"},
	} {
		for _, id := range values {
			paths = append(paths, page+id+"-11DB-89CA-0019B92A3933")
		}
	}
	for page, values := range map[string][]string{
		"/latest?genre=":      {"Rock", "Pop", "Jazz"},
		"/charts?of=":         {"artists", "albums", "tracks"},
		"/new?genre=":         {"Rock", "Pop", "Jazz", "Classical", "Electronic / Dance"},
		"/spotlight?country=": {"US", "GB", "FR"},
		"/browse?by=":         {"genres", "moods", "activities"},
	} {
		for _, value := range values {
			paths = append(paths, page+url.QueryEscape(value))
		}
	}
	return paths
}

// TestService is the suite, as it might be: it starts the service and asks for what users ask for, all at once. It knows
// nothing of faults; under a chaos stage it also tells what its users were told.
func TestService(t *testing.T) {
	client := &groove.Client{
		Base: os.Getenv("GROOVE_BASE_URL"), UserToken: cmp.Or(os.Getenv("GROOVE_USER_TOKEN"), "standin-user-subscriber"), Policy: groove.Sound(),
	}
	if client.Base == "" {
		t.Skip("GROOVE_BASE_URL is not set")
	}
	told := Honest()
	if plant := planted[os.Getenv("PLANTED")]; plant != nil {
		plant(&client.Policy, &told)
	}
	service := httptest.NewServer(NewService(client, told))
	defer service.Close()
	for path, got := range all(t, service.URL) {
		t.Run(path, func(t *testing.T) {
			if got.status != http.StatusOK || got.page.Partial {
				t.Fatalf("status %d, partial %v: want 200 and all of it", got.status, got.page.Partial)
			}
			u, _ := url.Parse(path)
			if name := u.Query().Get("q"); name != "" && !slices.Contains(got.page.Items, name) {
				t.Errorf("got %q, want %s among them", got.page.Items, name)
			}
		})
	}
}

// all asks for every page at once.
func all(t *testing.T, base string) map[string]got {
	t.Helper()
	answers := map[string]got{}
	var mu sync.Mutex
	var users sync.WaitGroup
	for _, path := range asked() {
		users.Go(func() {
			answer, err := ask(base, path)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			answers[path] = answer
		})
	}
	users.Wait()
	return answers
}

func ask(base, path string) (got, error) {
	method := http.MethodGet
	if path[:5] == "/coll" {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, base+path, nil)
	if err != nil {
		return got{}, err
	}
	trace, field := newTrace()
	request.Header.Set("Traceparent", field)
	begun := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return got{}, err
	}
	defer response.Body.Close()
	answer := got{status: response.StatusCode}
	if err := json.NewDecoder(response.Body).Decode(&answer.page); err != nil {
		return got{}, err
	}
	return answer, tell(trace, answer, time.Since(begun))
}
