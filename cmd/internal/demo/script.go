package demo

import (
	"fmt"
	"net/http"
	"net/url"
)

// operation is one thing that a caller wants of the API.
type operation struct {
	method string
	path   string
	// query and form are encoded; body is JSON.
	query url.Values
	form  url.Values
	body  string
}

// Phase is a part of the script: operations that a caller has under way side
// by side.
type Phase struct {
	// Title says what the phase is about.
	Title      string
	operations []operation
}

// Script returns the phases that every caller goes through, in order.
func Script() []Phase {
	return []Phase{
		{"a token; the first answer is a 503", []operation{token()}},
		{"10 calls in peace", baseline()},
		{"503 twice for each of 5 look-ups", lookups()},
		{"429 with Retry-After 1, 2 and 3 s", throttled()},
		{"404 for 2 searches", missing()},
		{"500 for 3 writes, each refused once", writes()},
		{"503 without end for 4 lists of genres", genres()},
	}
}

// Calls is the number of calls that one caller makes.
func Calls() int {
	calls := 0
	for _, phase := range Script() {
		calls += len(phase.operations)
	}
	return calls
}

func baseline() []operation {
	operations := []operation{read("/1/user/music/profile", nil)}
	for _, artist := range []string{"Daft Punk", "Avicii", "Katy Perry", "Foo Fighters", "Madonna", "Muse", "Eminem", "Gesaffelstein", "Boris Brejcha"} {
		operations = append(operations, read("/1/content/music/search", url.Values{"q": {artist}}))
	}
	return operations
}

func lookups() []operation {
	var operations []operation
	for _, id := range []string{
		"music.C61C0000-0200-11DB-89CA-0019B92A3933", "music.2F531400-0200-11DB-89CA-0019B92A3933",
		"music.97E60200-0200-11DB-89CA-0019B92A3933", "music.B13EB907-0100-11DB-89CA-0019B92A3933",
		"music.3E362806-0100-11DB-89CA-0019B92A3933",
	} {
		operations = append(operations, read("/1/content/"+id+"/lookup", nil))
	}
	return operations
}

func throttled() []operation {
	var operations []operation
	for _, filter := range []string{"artists", "albums", "tracks"} {
		for _, artist := range []string{"Daft Punk", "Avicii"} {
			operations = append(operations, read("/1/content/music/search", url.Values{"q": {artist}, "filters": {filter}}))
		}
	}
	return operations
}

func missing() []operation {
	var operations []operation
	for _, name := range []string{"Muse", "Madonna"} {
		operations = append(operations, read("/1/content/music/search", url.Values{"q": {name}, "filters": {"playlists"}}))
	}
	return operations
}

func writes() []operation {
	return []operation{
		add("music.A83EB907-0100-11DB-89CA-0019B92A3933"),
		add("music.C61C0000-0200-11DB-89CA-0019B92A3933"),
		add("music.2F531400-0200-11DB-89CA-0019B92A3933"),
	}
}

func genres() []operation {
	var operations []operation
	for _, country := range []string{"us", "gb", "de", "fr"} {
		operations = append(operations, read("/1/content/music/catalog/genres", url.Values{"country": {country}}))
	}
	return operations
}

func read(path string, query url.Values) operation {
	return operation{method: http.MethodGet, path: path, query: query}
}

func add(track string) operation {
	return operation{
		method: http.MethodPost, path: "/1/content/music/collection/add",
		body: fmt.Sprintf(`{"TrackIds":[%q]}`, track),
	}
}

func token() operation {
	return operation{method: http.MethodPost, path: "/accesstoken.srf", form: url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {"demo"},
		"client_secret": {"demo"},
		"scope":         {"app.music.xboxlive.com"},
	}}
}
