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
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// The wire path is held against net/http: the same bytes of a client go to
// both, each in front of an origin that records what reaches it. What both let
// through must be the same at the origin, and so must be the answers. The wire
// path may refuse more; it may let through what net/http refuses only in the
// classes of laxer.

// laxer are the classes, told by what the client sent.
var laxer = []struct {
	why string
	is  func(raw []byte) bool
}{
	{"a target with a broken percent-encoding passes as it is: what it means is the upstream's to say", func(raw []byte) bool {
		for _, found := range requestLine.FindAllSubmatch(raw, -1) {
			if _, err := url.ParseRequestURI(string(found[1])); err != nil {
				return true
			}
		}
		return false
	}},
	{"one empty line before a request is skipped (RFC 9112 §2.2)", regexp.MustCompile(`(^|\r\n\r\n)\r\n`).Match},
	{"an expectation that is not known is the upstream's to refuse (RFC 9110 §10.1.1)", regexp.MustCompile(`(?i)\nexpect:`).Match},
}

var requestLine = regexp.MustCompile(`(?m)^\S+ (\S+) HTTP/1\.[01]\r$`)

// twoFramings is a head that frames its body in two ways. net/http takes some of
// them, another origin may not take them alike.
var twoFramings = regexp.MustCompile(`(?i) HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*(?:content-length|transfer-encoding)[^\r\n]*\r\n(?:[^\r\n]+\r\n)*(?:content-length|transfer-encoding)`)

// excused reports whether what a client sent is in one of the classes.
func excused(raw []byte) bool {
	for _, class := range laxer {
		if class.is(raw) {
			return true
		}
	}
	return false
}

// normalise takes out of what the origin saw where the two may differ.
func (q arrived) normalise() arrived {
	q.Header = q.Header.Clone()
	// Fields of the connection are each path's own.
	for _, name := range []string{"Connection", "Te", "Trailer", "Transfer-Encoding", "Keep-Alive"} {
		q.Header.Del(name)
	}
	// net/http states no length for a body that is not there.
	if q.Header.Get("Content-Length") == "0" {
		q.Header.Del("Content-Length")
	}
	// It leaves out a User-Agent that says nothing.
	if q.Header.Get("User-Agent") == "" {
		q.Header.Del("User-Agent")
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

// compare holds the wire path against net/http.
func compare(t *testing.T, raw []byte, set []faults.Fault) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		wire, oracle := pass(t, raw, set, overWire), pass(t, raw, set, overNetHTTP)
		if problem := judge(raw, &wire, &oracle); problem != "" {
			t.Errorf("%s\nsent %q\nwire: origin saw %+v\n  client got %+v\nnet/http: origin saw %+v\n  client got %+v",
				problem, raw, wire.seen, wire.answers, oracle.seen, oracle.answers)
		}
	})
}

// judge says what is wrong with what the wire path did, "" for nothing.
func judge(raw []byte, wire, oracle *passage) string {
	if n := len(wire.attempts); n > 0 && wire.attempts[n-1].shortened() {
		oracle.seen = oracle.seen[:min(n, len(oracle.seen))]
		oracle.answers = oracle.answers[:min(n, len(oracle.answers))]
		oracle.attempts = oracle.attempts[:min(n, len(oracle.attempts))]
	}
	if twoFramings.Match(wire.reached) {
		return "a head that frames its body in two ways reached the origin"
	}
	if len(wire.reached) > 0 && wire.forwarded() > len(wire.seen) {
		if excused(raw) {
			return ""
		}
		return "the origin refused what the wire path passed on"
	}
	if len(wire.reached) > 0 && len(wire.seen) == 0 {
		return "something reached the origin that was no request"
	}
	for i := range wire.seen {
		if i >= len(oracle.seen) {
			if excused(raw) {
				return ""
			}
			return fmt.Sprintf("request %d passed on the wire alone", i)
		}
		if wire.seen[i].Broken && oracle.seen[i].Broken {
			continue
		}
		if diff := cmp.Diff(oracle.seen[i].normalise(), wire.seen[i].normalise()); diff != "" {
			return fmt.Sprintf("request %d differs at the origin (-net/http +wire):\n%s", i, diff)
		}
	}
	if wire.refuses() || oracle.refuses() {
		return "" // in their own words, and where each of them noticed
	}
	if len(oracle.seen) > len(wire.seen) {
		return "a request did not pass on the wire, and was not refused"
	}
	if diff := cmp.Diff(answersOf(oracle), answersOf(wire)); diff != "" {
		return "the answers differ (-net/http +wire):\n" + diff
	}
	if diff := cmp.Diff(attemptsOf(oracle), attemptsOf(wire)); diff != "" {
		return "the records differ (-net/http +wire):\n" + diff
	}
	return ""
}

func answersOf(p *passage) []answered {
	var out []answered
	for _, a := range p.answers {
		out = append(out, a.normalise())
	}
	return out
}

func attemptsOf(p *passage) []attempt {
	var out []attempt
	for _, a := range p.attempts {
		out = append(out, a.normalise())
	}
	return out
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

// ofNetHTTP reports whether net/http refused a request by itself.
func ofNetHTTP(a answered) bool {
	return a.Status == http.StatusExpectationFailed ||
		a.Status >= 400 && a.failure() == "" && a.Header.Get("Content-Type") == "text/plain; charset=utf-8"
}

// effects are the sets of faults under which the paths are compared.
func effects() []struct {
	name string
	set  []faults.Fault
} {
	least, five := time.Nanosecond, uint64(5)
	return []struct {
		name string
		set  []faults.Fault
	}{
		{"no fault", nil},
		{"an answer", []faults.Fault{answerFault("f", 503)}},
		{"an answer after", []faults.Fault{{Name: "f", Answer: &faults.Answer{Status: 429, At: faults.SideAfter}}}},
		{"a delay of next to nothing", []faults.Fault{{Name: "f", Delay: &faults.Delay{Fixed: &least}}}},
		{"a soft error", []faults.Fault{{Name: "f", SoftError: &faults.SoftError{ErrorCode: "CATALOG_NO_RESULT"}}}},
		{"a cut", []faults.Fault{{Name: "f", Truncate: &faults.Truncate{Bytes: &five}}}},
		{"invalid JSON", []faults.Fault{{Name: "f", Corrupt: &faults.Corrupt{How: faults.CorruptJSON}}}},
		{"a wrong length", []faults.Fault{{Name: "f", Corrupt: &faults.Corrupt{How: faults.CorruptLength}}}},
		{"flipped bits", []faults.Fault{{Name: "f", Corrupt: &faults.Corrupt{How: faults.CorruptBits}}}},
		{"a break after the head", []faults.Fault{{Name: "f", Break: &faults.Break{How: faults.BreakClose, At: faults.BreakAfterHead}}}},
		{"a break in the body", []faults.Fault{{Name: "f", Break: &faults.Break{How: faults.BreakClose, At: faults.BreakMidBody}}}},
	}
}

// exchanges are what clients send, well-formed and not.
var exchanges = map[string]string{
	"a bare request":            "GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
	"fields of all sorts":       "GET /a?b=c&&d=%2F HTTP/1.1\r\nHOST: h\r\nuser-agent: Caller/1\r\naccept:*/*\r\nx-many: 1\r\nX-MANY:  2 \r\nx-empty:\r\n\r\n",
	"a body with a length":      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
	"a body in chunks":          "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n",
	"trailers":                  "POST /a HTTP/1.1\r\nHost: h\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
	"an empty body":             "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
	"a body that is expected":   "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
	"three at once":             "GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /pieces HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhiGET /c HTTP/1.1\r\nHost: h\r\n\r\n",
	"HEAD":                      "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /pieces HTTP/1.1\r\nHost: h\r\n\r\n",
	"HTTP/1.0":                  "GET /a HTTP/1.0\r\n\r\n",
	"an answer in pieces":       "GET /pieces HTTP/1.1\r\nHost: h\r\n\r\n",
	"HTTP/1.0 kept alive":       "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /pieces HTTP/1.0\r\nHost: h\r\n\r\n",
	"an absolute target":        "GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n",
	"OPTIONS of all":            "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
	"no content":                "DELETE /empty HTTP/1.1\r\nHost: h\r\n\r\nGET /same HTTP/1.1\r\nHost: h\r\n\r\n",
	"the last answer":           "GET /last HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n",
	"a client that is through":  "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n",
	"fields that stop here":     "GET /a HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: 5\r\nX-Hop: 1\r\nProxy-Connection: x\r\nTE: trailers, deflate\r\nProxy-Authorization: x\r\n\r\n",
	"a broken percent-encoding": "GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n",
	"two leading slashes":       "GET //a//b HTTP/1.1\r\nHost: h\r\n\r\n",
	"an empty line before":      "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n",
	"a repeated length":         "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
	"two lengths":               "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
	"a signed length":           "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello",
	"a length and chunks":       "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n",
	"another coding":            "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	"chunked twice":             "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"a coding with a tab":       "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
	"a space before the colon":  "GET /a HTTP/1.1\r\nHost: h\r\nX-A : 1\r\n\r\n",
	"a folded line":             "GET /a HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n 2\r\n\r\n",
	"a bare LF":                 "GET /a HTTP/1.1\nHost: h\n\n",
	"a bare CR":                 "GET /a HTTP/1.1\r\nHost: h\r\nX-A: 1\r2\r\n\r\n",
	"a NUL":                     "GET /a HTTP/1.1\r\nHost: h\r\nX-A: \x00\r\n\r\n",
	"no Host":                   "GET /a HTTP/1.1\r\n\r\n",
	"two Hosts":                 "GET /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
	"a Host that is none":       "GET /a HTTP/1.1\r\nHost: h/i\r\n\r\n",
	"a space in the target":     "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
	"an unknown version":        "GET /a HTTP/1.2\r\nHost: h\r\n\r\n",
	"a method that is none":     "G@T /a HTTP/1.1\r\nHost: h\r\n\r\n",
	"a chunk that is too long":  "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
	"a chunk without its end":   "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n",
	"a chunk size with a sign":  "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
	"a body that breaks off":    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf",
	"half a head":               "GET /a HTTP/1.1\r\nHo",
	"an unknown expectation":    "POST /a HTTP/1.1\r\nHost: h\r\nExpect: more\r\nContent-Length: 5\r\n\r\nhello",
	"a tunnel":                  "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
	"TLS":                       "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
	"nothing":                   "",
}

func TestWirePathAgreesWithNetHTTP(t *testing.T) {
	t.Parallel()
	for name, raw := range exchanges {
		for _, effect := range effects() {
			t.Run(name+" under "+effect.name, func(t *testing.T) {
				t.Parallel()
				compare(t, []byte(raw), effect.set)
			})
		}
	}
}

func FuzzWirePathAgreesWithNetHTTP(f *testing.F) {
	for _, raw := range exchanges {
		f.Add([]byte(raw), uint8(0))
	}
	sets := effects()
	f.Fuzz(func(t *testing.T, raw []byte, effect uint8) {
		if strings.HasPrefix(string(raw), "PRI ") {
			t.Skip("HTTP/2 is not for HTTP/1.1 to judge")
		}
		compare(t, raw, sets[int(effect)%len(sets)].set)
	})
}

// What requests are put together from: where messages are smuggled, and beside
// it. What is plain comes first and often.
var (
	methods = []string{"GET ", "POST ", "GET ", "POST ", "HEAD ", "OPTIONS ", "PUT ", "DELETE ", "CONNECT ", "get ", "G ", "G@T ", ""}
	targets = []string{
		"/a", "/a", "/pieces", "/empty", "/same", "/last", "//b", "*", "/a?q=1", "?q", "http://h/a", "https://h", "http://i?x", "HTTP://H/",
		"h:443", "/%zz", "/%2F", "/\x7f", "/\xff", "/a#f", "/a b", "", "http://u@h/", "/\"{}|\\^`",
	}
	versions = []string{" HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.2\r\n", " HTTP/2.0\r\n", "  HTTP/1.1\r\n", " HTTP/1.1\n", "\r\n"}
	lines    = []string{
		"Host: h\r\n", "Host: h\r\n", "Host: h\r\n", "Host: i\r\n", "Host:\r\n", "Host: h:80\r\n", "Host: [::1]\r\n", "Host: h, i\r\n", "host: H\r\n",
		"Content-Length: 5\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 6\r\n", "content-length:5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: -1\r\n",
		"Content-Length: 05\r\n", "Content-Length:\r\n", "Content-Length: 5 \r\n", "Content_Length: 5\r\n", "Content-Length\t: 5\r\n", "Content-Length: 18446744073709551621\r\n",
		"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n", "transfer-encoding: Chunked\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked, chunked\r\n",
		"Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding:\x0bchunked\r\n", "Transfer-Encoding: chunked\t\r\n", "Transfer-Encoding:\r\n chunked\r\n",
		" Transfer-Encoding: chunked\r\n", "Transfer_Encoding: chunked\r\n", "Transfer-Encoding\r\n", "Transfer-Encoding:\r\n", "Transfer-Encoding: ,chunked\r\n",
		"Connection: close\r\n", "Connection: keep-alive\r\n", "Connection: X-A, close\r\n", "Connection: Content-Length\r\n", "Connection: Transfer-Encoding\r\n", "Connection: Host\r\n",
		"Connection: upgrade\r\n", "Upgrade: websocket\r\n", "Keep-Alive: 5\r\n", "TE: trailers\r\n", "TE: gzip\r\n", "Proxy-Connection: close\r\n",
		"Expect: 100-continue\r\n", "Expect: 200-ok\r\n", "Trailer: X-T\r\n", "Trailer: Content-Length\r\n",
		"X-A: 1\r\n", "x-a:2\r\n", "X-A: 1\r2\r\n", "X-A: \x00\r\n", "X-A: \x80\r\n", "X A: 1\r\n", ": 1\r\n", "X-A\r\n", "X-A: 1\n", "X-A: a\r\n b\r\n", "X-A:  1\t \r\n",
		"Cookie: a=1\r\n", "Cookie: b=2\r\n", "Accept-Encoding: gzip\r\n", "Accept: application/xml\r\n", "Idempotency-Key: 1\r\n", "traceparent: 1\r\n", "User-Agent:\r\n", "Date: x\r\n",
	}
	ends   = []string{"\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", ""}
	bodies = []string{
		"hello", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "5;a=b\r\nhello\r\n", "5 \r\nhello\r\n", "05\r\nhello\r\n", "0x5\r\nhello\r\n", "5\nhello\n", "5\r\nhello", "6\r\nhello\r\n", "0\r\n", "00\r\n\r\n",
		"0\r\nX-T: 1\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0;x\r\n\r\n", "0\r\n\n", "-1\r\n", "ffffffffffffffff\r\n", "10000000000000000\r\n", "A\r\n0123456789\r\n", "5;a=\"\r\n\"\r\nhello\r\n", "0\r\nX-T: 1\r\n y\r\n\r\n", "\r\n",
	}
)

// chooser puts requests together as its bytes say.
type chooser struct {
	picks []byte
	out   []byte
}

func (c *chooser) pick() int {
	if len(c.picks) == 0 {
		return 0
	}
	n := int(c.picks[0])
	c.picks = c.picks[1:]
	return n
}

func (c *chooser) add(from []string) { c.out = append(c.out, from[c.pick()%len(from)]...) }

// request adds a request, which has a Host in most cases.
func (c *chooser) request() {
	c.add(methods)
	c.add(targets)
	c.add(versions)
	shape := c.pick()
	if shape%4 > 0 {
		c.out = append(c.out, "Host: h\r\n"...)
	}
	for range shape / 4 % 5 {
		c.add(lines)
	}
	c.add(ends)
	for range shape / 20 % 4 {
		c.add(bodies)
	}
}

func FuzzWirePathAgreesOnPieces(f *testing.F) {
	sets := effects()
	f.Add([]byte{}, uint8(0))
	f.Add([]byte{1, 0, 0, 25, 9, 0, 0}, uint8(1))
	f.Add([]byte{1, 0, 0, 49, 9, 22, 0, 2, 3, 0, 2, 0, 1, 0}, uint8(0))
	f.Fuzz(func(t *testing.T, picks []byte, effect uint8) {
		c := chooser{picks: picks}
		for c.request(); len(c.picks) > 0 && len(c.out) < 4<<10; {
			c.request()
		}
		compare(t, c.out, sets[int(effect)%len(sets)].set)
	})
}
