package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// TestUpstreamThatMisbehaves gets a bounded and recorded end, and the next
// client an answer that is its own.
func TestUpstreamThatMisbehaves(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
	for name, test := range map[string]struct {
		// answer is written in reply to /bad, again and again where endless is set.
		answer  string
		endless bool
		// want is the status that the client gets, end what is recorded, and body
		// what can be read.
		want int
		end  observe.End
		body string
	}{
		"an invalid head":             {answer: "HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nbody", want: 502},
		"two lengths":                 {answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", want: 502},
		"a length and chunks":         {answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: 502},
		"a bare LF":                   {answer: "HTTP/1.1 200 OK\nContent-Length: 4\n\nbody", want: 502},
		"HTTP/0.9":                    {answer: "<html>", want: 502},
		"HTTP/2":                      {answer: "HTTP/2.0 200 OK\r\n\r\n", want: 502},
		"an endless line":             {answer: strings.Repeat("a", 4096), endless: true, want: 502},
		"endless fields":              {answer: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 1000), want: 502},
		"a 101 nobody asked for":      {answer: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n", want: 502},
		"a storm of 1xx":              {answer: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", endless: true, want: 504},
		"a storm of 100":              {answer: "HTTP/1.1 100 Continue\r\n\r\n", endless: true, want: 504},
		"more body than it said":      {answer: head + "bodySURPLUS", want: 200, end: observe.EndComplete, body: "body"},
		"another answer behind it":    {answer: head + "bodyHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON", want: 200, end: observe.EndComplete, body: "body"},
		"a body behind 204":           {answer: "HTTP/1.1 204 No Content\r\n\r\nPOISON", want: 204, end: observe.EndComplete},
		"a body behind 304":           {answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\nPOISON", want: 304, end: observe.EndComplete},
		"less body than it said":      {answer: head + "bo", want: 200, end: observe.EndBroken, body: "bo"},
		"a chunk that breaks off":     {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbo", want: 200, end: observe.EndBroken},
		"a bad chunk":                 {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbodyXX", want: 200, end: observe.EndBroken},
		"a chunk of 2^64 bytes":       {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", want: 200, end: observe.EndBroken},
		"a trailer of framing":        {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", want: 200, end: observe.EndBroken},
		"something behind the chunks": {answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\nPOISON", want: 200, end: observe.EndComplete, body: "body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				for {
					lines, err := headLines(r)
					if err != nil {
						return
					}
					if strings.HasPrefix(lines[0], "GET /good") {
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
						continue
					}
					_, err = io.WriteString(c, test.answer)
					for err == nil && test.endless {
						_, err = io.WriteString(c, test.answer)
					}
					if test.end == observe.EndBroken || err != nil {
						return
					}
				}
			})
			rig := newRig(t, origin, func(o *proxy.Options) {
				if test.endless { // nothing else is to run into a bound, on a busy machine either
					o.AnswerTimeout = 3 * time.Second
				}
			})
			c, r := rig.dial()
			send(t, c, "GET /bad HTTP/1.1\r\nHost: a\r\n\r\n")
			response, body, err := finalResponse(r)
			if response == nil || response.StatusCode != test.want {
				t.Fatalf("got %v, %v; want %d", response, err, test.want)
			}
			if test.want < 500 && !strings.HasPrefix(body, test.body) || strings.Contains(body, "POISON") || strings.Contains(body, "SURPLUS") {
				t.Errorf("got the body %q, want %q", body, test.body)
			}
			if broken := test.end == observe.EndBroken; broken != (err != nil) {
				t.Errorf("got %v, want the answer to be whole: %t", err, !broken)
			}
			a := rig.wait(1)[0]
			end, whose := test.end, observe.OriginUpstream
			if end == "" {
				end, whose = observe.EndComplete, observe.OriginOurs
			}
			if a.Status != test.want || a.End != end || a.Origin != whose || !a.Forwarded || end == observe.EndBroken && a.Reason == "" {
				t.Errorf("recorded %d, %s, %s, reason %q; want %d, %s, %s", a.Status, a.End, a.Origin, a.Reason, test.want, end, whose)
			}
			for range 3 {
				if response, body := rig.do("GET", "/good", nil); response.StatusCode != 200 || body != "good" {
					t.Errorf("the next client got %s with %q, want its own 200", response.Status, body)
				}
			}
		})
	}
}

// finalResponse reads past interim answers.
func finalResponse(r *bufio.Reader) (*http.Response, string, error) {
	for {
		response, err := http.ReadResponse(r, &http.Request{Method: "GET"})
		if err != nil {
			return nil, "", err
		}
		if response.StatusCode < 200 && response.StatusCode != 101 {
			continue
		}
		body, err := io.ReadAll(response.Body)
		return response, string(body), err
	}
}

// TestEndlessHeadDripsInVain: bytes that keep coming do not extend the bound.
func TestEndlessHeadDripsInVain(t *testing.T) {
	t.Parallel()
	for name, drip := range map[string]string{"a byte": "a", "a 103": "HTTP/1.1 103 Early Hints\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				front, back := newMemory(), newMemory()
				var wg sync.WaitGroup
				wg.Go(func() {
					for c, err := back.Accept(); err == nil; c, err = back.Accept() {
						wg.Go(func() {
							_, err := headLines(bufio.NewReader(c))
							if drip == "a" {
								_, err = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ")
							}
							for ; err == nil; _, err = io.WriteString(c, drip) {
								time.Sleep(10 * time.Millisecond)
							}
							c.Close()
						})
					}
				})
				b := serveMemory(t, front, back)
				c, err := front.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				_ = c.SetDeadline(start.Add(5 * time.Minute))
				send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				response, _, err := finalResponse(bufio.NewReader(c))
				if took := time.Since(start); response == nil || response.StatusCode != 504 || took > 62*time.Second {
					t.Errorf("got %v, %v after %v; want 504 after the bound of 1m", response, err, took)
				}
				c.Close()
				b()
				back.Close()
				wg.Wait()
			})
		})
	}
}

// serveMemory starts a proxy between two networks in memory, and returns what
// ends it.
func serveMemory(t *testing.T, front, back *memory, change ...func(*proxy.Options)) (stop func()) {
	t.Helper()
	options := proxy.Options{Upstream: parse(t, "http://127.0.0.1:1"), Engine: newEngine(), Dial: back.dial}
	for _, c := range change {
		c(&options)
	}
	p, err := proxy.New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, front) }()
	return func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
}

// TestUnaskedAnswerIsNobodysOnAPooledConnection: it comes when the connection
// is unused, and with TLS it may have been read already.
func TestUnaskedAnswerIsNobodysOnAPooledConnection(t *testing.T) {
	t.Parallel()
	const own, unasked = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"
	for name, test := range map[string]struct {
		secure bool
		// now is how much of the unasked answer comes at once, the rest with the next.
		now int
	}{
		"plain":              {false, len(unasked)},
		"plain, half of one": {false, len(unasked) / 2},
		"TLS":                {true, len(unasked)},
		"TLS, half of one":   {true, len(unasked) / 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve := func(c net.Conn, flush func()) {
				r := bufio.NewReader(c)
				for rest := ""; ; rest = unasked[test.now:] {
					if _, err := headLines(r); err != nil {
						return
					}
					_, _ = io.WriteString(c, rest+own)
					_, _ = io.WriteString(c, unasked[:test.now])
					flush()
				}
			}
			upstream, change := unaskedOrigin(t, test.secure, serve)
			rig := newRig(t, upstream, change)
			c, r := rig.dial()
			for i := range 20 {
				send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				response, body, err := finalResponse(r)
				if err != nil || response.StatusCode != 200 || body != "own" {
					t.Fatalf("answer %d: got %v with %q (%v), want its own", i+1, response, body, err)
				}
			}
		})
	}
}

// unaskedOrigin is an upstream whose writes leave together.
func unaskedOrigin(t *testing.T, secure bool, serve func(c net.Conn, flush func())) (string, func(*proxy.Options)) {
	t.Helper()
	if !secure {
		return newRawOrigin(t, func(c net.Conn, _ *bufio.Reader) {
			held := &heldConn{Conn: c, on: true}
			serve(held, held.flush)
		}), func(*proxy.Options) {}
	}
	pki := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(pki.Close)
	config := &tls.Config{Certificates: pki.TLS.Certificates}
	url := newRawOrigin(t, func(c net.Conn, _ *bufio.Reader) {
		held := &heldConn{Conn: c}
		server := tls.Server(held, config)
		if err := server.Handshake(); err != nil {
			t.Errorf("handshake: %v", err)
			return
		}
		held.on = true
		serve(server, held.flush)
	})
	return strings.Replace(url, "http:", "https:", 1), func(o *proxy.Options) {
		o.RootCAs = pki.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	}
}

// heldConn keeps what is written until it is flushed.
type heldConn struct {
	net.Conn
	on   bool
	held bytes.Buffer
}

func (c *heldConn) Write(p []byte) (int, error) {
	if !c.on {
		return c.Conn.Write(p)
	}
	return c.held.Write(p)
}

func (c *heldConn) flush() {
	_, _ = c.Conn.Write(c.held.Bytes())
	c.held.Reset()
}

// early is an upstream that answers before it has read the body, and then does
// what rest says.
func early(t *testing.T, answer string, rest func(c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	return newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err != nil {
			return
		}
		_, _ = io.WriteString(c, answer)
		rest(c, r)
	})
}

func drainAll(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) }

// TestAnswerBeforeTheRequestEnds reaches the client, whatever becomes of the
// rest of the request.
func TestAnswerBeforeTheRequestEnds(t *testing.T) {
	t.Parallel()
	const answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch"
	for name, test := range map[string]struct {
		rest  func(net.Conn, *bufio.Reader)
		after func(c *net.TCPConn)
	}{
		"and the client goes on":       {drainAll, func(c *net.TCPConn) { _, _ = c.Write(make([]byte, 800_000)) }},
		"and the client leaves":        {drainAll, func(c *net.TCPConn) { c.Close() }},
		"and the client resets":        {drainAll, func(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }},
		"and the client stands still":  {drainAll, func(*net.TCPConn) {}},
		"and the client ends its half": {drainAll, func(c *net.TCPConn) { _ = c.CloseWrite() }},
		"and the upstream reads no more": {func(c net.Conn, _ *bufio.Reader) {
			_ = c.SetReadDeadline(time.Now().Add(time.Second))
			_, _ = c.Read(make([]byte, 1))
			time.Sleep(time.Second) // reads nothing meanwhile
		}, func(c *net.TCPConn) { _, _ = c.Write(make([]byte, 800_000)) }},
		"and the upstream closes": {func(net.Conn, *bufio.Reader) {}, func(c *net.TCPConn) { _, _ = c.Write(make([]byte, 800_000)) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, early(t, answer, test.rest), func(o *proxy.Options) { o.Stall = 400 * time.Millisecond })
			c, r := rig.dial()
			send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
			if _, err := c.Write(make([]byte, 200_000)); err != nil {
				t.Fatal(err)
			}
			response, body, err := finalResponse(r)
			if err != nil || response.StatusCode != 413 || body != "much" {
				t.Fatalf("got %v with %q (%v), want the upstream's 413", response, body, err)
			}
			test.after(c.(*net.TCPConn))
			a := rig.wait(1)[0]
			if a.Status != 413 || a.UpstreamStatus != 413 || a.Origin != observe.OriginUpstream {
				t.Errorf("recorded %d of the upstream's %d, %s; want 413, the upstream's", a.Status, a.UpstreamStatus, a.Origin)
			}
		})
	}
}

// TestFaultsOnAnEarlyAnswer: what strikes between the upstream's answer and the
// end of the request is bounded, and leaves nothing behind.
func TestFaultsOnAnEarlyAnswer(t *testing.T) {
	t.Parallel()
	lost := answerFault("lost", 503)
	lost.Answer.At = faults.SideAfter
	for name, test := range map[string]struct {
		fault faults.Fault
		// stall is set when the client sends no more, else it sends the rest.
		stall bool
		reset bool
	}{
		"a delay":                            {fault: late("late", 100*time.Millisecond)},
		"a delay, the client stands still":   {fault: late("late", 100*time.Millisecond), stall: true},
		"a reset":                            {fault: breakAt(faults.BreakReset, faults.BreakAfter), reset: true},
		"a reset, the client stands still":   {fault: breakAt(faults.BreakReset, faults.BreakAfter), stall: true, reset: true},
		"a close":                            {fault: breakAt(faults.BreakClose, faults.BreakAfter)},
		"a close after the head":             {fault: breakAt(faults.BreakClose, faults.BreakAfterHead)},
		"a reset in the body":                {fault: breakAt(faults.BreakReset, faults.BreakMidBody), reset: true},
		"an answer":                          {fault: lost},
		"an answer, the client stands still": {fault: lost, stall: true},
		"a throttle":                         {fault: faults.Fault{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 20, Chunk: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, early(t, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmuch", drainAll), func(o *proxy.Options) { o.Stall = 300 * time.Millisecond })
			rig.apply(test.fault)
			c, _ := rig.dial()
			send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
			wrote := make(chan error, 1)
			go func() {
				var err error
				defer func() { wrote <- err }()
				page := make([]byte, 10_000)
				for i := range 100 {
					if i == 20 && test.stall {
						return
					}
					if _, err = c.Write(page); err != nil {
						return
					}
					time.Sleep(time.Millisecond) // so that the upload is under way
				}
				_ = c.(*net.TCPConn).CloseWrite()
			}()
			_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
			_, err := io.ReadAll(c)
			// The system tells of a reset once: whoever comes first, to read or to write.
			if reset := errors.Is(errors.Join(err, <-wrote), syscall.ECONNRESET); test.reset && !reset || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v, want a reset %t, and an end in any case", err, test.reset)
			}
			c.Close()
			began := time.Now()
			a := rig.wait(1)[0]
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("recorded after %v, want soon", took)
			}
			if a.UpstreamStatus != 200 || !a.Forwarded {
				t.Errorf("recorded the upstream's %d, forwarded %t; want 200, forwarded", a.UpstreamStatus, a.Forwarded)
			}
		})
	}
}

// TestNoBytesOfOneExchangeInAnother runs good, broken and abandoned exchanges
// side by side over one pool: every answer is the client's own.
func TestNoBytesOfOneExchangeInAnother(t *testing.T) {
	t.Parallel()
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			lines, err := headLines(r)
			if err != nil {
				return
			}
			target := strings.Fields(lines[0])[1]
			body := strings.Repeat(target+"|", 2000)
			switch {
			case strings.Contains(target, "short"):
				_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body)+10, body)
				return
			case strings.Contains(target, "more"):
				_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%sHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON", len(body), body)
			case strings.Contains(target, "chunks"):
				_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
			default:
				_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			}
		}
	})
	rig := newRig(t, origin)
	var wg sync.WaitGroup
	var asked atomic.Int64
	for worker := range 8 {
		wg.Go(func() {
			for i := range 40 {
				kind := []string{"whole", "short", "more", "chunks", "leave"}[i%5]
				target := fmt.Sprintf("/%s/%d/%d", kind, worker, i)
				asked.Add(1)
				c, err := net.Dial("tcp", rig.addr)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(c, "GET "+target+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
				if kind == "leave" {
					_, _ = c.Read(make([]byte, 100))
					c.Close()
					continue
				}
				_, body, _ := finalResponse(bufio.NewReader(c))
				if strings.ReplaceAll(body, target+"|", "") != "" {
					t.Errorf("%s got bytes of another answer: %.200q", target, strings.ReplaceAll(body, target+"|", ""))
				}
				c.Close()
			}
		})
	}
	wg.Wait()
	rig.wait(int(asked.Load()))
}
