package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestTrailersPassBothWays(t *testing.T) {
	t.Parallel()
	trailers := make(chan http.Header, 1)
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Errorf("read body: %v", err)
		}
		trailers <- r.Trailer
		w.Header().Set("Trailer", "X-Announced")
		io.WriteString(w, "body")
		w.Header().Set("X-Announced", "1")
		w.Header().Set(http.TrailerPrefix+"X-Sudden", "2")
	}))
	for name, test := range map[string]struct {
		announce string
		size     int
	}{
		"announced":                  {"Trailer: X-Sum\r\n", 3},
		"not announced":              {"", 3},
		"announced, large body":      {"Trailer: X-Sum\r\n", 200 << 10},
		"not announced, large body ": {"", 200 << 10},
	} {
		c, r := rig.dial()
		send(t, c, fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n%s\r\n%x\r\n%s\r\n0\r\nX-Sum: 9\r\n\r\n",
			test.announce, test.size, strings.Repeat("x", test.size)))
		if got := (<-trailers).Get("X-Sum"); got != "9" {
			t.Errorf("request trailer, %s: got %q, want 9", name, got)
		}
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		if got := response.Trailer; got.Get("X-Announced") != "1" || got.Get("X-Sudden") != "2" {
			t.Errorf("got the response trailers %v, want X-Announced 1 and X-Sudden 2", got)
		}
	}
}

func TestEarlyHintsPass(t *testing.T) {
	t.Parallel()
	_, got := exchangeRaw(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
	if want := []string{"HTTP/1.1 103 Early Hints", "link: </a>"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	_, got = exchangeRaw(t, "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
	if got[0] != "HTTP/1.1 204 No Content" {
		t.Errorf("got %q, want HTTP/1.0 to be spared the hints", got[0])
	}
}

func TestAnswerStreams(t *testing.T) {
	t.Parallel()
	for name, length := range map[string]string{"in chunks": "", "of known length": "6"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := make(chan struct{})
			rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				for _, part := range []string{"", "one", "two"} {
					io.WriteString(w, part)
					w.(http.Flusher).Flush()
					<-next
				}
			}))
			response, err := rig.client.Get(rig.url + "/")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			for _, want := range []string{"one", "two"} {
				next <- struct{}{}
				part := make([]byte, 3)
				if _, err := io.ReadFull(response.Body, part); err != nil || string(part) != want {
					t.Fatalf("got %q (%v), want %q before the answer goes on", part, err, want)
				}
			}
			close(next)
		})
	}
}

func TestAnswerMayComeBeforeTheBodyEnds(t *testing.T) {
	t.Parallel()
	const half = 200 << 10
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		if _, err := io.CopyN(io.Discard, r.Body, half); err != nil {
			t.Errorf("read first half: %v", err)
		}
		io.WriteString(w, "early")
		w.(http.Flusher).Flush()
		io.Copy(io.Discard, r.Body)
	}))
	body, feed := io.Pipe()
	request, err := http.NewRequest("POST", rig.url+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = feed.Write(make([]byte, half)) }()
	response, err := rig.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, 5)); err != nil {
		t.Fatalf("read the early answer: %v", err)
	}
	if _, err := feed.Write(make([]byte, half)); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	if a := rig.wait(1)[0]; a.BodyLength != 2*half || !a.BodyComplete || a.End != observe.EndComplete {
		t.Errorf("got %d bytes, complete %t, end %s, want all %d", a.BodyLength, a.BodyComplete, a.End, 2*half)
	}
}

func TestUpgradePasses(t *testing.T) {
	t.Parallel()
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		head, err := headLines(r)
		if err != nil || !slices.Contains(head, "Upgrade: echo") {
			t.Errorf("got %q (%v), want the upgrade", head, err)
			return
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		io.Copy(c, r)
	})
	rig := newRig(t, origin)
	c, r := rig.dial()
	send(t, c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	if head := readHead(t, r); head[0] != "HTTP/1.1 101 Switching Protocols" {
		t.Fatalf("got %q, want 101", head[0])
	}
	send(t, c, "ping")
	echo := make([]byte, 4)
	if _, err := io.ReadFull(r, echo); err != nil || string(echo) != "ping" {
		t.Fatalf("got %q (%v), want ping back", echo, err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) != 0 {
		t.Errorf("got %q (%v), want a clean end", rest, err)
	}
	a := rig.wait(1)[0]
	if a.Status != 101 || a.Origin != observe.OriginUpstream || a.End != observe.EndComplete {
		t.Errorf("got %d %s %s, want 101 upstream complete", a.Status, a.Origin, a.End)
	}
}

func TestUpgradeEndsWithTheProxy(t *testing.T) {
	t.Parallel()
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		io.Copy(io.Discard, r)
	})
	rig := newRig(t, origin, drain(1))
	c, r := rig.dial()
	send(t, c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	readHead(t, r)
	rig.stop()
	if _, err := r.ReadByte(); err == nil {
		t.Error("got a byte from a proxy that has ended")
	}
	if a := rig.wait(1)[0]; a.Status != 101 {
		t.Errorf("got status %d in the record, want 101", a.Status)
	}
}

func TestLargeBodiesPass(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	}))
	sent := strings.Repeat("groove", size/6)
	if _, got := rig.do("POST", "/", strings.NewReader(sent)); got != sent {
		t.Errorf("got %d bytes back, want the %d that were sent", len(got), len(sent))
	}
	if a := rig.wait(1)[0]; a.BodyLength != int64(len(sent)) || !a.BodyComplete {
		t.Errorf("recorded %d bytes, complete %t, want %d", a.BodyLength, a.BodyComplete, len(sent))
	}
}
