package proxy_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rawHead reads the bytes of a head, the empty line included.
func rawHead(r *bufio.Reader) (string, error) {
	var head strings.Builder
	for !strings.HasSuffix(head.String(), "\r\n\r\n") {
		line, err := r.ReadString('\n')
		head.WriteString(line)
		if err != nil {
			return head.String(), err
		}
	}
	return head.String(), nil
}

// throughRaw sends bytes through a proxy to an origin that answers with bytes,
// and returns what either side saw, byte for byte.
func throughRaw(t *testing.T, request string, body int, answer string) (seen, got, upstream string) {
	t.Helper()
	heads := make(chan string, 1)
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		head, err := rawHead(r)
		if err != nil {
			return
		}
		rest := make([]byte, body)
		_, _ = io.ReadFull(r, rest)
		heads <- head + string(rest)
		_, _ = io.WriteString(c, answer)
	})
	rig := newRig(t, origin)
	c, r := rig.dial()
	send(t, c, request)
	all := make([]byte, len(answer))
	n, _ := io.ReadFull(r, all)
	select {
	case seen = <-heads:
	default:
		t.Fatalf("the origin was not asked; the client got %q", all[:n])
	}
	return seen, string(all[:n]), strings.TrimPrefix(origin, "http://")
}

const noContent = "HTTP/1.1 204 No Content\r\n\r\n"

// oddFields are fields that most relays would tidy up. Each is one line.
var oddFields = []string{
	"x-LOWER-upper:value",
	"X-Spaces:   three before and two after  ",
	"X-Tab:\ta tab\tor two",
	"X-Empty:",
	"x-empty-too: ",
	"X-Repeated: 1",
	"Accept: */*;q=0.1,  text/html",
	"x-repeated: 2",
	"X-Obs-Text: caf\xe9 \xff\x80",
	"X-Utf-8: naïve ☃",
	"!#$%&'*+-.^_`|~09az: every mark of a token",
	"Cookie: a=1; b=\"2\"",
	"Cookie: c=3",
	"If-None-Match: W/\"x\" , \"y\"",
	"Date: yesterday",
	"Via: 1.0 somebody",
	"X-Long: " + strings.Repeat("0123456789", 300),
}

// TestOddRequestArrivesByteForByte but for Host, which names the upstream in
// the place and the spelling that the client gave it.
func TestOddRequestArrivesByteForByte(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line         string
		before, last []string
		body         string
	}{
		"Host at the end":      {"GET /A/b%2f?X=%zz&&y HTTP/1.1", oddFields, nil, ""},
		"Host at the start":    {"gEt / HTTP/1.1", nil, oddFields, ""},
		"Host in the middle":   {"M-SEARCH /x HTTP/1.1", oddFields[:5], oddFields[5:], ""},
		"with a length":        {"POST /?a=\xe9 HTTP/1.1", oddFields, []string{"content-LENGTH: 5"}, "h\x00\xff\r\n"},
		"with chunks":          {"PUT / HTTP/1.1", oddFields[:3], append([]string{"Trailer: X-T"}, oddFields[3:]...), "2;a=\"b\"\r\nhi\r\n0005\r\nthere\r\n00\r\nX-T:  odd  \r\n\r\n"},
		"nothing but the Host": {"OPTIONS * HTTP/1.1", nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := append(append(append([]string{test.line}, test.before...), "hOsT:caller.example"), test.last...)
			if name == "with chunks" {
				lines = append(lines, "Transfer-Encoding: chunked")
			}
			request := strings.Join(lines, "\r\n") + "\r\n\r\n" + test.body
			seen, _, upstream := throughRaw(t, request, len(test.body), noContent)
			want := strings.Replace(request, "hOsT:caller.example", "hOsT: "+upstream, 1)
			if diff := cmp.Diff(strings.Split(want, "\r\n"), strings.Split(seen, "\r\n")); diff != "" {
				t.Errorf("the origin saw other bytes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHopByHopFieldsAreLeftOut and nothing beside them, wherever they stand.
func TestHopByHopFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	request := "GET / HTTP/1.1\r\n" +
		"X-First:  1\r\nconnection: Keep-Alive,  x-PRIVATE\r\nX-Private: secret\r\nHost: a\r\nkeep-alive: 5\r\n" +
		"Proxy-Connection: keep-alive\r\nX-Middle:2 \r\nX-PRIVATE: too\r\nX-Private-Not: stays\r\nProxy-Authorization: Basic eA==\r\nX-Last: 3\r\n\r\n"
	seen, _, upstream := throughRaw(t, request, 0, noContent)
	want := "GET / HTTP/1.1\r\nX-First:  1\r\nHost: " + upstream + "\r\nX-Middle:2 \r\nX-Private-Not: stays\r\nX-Last: 3\r\n\r\n"
	if seen != want {
		t.Errorf("the origin saw %q, want %q", seen, want)
	}
}

// TestOddAnswerArrivesByteForByte: the client gets what the upstream sent.
func TestOddAnswerArrivesByteForByte(t *testing.T) {
	t.Parallel()
	fields := strings.Join(oddFields, "\r\n") + "\r\nset-cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\nSet-cookie: a=1\r\n"
	for name, answer := range map[string]string{
		"an odd reason":           "HTTP/1.1 200 Alles  in Ordnung \xe9\r\n" + fields + "content-length: 2\r\n\r\nok",
		"an empty reason":         "HTTP/1.1 200 \r\n" + fields + "Content-Length: 0\r\n\r\n",
		"no reason at all":        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
		"an unknown status":       "HTTP/1.1 799 Whatever\r\n" + fields + "Content-Length: 2\r\n\r\nok",
		"another one":             "HTTP/1.1 299 Fine\r\nContent-Length: 2\r\n\r\nok",
		"a rare one":              "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\n\r\nok",
		"chunks as they are":      "HTTP/1.1 200 OK\r\n" + fields + "Transfer-Encoding: chunked\r\n\r\n002;x=\"y\"\r\nok\r\n1\r\n!\r\n000\r\nX-T:  odd \r\n\r\n",
		"a body of all octets":    "HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n" + octets(),
		"an interim answer first": "HTTP/1.1 103 Early\xe9\r\nLink: </a>;  rel=x\r\n\r\nHTTP/1.1 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n",
		"a location":              "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, _ := throughRaw(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, answer)
			if diff := cmp.Diff(strings.Split(answer, "\r\n"), strings.Split(got, "\r\n")); diff != "" {
				t.Errorf("the client saw other bytes (-want +got):\n%s", diff)
			}
		})
	}
}

func octets() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

// TestOldAnswerIsToldAsOurs: HTTP/1.0 of the upstream becomes our version, and
// a body that ends with the connection is announced.
func TestOldAnswerIsToldAsOurs(t *testing.T) {
	t.Parallel()
	_, got, _ := throughRaw(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, "HTTP/1.0 200 Old\r\nX: y\r\n\r\nbody")
	if head, _, _ := strings.Cut(got, "\r\n\r\n"); !strings.HasPrefix(head, "HTTP/1.1 200 Old\r\nX: y") {
		t.Errorf("got %q, want our version and the upstream's fields", got)
	}
}
