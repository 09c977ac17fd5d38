package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// normalise takes out of what the origin saw where the two may differ.
func (q arrived) normalise() arrived {
	q.Header = q.Header.Clone()
	// Fields of the connection are each path's own. HTTP/2, for which net/http is there, has no Upgrade (RFC 9113 §8.6).
	for _, name := range []string{"Connection", "Te", "Trailer", "Transfer-Encoding", "Keep-Alive", "Upgrade"} {
		q.Header.Del(name)
	}
	// net/http states no length for a body that is not there.
	if q.Header.Get("Content-Length") == "0" {
		q.Header.Del("Content-Length")
	}
	// It leaves out a User-Agent that says nothing, and sends the first of several alone.
	if agent := q.Header.Get("User-Agent"); agent == "" {
		q.Header.Del("User-Agent")
	} else {
		q.Header.Set("User-Agent", agent)
	}
	// It passes trailers that were announced, and no others.
	q.Trailer = nil
	return q
}

// normalise takes out of what the client got where the two may differ.
func (a answered) normalise() answered {
	a.Header = a.Header.Clone()
	for _, name := range []string{"Connection", "Trailer", "Transfer-Encoding", "Keep-Alive"} {
		a.Header.Del(name)
	}
	// One path takes its turn after the other.
	if a.Header.Get("Date") != "" {
		a.Header.Set("Date", "some")
	}
	return a
}

// arrived is a request as the origin saw it. The names of its fields are
// spelled as net/http has them: the wire path keeps them as sent, which
// TestRequestArrivesUnchanged holds it to.
type arrived struct {
	Method, Target, Host, Body string
	Header, Trailer            http.Header
	// Broken says that the body did not come whole.
	Broken bool
}

// answered is an answer as the client saw it, without its reason phrase.
type answered struct {
	Status int
	Header http.Header
	Body   string
	Broken bool
}

// failure is what a failure of the proxy's own says, "" for none.
func (a answered) failure() string { return a.Header.Get("Groovechaos-Failure") }

// passage is what became of the bytes of one client.
type passage struct {
	seen    []arrived
	answers []answered
	// reached is what the origin got.
	reached  []byte
	attempts []attempt
}

// attempt is the record of an exchange.
type attempt observe.Attempt

// normalise takes out of a record where the two may differ: one path takes its
// turn after the other.
func (a attempt) normalise() attempt {
	a.Time, a.Received, a.Answered = time.Time{}, 0, 0
	a.Multiplexed = false // net/http serves HTTP/2 but for these tests
	return a
}

// shortened reports that a fault declared too short a length: HTTP/1.1 has to
// end the connection after such an answer, net/http leaves the rest out and
// goes on.
func (a attempt) shortened() bool {
	return a.End == observe.EndBroken && a.Break == "" && len(a.SpoiledBy) > 0
}

// forwarded counts the exchanges of which something went to the origin.
func (p *passage) forwarded() int {
	count := 0
	for i := range p.attempts {
		if p.attempts[i].Forwarded {
			count++
		}
	}
	return count
}

// serveFunc is one of the two paths.
type serveFunc func(ctx context.Context, p *proxy.Proxy, l net.Listener)

func overWire(ctx context.Context, p *proxy.Proxy, l net.Listener) { _ = p.Serve(ctx, l) }

func overNetHTTP(ctx context.Context, p *proxy.Proxy, l net.Listener) { p.ServeNetHTTP(ctx, l) }

// recorder is an origin that records. It answers by the end of the target.
type recorder struct {
	mu sync.Mutex
	passage
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	r.mu.Lock()
	r.seen = append(r.seen, arrived{
		Method: q.Method, Target: q.RequestURI, Host: q.Host, Body: string(body),
		Header: q.Header, Trailer: q.Trailer, Broken: err != nil,
	})
	r.mu.Unlock()
	w.Header()["Date"] = nil
	w.Header()["x-odd-CASE"] = []string{"kept"}
	w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
	path, _, _ := strings.Cut(q.RequestURI, "?")
	switch {
	case strings.HasSuffix(path, "/empty"):
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(path, "/same"):
		w.Header().Set("Etag", `"1"`)
		w.WriteHeader(http.StatusNotModified)
	case strings.HasSuffix(path, "/pieces"):
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"Tracks":`)
		_ = http.NewResponseController(w).Flush()
		fmt.Fprint(w, `{"Items":[]}}`)
	case strings.HasSuffix(path, "/last"):
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, "the last")
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"Method":%q,"Length":%d}`, q.Method, len(body))
	}
}

// overheard keeps the bytes that an origin gets.
type overheard struct {
	*memory

	origin *recorder
}

func (c overheard) Accept() (net.Conn, error) {
	conn, err := c.memory.Accept()
	return overheardConn{conn, c.origin}, err
}

type overheardConn struct {
	net.Conn

	origin *recorder
}

func (c overheardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.origin.mu.Lock()
	defer c.origin.mu.Unlock()
	c.origin.reached = append(c.origin.reached, p[:n]...)
	return n, err
}

// pass sends what a client sends through one path, and waits until nothing
// more can come of it. It is called inside a bubble.
func pass(t *testing.T, raw []byte, set []faults.Fault, serve serveFunc) passage {
	t.Helper()
	front, back := newMemory(), newMemory()
	origin := &recorder{}
	upstream := &http.Server{Handler: origin, DisableGeneralOptionsHandler: true}
	var wg sync.WaitGroup
	wg.Go(func() { _ = upstream.Serve(overheard{back, origin}) })
	engine := faults.NewEngine(1)
	if err := engine.Apply(set); err != nil {
		t.Fatal(err)
	}
	p, err := proxy.New(proxy.Options{
		Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: engine, Dial: back.dial,
		Record: func(a *observe.Attempt) {
			origin.mu.Lock()
			defer origin.mu.Unlock()
			origin.attempts = append(origin.attempts, attempt(a.Clone()))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() { serve(ctx, p, front) })
	got := talk(t, front, raw)
	cancel()
	upstream.Close()
	wg.Wait()
	time.Sleep(time.Second) // net/http's server lingers on connections that broke off
	out := origin.passage
	out.answers = readAnswers(got, out.attempts)
	return out
}

// talk sends bytes and returns all that comes back. An hour is longer than all
// bounds of the proxy together.
func talk(t *testing.T, front *memory, raw []byte) []byte {
	t.Helper()
	c, err := front.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = c.Write(raw) })
	wg.Go(func() { _, _ = io.Copy(&got, c) })
	time.Sleep(time.Hour)
	c.Close()
	wg.Wait()
	return got.Bytes()
}

// readAnswers cuts what a client got into answers.
func readAnswers(got []byte, attempts []attempt) []answered {
	var out []answered
	r := bufio.NewReader(bytes.NewReader(got))
	for {
		request := &http.Request{Method: http.MethodGet}
		if len(out) < len(attempts) && attempts[len(out)].Method != "" {
			request.Method = attempts[len(out)].Method
		}
		response, err := http.ReadResponse(r, request)
		if err != nil {
			return out
		}
		if response.StatusCode < 200 {
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		out = append(out, answered{Status: response.StatusCode, Header: response.Header, Body: string(body), Broken: err != nil})
	}
}

// refuses reports whether a path refused something, or cut it off.
func (p *passage) refuses() bool {
	for i := range p.attempts {
		if p.attempts[i].Origin == observe.OriginOurs || p.attempts[i].End == observe.EndClientLeft {
			return true
		}
	}
	return slices.ContainsFunc(p.answers, ofNetHTTP)
}
