package inject_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/standin"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func unpacked(t tester, body []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func packed(body []byte) []byte { return groove.Wanted{Gzip: true}.Pack(body).Body }

const (
	searchFor  = "/1/content/music/search?q=daft+punk"
	addTo      = "/1/content/music/collection/add?x"
	createList = "/1/content/music/collection/playlists/create?x"

	getLucky = `"music.A83EB907-0100-11DB-89CA-0019B92A3933"`
	unknown  = `"music.00000000-0000-0000-0000-000000000000"`
	add      = `{"Id":` + getLucky + `,"Action":"Add"}`

	threeTracks = `{"TrackIds":[` + getLucky + `,` + unknown + `,` + getLucky + `]}`
	threeInList = `{"Name":"n","TrackActions":[` + add + `,` + add + `,` + add + `]}`
)

// fetch asks a fresh stand-in; a body makes it a POST.
func fetch(t tester, target, body string, gzipped bool) (inject.Message, http.Header) {
	t.Helper()
	s, err := standin.New(standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+standin.UserTokenFree)
	if gzipped {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	e, ok := groove.Resolve(method, r.URL.Path)
	if !ok || w.Code != http.StatusOK {
		t.Fatalf("%s answered %d %s", target, w.Code, w.Body)
	}
	coding := w.Header().Get("Content-Encoding")
	return inject.Message{Endpoint: *e, ContentEncoding: coding, Body: w.Body.Bytes()}, w.Header()
}

func endpoint(t *testing.T, name string) groove.Endpoint {
	t.Helper()
	e, ok := groove.EndpointByName(name)
	if !ok {
		t.Fatalf("endpoint %q is not in the contract", name)
	}
	return e
}
