package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// expecting is a request for a host that is not tapped, whose client waits to
// be told to send its body.
const expecting = "POST http://" + foreign + "/one HTTP/1.1\r\nHost: " + foreign + "\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

// newExpecting is a gateway to a foreign upstream that does this with a head
// that it has read. It counts the connections to it.
func newExpecting(t *testing.T, answer func(c net.Conn, r *bufio.Reader)) (*gateway, *atomic.Int64) {
	t.Helper()
	opened := new(atomic.Int64)
	elsewhere := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		opened.Add(1)
		for {
			lines, err := headLines(r)
			if err != nil {
				return
			}
			if strings.Contains(lines[0], "/two") {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo")
				continue
			}
			answer(c, r)
		}
	})
	return newGateway(t, forwards, "http://127.0.0.1:1", elsewhere), opened
}

// TestFinalAnswerInPlaceOfContinueEndsTheConnection: the client need not send
// its body any more, so that what comes next is nobody's to guess. Nothing of it
// reaches an upstream, and the connection to that is not used again.
func TestFinalAnswerInPlaceOfContinueEndsTheConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(c net.Conn, r *bufio.Reader)
		want   int
	}{
		"a refusal":             {replying("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"), 417},
		"a success":             {replying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 200},
		"an end":                {func(c net.Conn, _ *bufio.Reader) { c.Close() }, 502},
		"what is not an answer": {replying("SSH-2.0-OpenSSH_9.2"), 502},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got atomic.Int64
			g, opened := newExpecting(t, func(c net.Conn, r *bufio.Reader) {
				test.answer(c, r)
				n, _ := io.Copy(io.Discard, r)
				got.Add(n)
			})
			c, r := g.dial()
			send(t, c, expecting)
			response, _, err := finalResponse(r)
			if err != nil || response.StatusCode != test.want || !response.Close {
				t.Fatalf("got %v, %v; want %d and the connection closed", response, err, test.want)
			}
			// A client that does not heed it goes on nevertheless.
			_, _ = io.WriteString(c, "GET http://"+foreign+"/smuggled HTTP/1.1\r\nHost: "+foreign+"\r\n\r\n")
			if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
				t.Errorf("got %q, %v; want the end", rest, err)
			}
			other, again := g.dial()
			send(t, other, "GET http://"+foreign+"/two HTTP/1.1\r\nHost: "+foreign+"\r\n\r\n")
			if _, body, err := finalResponse(again); err != nil || body != "two" {
				t.Errorf("the next request got %q, %v", body, err)
			}
			if n := opened.Load(); n != 2 {
				t.Errorf("got %d connections to the upstream, want 2", n)
			}
			g.stop()
			if n := got.Load(); n > 0 {
				t.Errorf("%d bytes behind the head reached the upstream, want none", n)
			}
		})
	}
}

// replying sends an answer whose body comes a moment after its head.
func replying(text string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, _ *bufio.Reader) {
		head, body, _ := strings.Cut(text, "\r\n\r\n")
		_, _ = io.WriteString(c, head+"\r\n\r\n")
		time.Sleep(50 * time.Millisecond)
		_, _ = io.WriteString(c, body)
	}
}

// TestContinueOfAForeignUpstreamIsPassedOn, and the connections live on.
func TestContinueOfAForeignUpstreamIsPassedOn(t *testing.T) {
	t.Parallel()
	g, opened := newExpecting(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		body := make([]byte, 5)
		if _, err := io.ReadFull(r, body); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"+string(body))
		}
	})
	c, r := g.dial()
	for range 3 {
		send(t, c, expecting)
		if head := readHead(t, r); head[0] != "HTTP/1.1 100 Continue" {
			t.Fatalf("got %q, want 100", head[0])
		}
		time.Sleep(10 * time.Millisecond)
		send(t, c, "hello")
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); err != nil || string(body) != "hello" || response.Close {
			t.Errorf("got %q, %v, close %t; want hello and the connection kept", body, err, response.Close)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("got %d connections to the upstream, want 1", n)
	}
}

// TestAnswerBehindAContinueLeavesTheBodyToCome: the client was told to send it,
// and does.
func TestAnswerBehindAContinueLeavesTheBodyToCome(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	g, _ := newExpecting(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		body := make([]byte, 5)
		_, _ = io.ReadFull(r, body)
		bodies <- string(body)
	})
	c, r := g.dial()
	send(t, c, expecting)
	if response, body, err := finalResponse(r); err != nil || body != "ok" || response.Close {
		t.Fatalf("got %v, %q, %v; want 200 and the connection kept", response, body, err)
	}
	send(t, c, "hello")
	if body := <-bodies; body != "hello" {
		t.Errorf("the upstream got %q, want hello", body)
	}
	if _, body := ask(t, c, r, "GET http://"+foreign+"/two HTTP/1.1\r\nHost: "+foreign+"\r\n\r\n"); body != "two" {
		t.Errorf("the next request got %q, want two", body)
	}
}

// TestContinueIsPassedOn: a client that waits for 100 is told once, and a final
// answer in its place is enough.
func TestContinueIsPassedOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size  int
		reply string
	}{
		"small, the upstream says 100":  {3, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		"large, the upstream says 100":  {200_000, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		"small, the upstream says none": {3, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := headLines(r); err != nil {
					return
				}
				_, _ = io.CopyN(io.Discard, r, int64(test.size))
				_, _ = io.WriteString(c, test.reply)
			}))
			c, r := rig.dial()
			send(t, c, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", addPath, test.size))
			if head := readHead(t, r); head[0] != "HTTP/1.1 100 Continue" {
				t.Fatalf("got %q, want 100", head[0])
			}
			if _, err := c.Write(make([]byte, test.size)); err != nil {
				t.Fatal(err)
			}
			if head := readHead(t, r); head[0] != "HTTP/1.1 200 OK" {
				t.Errorf("got %q, want the final answer and no second 100", head[0])
			}
		})
	}
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Expect") != "100-continue" {
			t.Errorf("read %q (%v) with Expect %q", body, err, r.Header.Get("Expect"))
		}
		w.Write(body)
	}))
	for _, name := range []string{"relayed", "injected"} {
		if name == "injected" {
			rig.apply(answerFault("f", 500))
		}
		c, r := rig.dial()
		for range 3 {
			send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
			if head := readHead(t, r); head[0] != "HTTP/1.1 100 Continue" {
				t.Fatalf("%s: got %q, want 100", name, head[0])
			}
			send(t, c, "abc")
			response, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				t.Fatal(err)
			}
			if response.Close || response.StatusCode == http.StatusContinue {
				t.Errorf("%s: got %s, close %t, want a final answer and the connection kept", name, response.Status, response.Close)
			}
		}
	}
}
