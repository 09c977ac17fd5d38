package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestVariedRequests(t *testing.T) {
	t.Parallel()
	targets, users := map[string]bool{}, map[string]bool{}
	methods := map[string]int{}
	for _, r := range varied() {
		read, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(r.bytes())))
		if err != nil {
			t.Fatalf("read %q: %v", r.bytes(), err)
		}
		body, err := io.ReadAll(read.Body)
		if err != nil || string(body) != r.body {
			t.Fatalf("got body %q, %v, want %q", body, err, r.body)
		}
		if count := len(r.fields); count < 8 || count > 10 {
			t.Errorf("got %d fields in %q, want 8 to 10", count, r.bytes())
		}
		targets[r.target] = true
		users[read.Header.Get("Authorization")] = true
		methods[read.Method]++
		if read.UserAgent() == "" {
			t.Errorf("got no User-Agent in %q", r.bytes())
		}
	}
	if len(targets) != variedCount || len(users) < 20 || methods["GET"] == 0 || methods["POST"] == 0 {
		t.Errorf("got %d targets, %d users, methods %v, want %d targets, 20 users or more, GET and POST", len(targets), len(users), methods, variedCount)
	}
}

func TestVariedRequestsReachEveryEndpoint(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{}
	for _, r := range varied() {
		for _, e := range groove.Endpoints() {
			template, err := groove.ParseTemplate(e.Template)
			if err != nil {
				t.Fatal(err)
			}
			path, _, _ := bytes.Cut([]byte(r.target), []byte("?"))
			if r.method == e.Method && template.Match(string(path)) {
				reached[e.Name] = true
			}
		}
	}
	var missed []string
	for _, e := range groove.Endpoints() {
		if !reached[e.Name] {
			missed = append(missed, e.Name)
		}
	}
	if len(missed) > 0 {
		t.Errorf("no request reaches the endpoints %q", missed)
	}
}

func TestVariedRequestsAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	one, other := varied(), varied()
	if !slices.EqualFunc(one, other, func(a, b request) bool { return cmp.Equal(a.bytes(), b.bytes()) }) {
		t.Error("got other requests the second time, want the same")
	}
}
