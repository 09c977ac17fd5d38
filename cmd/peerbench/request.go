package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// request is one request that the load sends.
type request struct {
	method, target string
	// fields are name and value, in order; Host is among them.
	fields [][2]string
	body   string
}

// bytes is the request as it goes over the wire.
func (r request) bytes() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.method, r.target)
	for _, field := range r.fields {
		fmt.Fprintf(&b, "%s: %s\r\n", field[0], field[1])
	}
	if r.body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.body))
	}
	b.WriteString("\r\n")
	b.WriteString(r.body)
	return []byte(b.String())
}

// plain is a request with a short head.
func plain(method, target, body string) []request {
	return []request{{
		method: method, target: target, body: body,
		fields: [][2]string{{"Host", groove.HostAPI}, {"User-Agent", "peerbench"}, {"Accept", "application/json"}},
	}}
}

// variedCount is how many targets the varied requests have, variedUsers how
// many users send them.
const (
	variedCount = 1000
	variedUsers = 50
)

// varied are requests for all endpoints of the contract, as the callers of the
// API send them: eight to ten fields, some 50 users, 1 000 targets.
func varied() []request {
	draw := rand.New(rand.NewPCG(1, 1))
	tokens := make([]string, variedUsers)
	for i := range tokens {
		tokens[i] = word(draw, 180)
	}
	endpoints := groove.Endpoints()
	requests := make([]request, variedCount)
	for i := range requests {
		requests[i] = variedOne(draw, &endpoints[i%len(endpoints)], tokens)
		if i%2 == 0 {
			requests[i].fields = append(requests[i].fields, [2]string{"X-Request-Id", word(draw, 24)})
		}
	}
	return requests
}

func variedOne(draw *rand.Rand, e *groove.Endpoint, tokens []string) request {
	user := draw.IntN(len(tokens))
	r := request{method: e.Method, target: fill(draw, e.Template), fields: [][2]string{
		{"Host", e.Host},
		{"User-Agent", fmt.Sprintf("MusicCompanion/3.%d (Linux; build %d) okhttp/4.12.0", user%7, 1000+user)},
		{"Accept", "application/json"},
		{"Accept-Language", []string{"en-US,en;q=0.9", "de-DE,de;q=0.8,en;q=0.5", "fr-FR"}[user%3]},
		{"Accept-Encoding", "gzip, deflate"},
		{"Authorization", "Bearer " + tokens[user]},
		{"Cache-Control", "no-cache"},
		{"traceparent", fmt.Sprintf("00-%032x-%016x-01", draw.Uint64(), draw.Uint64())},
	}}
	if e.Method == http.MethodPost {
		r.fields = append(r.fields, [2]string{"Content-Type", "application/json"})
		r.body = `{"TrackIds":["music.` + word(draw, 16) + `","music.` + word(draw, 16) + `"]}`
	}
	return r
}

// fill puts words in place of the variables of a template and adds a query.
func fill(draw *rand.Rand, template string) string {
	segments := strings.Split(template, "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") {
			segments[i] = "music." + word(draw, 12)
		}
	}
	return strings.Join(segments, "/") + "?country=US&language=en&maxItems=25&continuationToken=" + word(draw, 20)
}

func word(draw *rand.Rand, length int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[draw.IntN(len(letters))]
	}
	return string(b)
}
