package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// unreached is an upstream that fails the test when it is connected to.
func unreached(t *testing.T) string {
	t.Helper()
	return newRawOrigin(t, func(_ net.Conn, r *bufio.Reader) {
		line, _ := r.ReadString('\n')
		t.Errorf("the upstream was connected to, and got %q", line)
	})
}

// hidden is what an attack tries to have an upstream read as a request.
const hidden = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"

// TestRefusedRequestsReachNobody plays what no relay may pass on: the answer
// is 400 (or what the comment of the entry says), the connection ends in
// order, and there is one record.
func TestRefusedRequestsReachNobody(t *testing.T) {
	t.Parallel()
	const post = "POST / HTTP/1.1\r\nHost: a\r\n"
	for name, test := range map[string]struct {
		raw    string
		status int
	}{
		"CL.TE":                        {raw: post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"},
		"TE.CL":                        {raw: post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n21\r\n" + hidden + "\r\n0\r\n\r\n"},
		"TE.TE, the second nonsense":   {raw: post + "Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n0\r\n\r\n"},
		"TE.TE in a list":              {raw: post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden},
		"TE with a space before colon": {raw: post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
		"TE with a tab":                {raw: post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n"},
		"TE in HTTP/1.0":               {raw: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden},
		"CL.CL":                        {raw: post + "Content-Length: 0\r\nContent-Length: 32\r\n\r\n" + hidden},
		"CL in a list":                 {raw: post + "Content-Length: 5, 5\r\n\r\nhello"},
		"CL with a sign":               {raw: post + "Content-Length: +5\r\n\r\nhello"},
		"CL of 2^64":                   {raw: post + "Content-Length: 18446744073709551616\r\n\r\n" + hidden},
		"a fold":                       {raw: post + "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		"a bare CR":                    {raw: post + "X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		"a bare LF":                    {raw: post + "X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		"lines that end in LF":         {raw: "GET / HTTP/1.1\nHost: a\n\n"},
		"NUL":                          {raw: post + "X: \x00\r\n\r\n"},
		"a space before a colon":       {raw: post + "X : y\r\n\r\n"},
		"two Hosts":                    {raw: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
		"no Host":                      {raw: "GET / HTTP/1.1\r\n\r\n"},
		"a Host that is none":          {raw: "GET / HTTP/1.1\r\nHost: a/../b@c\r\n\r\n"},
		"Host named by Connection":     {raw: "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n"},
		"user information":             {raw: "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
		"two empty lines before":       {raw: "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
		"two spaces in the line":       {raw: "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
		"a space in the target":        {raw: "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
		"no version":                   {raw: "GET /\r\n\r\n"},
		"another version":              {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
		"half a preface":               {raw: "PRI * HTTP/2.0\r\n\r\nSM\r\r\r\r", status: 505},
		"garbage":                      {raw: "\x00\x01\x02\x03\xff\xfe"},
		"a ClientHello":                {raw: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x5a", 500)},
		"an endless method":            {strings.Repeat("A", 100), 501},
		"an endless target":            {"GET /" + strings.Repeat("a", 40<<10), 414},
		"an endless field":             {post + "X: " + strings.Repeat("a", 70<<10), 431},
		"too many fields":              {post + strings.Repeat("X: y\r\n", 300) + "\r\n", 431},
		"a chunk of 2^64 + 5":          {raw: post + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"},
		"a chunk of 2^63":              {raw: post + "Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\nhello"},
		"a chunk with a sign":          {raw: post + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"},
		"a chunk that ends early":      {raw: post + "Transfer-Encoding: chunked\r\n\r\n6\r\nhello\r\n0\r\n\r\n" + hidden},
		"a chunk that ends in LF":      {raw: post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
		"a trailer of framing":         {raw: post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
		"a request as a trailer":       {raw: post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + hidden},
		"a fragment in the target":     {raw: "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := test.status
			if status == 0 {
				status = 400
			}
			rig := newRig(t, unreached(t))
			checkRefusal(t, rig, test.raw, status)
		})
	}
}

// checkRefusal sends bytes and wants one answer of ours, the end in order, and
// one record.
func checkRefusal(t *testing.T, rig *rig, raw string, status int) {
	t.Helper()
	c, r := rig.dial()
	go func() { _, _ = io.WriteString(c, raw) }() // the end may come before all is sent
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("got %v, want %d", err, status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status || !response.Close || response.Header.Get("Groovechaos-Failure") == "" || !strings.HasPrefix(string(body), "groovechaos: ") {
		t.Errorf("got %s, close %t, %q (%v); want %d of ours and the end", response.Status, response.Close, body, err, status)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("got %q and %v after the answer, want the end in order", rest, err)
	}
	c.Close()
	a := rig.wait(1)[0]
	if a.Origin != observe.OriginOurs || a.Status != status || a.End != observe.EndComplete || a.Forwarded || a.Reason == "" {
		t.Errorf("recorded %s, %d, %s, forwarded %t, reason %q; want ours, %d, complete, not forwarded", a.Origin, a.Status, a.End, a.Forwarded, a.Reason, status)
	}
	rig.stop()
	if len(rig.attempts) != 1 {
		t.Errorf("got %d records, want 1", len(rig.attempts))
	}
}

// TestRefusedAfterAGoodRequest: what was answered before stays, what is hidden
// behind the refused one is never seen.
func TestRefusedAfterAGoodRequest(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	c, r := rig.dial()
	send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+hidden)
	for _, want := range []int{200, 400} {
		response, err := http.ReadResponse(r, nil)
		if err != nil || response.StatusCode != want {
			t.Fatalf("got %v, %v; want %d", response, err, want)
		}
		_, _ = io.Copy(io.Discard, response.Body)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
	c.Close()
	rig.wait(2)
	if seen.Load() != 1 {
		t.Errorf("the upstream saw %d requests, want 1", seen.Load())
	}
}

// TestHiddenRequestsStayInTheBody plays CL.0: the length decides whatever the
// method, so what looks like a request is body, and goes with it.
func TestHiddenRequestsStayInTheBody(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE", "POST", "TRACE"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			got := make(chan string, 1)
			rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := headLines(r); err != nil {
					return
				}
				body := make([]byte, len(hidden))
				_, _ = io.ReadFull(r, body)
				got <- string(body)
				_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
				if line, err := r.ReadString('\n'); err == nil {
					t.Errorf("the upstream got %q after the body", line)
				}
			}))
			c, r := rig.dial()
			send(t, c, fmt.Sprintf("%s / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", method, len(hidden), hidden))
			if head := readHead(t, r); head[0] != "HTTP/1.1 204 No Content" {
				t.Errorf("got %q, want 204", head[0])
			}
			if body := <-got; body != hidden {
				t.Errorf("the upstream got the body %q, want %q", body, hidden)
			}
			rig.wait(1)
			rig.stop()
			if len(rig.attempts) != 1 {
				t.Errorf("got %d records, want 1", len(rig.attempts))
			}
		})
	}
}

// TestAbsoluteFormOutweighsHost as RFC 9112 §3.2.2 has it: the upstream never
// sees the other host.
func TestAbsoluteFormOutweighsHost(t *testing.T) {
	t.Parallel()
	seen, _ := exchangeRaw(t, "GET http://one.example/a HTTP/1.1\r\nHost: two.example\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")
	if got := strings.Join(seen, "\n"); strings.Contains(got, "two.example") || strings.Count(strings.ToLower(got), "host:") != 1 || seen[0] != "GET /a HTTP/1.1" {
		t.Errorf("the upstream saw %q, want one Host and not two.example", seen)
	}
}

// TestHalfAHeadIsAnswered within the bound and recorded, however slowly its
// bytes come, and also behind a request that was answered before.
func TestHalfAHeadIsAnswered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, half string
		drip         bool
	}{
		"and then silence":           {"", "GET / HTTP/1.1\r\nHo", false},
		"byte by byte":               {"", "GET / HTTP/1.1\r\nHost: ", true},
		"behind another request":     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHo", false},
		"half of the HTTP/2 preface": {"", "PRI * HT", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) {})
				defer b.close()
				c, err := b.front.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				send(t, c, test.before+test.half)
				r := bufio.NewReader(c)
				if test.before != "" {
					readHead(t, r)
				}
				var dripping sync.WaitGroup
				defer dripping.Wait()
				defer c.Close()
				if test.drip {
					dripping.Go(func() {
						for err := error(nil); err == nil; time.Sleep(time.Second) {
							_, err = io.WriteString(c, "a")
						}
					})
				}
				_ = c.SetReadDeadline(start.Add(10 * time.Minute))
				head, err := headLines(r)
				if took := time.Since(start); err != nil || head[0] != "HTTP/1.1 408 Request Timeout" || took != 30*time.Second {
					t.Errorf("got %q, %v after %v; want 408 after 30s", head, err, took)
				}
				c.Close()
				synctest.Wait()
				attempts := b.recorded()
				if a := attempts[len(attempts)-1]; a.Status != 408 || a.Origin != observe.OriginOurs || a.End != observe.EndComplete {
					t.Errorf("recorded %d, %s, %s; want 408, ours, complete", a.Status, a.Origin, a.End)
				}
			})
		})
	}
}

// TestSecondHeadHasItsOwnTime: a request that begins while the one before is
// held back has not been slow.
func TestSecondHeadHasItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				time.Sleep(50 * time.Second)
			}
		})
		defer b.close()
		c, err := b.front.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		r := bufio.NewReader(c)
		send(t, c, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HT")
		if head := readHead(t, r); head[0] != "HTTP/1.1 200 OK" {
			t.Errorf("got %q, want 200", head[0])
		}
		time.Sleep(time.Second)
		send(t, c, "TP/1.1\r\nHost: a\r\n\r\n")
		if head := readHead(t, r); head[0] != "HTTP/1.1 200 OK" {
			t.Errorf("got %q for the second, want 200", head[0])
		}
	})
}

// TestUnusedConnectionIsClosedInTime: before its first request, and after one.
func TestUnusedConnectionIsClosedInTime(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{"new": "", "kept": "GET / HTTP/1.1\r\nHost: a\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) {})
				defer b.close()
				c, err := b.front.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				r := bufio.NewReader(c)
				if request != "" {
					send(t, c, request)
					readHead(t, r)
				}
				start := time.Now()
				if _, err := r.ReadByte(); err != io.EOF {
					t.Errorf("got %v, want the end", err)
				}
				if took := time.Since(start); took < 5*time.Minute || took > 5*time.Minute*5/4 {
					t.Errorf("got the end after %v, want 5m and at most a quarter more", took)
				}
				synctest.Wait()
				if n := len(b.recorded()); n != strings.Count(request, "GET") {
					t.Errorf("got %d records, want none of a connection that said nothing more", n)
				}
			})
		})
	}
}

// TestClientThatNeverReads is given up after the stall, and said so.
func TestClientThatNeverReads(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"of a declared length": "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
		"without a length":     "HTTP/1.1 200 OK\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := headLines(r); err != nil {
					return
				}
				_, err := io.WriteString(c, head)
				for page := make([]byte, 32<<10); err == nil; {
					_, err = c.Write(page)
				}
			}), func(o *proxy.Options) { o.Stall = 200 * time.Millisecond })
			c, _ := rig.dial()
			began := time.Now()
			send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			a := rig.wait(1)[0]
			if took := time.Since(began); took < 200*time.Millisecond || took > 5*time.Second {
				t.Errorf("it was given up after %v, want soon after 200ms", took)
			}
			if a.End != observe.EndBroken || a.Origin != observe.OriginOurs || a.Status != 200 || !strings.Contains(a.Reason, "did not read") {
				t.Errorf("recorded %s, %s, %d, %q; want broken, ours, 200, that it did not read", a.End, a.Origin, a.Status, a.Reason)
			}
			if got, err := io.ReadAll(c); err == nil && strings.Contains(head, "Length") && len(got) >= 100000000 {
				t.Errorf("got %d bytes and %v, want an answer that is cut off", len(got), err)
			}
		})
	}
}

// chunkedPost is the head of a request in chunks.
const chunkedPost = "POST " + addPath + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

// TestBadChunkBehindThePrefix: some of the body has gone to the upstream, but
// it never looks whole there.
func TestBadChunkBehindThePrefix(t *testing.T) {
	t.Parallel()
	saw := make(chan error, 1)
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		request, err := http.ReadRequest(r)
		if err == nil {
			_, err = io.Copy(io.Discard, request.Body)
		}
		saw <- err
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}))
	c, r := rig.dial()
	send(t, c, chunkedPost)
	for range 5 {
		send(t, c, "8000\r\n"+strings.Repeat("x", 0x8000)+"\r\n")
	}
	send(t, c, "zz\r\n")
	if head := readHead(t, r); head[0] != "HTTP/1.1 400 Bad Request" {
		t.Errorf("got %q, want 400", head[0])
	}
	c.Close()
	if err := <-saw; err == nil {
		t.Error("the upstream read a whole body, want one that breaks off")
	}
	a := rig.wait(1)[0]
	if a.Origin != observe.OriginOurs || a.Status != 400 || a.BodyComplete || !a.Forwarded || a.BodyLength != 5*0x8000 {
		t.Errorf("recorded %s, %d, %d bytes, complete %t, forwarded %t; want ours, 400, %d, forwarded in part", a.Origin, a.Status, a.BodyLength, a.BodyComplete, a.Forwarded, 5*0x8000)
	}
}

// TestBodyThatStandsStill is bounded before and behind the decision.
func TestBodyThatStandsStill(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"inside the prefix": 10, "behind it": 200 << 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }),
				func(o *proxy.Options) { o.Stall = 200 * time.Millisecond })
			c, r := rig.dial()
			send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", size))
			if head := readHead(t, r); head[0] != "HTTP/1.1 408 Request Timeout" {
				t.Errorf("got %q, want 408", head[0])
			}
			c.Close()
			if a := rig.wait(1)[0]; a.Status != 408 || a.Origin != observe.OriginOurs || a.BodyComplete || a.BodyLength != int64(size) {
				t.Errorf("recorded %d, %s, %d bytes, complete %t; want 408, ours, %d, not complete", a.Status, a.Origin, a.BodyLength, a.BodyComplete, size)
			}
		})
	}
}
