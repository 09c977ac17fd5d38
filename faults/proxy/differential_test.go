package proxy_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
)

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
	{
		"a target that begins with two slashes and has what net/http would escape passes on the wire alone",
		regexp.MustCompile("(?m)^\\S+ //[^\\s?]*[^\\sA-Za-z0-9$&+,/:;=@_.~!'()*%?\\[\\]-]\\S* HTTP/1\\.[01]\r$").Match,
	},
	{"one empty line before a request is skipped (RFC 9112 §2.2)", regexp.MustCompile(`(^|\r\n\r\n)\r\n`).Match},
	{
		"the same behind a body, after which net/http does so for POST alone",
		regexp.MustCompile("(?m)(?:[^\\n]|[^\\r]\\n)\\r\\n[^\\s:]+ \\S+ HTTP/1\\.[01]\r$").Match,
	},
	{"an expectation that is not known is the upstream's to refuse (RFC 9110 §10.1.1)", regexp.MustCompile(`(?i)\nexpect:`).Match},
}

var requestLine = regexp.MustCompile(`(?m)^\S+ (\S+) HTTP/1\.[01]\r$`)

// twoFramings is a head that frames its body in two ways. net/http takes some of
// them, another origin may not take them alike.
var twoFramings = regexp.MustCompile(`(?i) HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*` + framingField + `[^\r\n]*\r\n(?:[^\r\n]+\r\n)*` + framingField)

// framingField begins a field that frames a body. Behind its name is whatever belongs to no name: a colon, or what another
// origin may skip before one.
const framingField = "(?:content-length|transfer-encoding)[^-!#$%&'*+.^_|~`0-9a-z\r\n]"

// excused reports whether what a client sent is in one of the classes.
func excused(raw []byte) bool {
	for _, class := range laxer {
		if class.is(raw) {
			return true
		}
	}
	return false
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
