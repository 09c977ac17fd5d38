package proxy_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// manyOrigin answers in the way that the path names.
func manyOrigin(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	kind, size, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	n, _ := strconv.Atoi(size)
	switch kind {
	case "slow":
		time.Sleep(time.Duration(n) * time.Millisecond)
	case "hang":
		<-r.Context().Done()
	case "empty":
		w.WriteHeader(n)
	case "size":
		w.Header().Set("Content-Length", size)
		_, _ = w.Write(make([]byte, n))
	case "chunks":
		for range n {
			_, _ = io.WriteString(w, "chunk")
			_ = http.NewResponseController(w).Flush()
		}
	default:
		fmt.Fprintf(w, "%s %s %s", r.Method, kind, body)
	}
}

// kept is a connection that has carried an exchange, so that the next request
// finds it idle.
func kept(t *testing.T, rig *rig) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	c, r := rig.dial()
	send(t, c, "GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
	if response, body, err := finalResponse(r); err != nil || response.StatusCode != 200 || body != "GET first " {
		t.Fatalf("the first answer: got %v, %q, %v", response, body, err)
	}
	rig.wait(1)
	return c.(*net.TCPConn), r
}

// keptCase is what a client sends on a connection that has been idle, in pieces
// that arrive one by one, and what comes back.
type keptCase struct{ pieces, want []string }

const keptGet = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"

var keptCases = map[string]keptCase{
	"one request":                   {[]string{fmt.Sprintf(keptGet, "one")}, []string{"GET one "}},
	"two at once":                   {[]string{fmt.Sprintf(keptGet, "one") + fmt.Sprintf(keptGet, "two")}, []string{"GET one ", "GET two "}},
	"one and a half":                {[]string{fmt.Sprintf(keptGet, "one") + "GET /tw", "o HTTP/1.1\r\nHost: a\r\n\r\n"}, []string{"GET one ", "GET two "}},
	"half and half":                 {[]string{"GET /one HTTP/1.1\r\nHo", "st: a\r\n\r\n"}, []string{"GET one "}},
	"an empty line before":          {[]string{"\r\n" + fmt.Sprintf(keptGet, "one")}, []string{"GET one "}},
	"a body at once":                {[]string{"POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"}, []string{"POST one abc"}},
	"a body later":                  {[]string{"POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", "ab", "c"}, []string{"POST one abc"}},
	"a body of no bytes":            {[]string{"POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"}, []string{"POST one "}},
	"a chunked body":                {[]string{"POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}, []string{"POST one abc"}},
	"a chunked body later":          {[]string{"POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n", "0\r\n\r\n"}, []string{"POST one abc"}},
	"exactly a window":              {[]string{"GET /one HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 1024-len("GET /one HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n")) + "\r\n\r\n"}, []string{"GET one "}},
	"more than a window":            {[]string{"GET /one HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 5000) + "\r\n\r\n"}, []string{"GET one "}},
	"an answer that takes long":     {[]string{fmt.Sprintf(keptGet, "slow/60")}, []string{""}},
	"an answer without a body":      {[]string{fmt.Sprintf(keptGet, "empty/204")}, []string{""}},
	"an answer of no bytes":         {[]string{fmt.Sprintf(keptGet, "size/0")}, []string{""}},
	"a large answer":                {[]string{fmt.Sprintf(keptGet, "size/300000")}, []string{strings.Repeat("\x00", 300_000)}},
	"an answer in chunks":           {[]string{fmt.Sprintf(keptGet, "chunks/20")}, []string{strings.Repeat("chunk", 20)}},
	"three, of which two take long": {[]string{fmt.Sprintf(keptGet, "slow/30") + fmt.Sprintf(keptGet, "slow/30"), fmt.Sprintf(keptGet, "three")}, []string{"", "", "GET three "}},
}

// TestKeptConnection sends what a client may send, and an ordinary request behind it.
func TestKeptConnection(t *testing.T) {
	t.Parallel()
	for name, test := range keptCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, manyOrigin))
			c, r := kept(t, rig)
			test.play(t, r, func(pieces ...string) {
				for _, piece := range pieces {
					send(t, c, piece)
					time.Sleep(5 * time.Millisecond) // so that it arrives by itself
				}
			})
			test.check(t, rig)
		})
	}
}

// keptRounds is how often a case is played.
const keptRounds = 3

// play sends the pieces, again and again, each time with an ordinary request behind the answers.
func (k *keptCase) play(t *testing.T, r *bufio.Reader, send func(pieces ...string)) {
	t.Helper()
	for range keptRounds {
		send(k.pieces...)
		for i, want := range k.want {
			if response, body, err := finalResponse(r); err != nil || body != want {
				t.Fatalf("answer %d: got %v, %.80q, %v; want %.80q", i+1, response, body, err, want)
			}
		}
		send(fmt.Sprintf(keptGet, "last"))
		if response, body, err := finalResponse(r); err != nil || body != "GET last " {
			t.Fatalf("the answer behind: got %v, %q, %v", response, body, err)
		}
	}
}

// check looks at what was recorded.
func (k *keptCase) check(t *testing.T, rig *rig) {
	t.Helper()
	for _, a := range rig.wait(keptRounds * (len(k.want) + 1)) {
		if a.End != observe.EndComplete || !a.Forwarded || a.Answered < a.Received {
			t.Errorf("recorded %s, forwarded %t, answered %v after it came; want complete", a.End, a.Forwarded, a.Answered-a.Received)
		}
	}
}

// TestKeptConnectionEnds: the end of what a client sends is seen at once, alone
// and when it comes together with a request.
func TestKeptConnectionEnds(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"alone":                      "",
		"with a request":             "GET /one HTTP/1.1\r\nHost: a\r\n\r\n",
		"with one that takes long":   "GET /slow/50 HTTP/1.1\r\nHost: a\r\n\r\n",
		"with one that is the last":  "GET /one HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		"with a part of a request":   "GET /one HT",
		"with one that is not valid": "GET one\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, manyOrigin))
			for range 20 {
				c, r := kept(t, rig)
				send(t, c, request)
				if err := c.CloseWrite(); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				got, err := io.ReadAll(r)
				if err != nil || time.Since(start) > 2*time.Second {
					t.Fatalf("got %q, %v after %v; want the end in order, and soon", got, err, time.Since(start))
				}
				if whole := strings.HasSuffix(request, "\r\n\r\n"); strings.HasPrefix(string(got), "HTTP/1.1 ") != whole {
					t.Errorf("got %q to %q", got, request)
				}
				c.Close()
			}
		})
	}
}

// TestKeptConnectionIsStruck: faults strike there as anywhere, and a connection
// that outlives them goes on.
func TestKeptConnectionIsStruck(t *testing.T) {
	t.Parallel()
	at := func(f faults.Fault, path string) faults.Fault {
		f.Match.Path = path
		return f
	}
	late := answerFault("late", 503)
	late.Answer.At = faults.SideAfter
	for name, test := range map[string]struct {
		set    []faults.Fault
		status int
		reset  bool
		least  time.Duration
	}{
		"an answer":                 {[]faults.Fault{answerFault("down", 503)}, 503, false, 0},
		"an answer after":           {[]faults.Fault{late}, 503, false, 0},
		"a delay":                   {[]faults.Fault{slow(80 * time.Millisecond)}, 200, false, 80 * time.Millisecond},
		"a delay and an answer":     {[]faults.Fault{slow(80 * time.Millisecond), answerFault("down", 503)}, 503, false, 80 * time.Millisecond},
		"a reset before":            {[]faults.Fault{breakAt(faults.BreakReset, faults.BreakBefore)}, 0, true, 0},
		"a reset after":             {[]faults.Fault{breakAt(faults.BreakReset, faults.BreakAfter)}, 0, true, 0},
		"a close after the head":    {[]faults.Fault{breakAt(faults.BreakClose, faults.BreakAfterHead)}, 0, false, 0},
		"a close inside the body":   {[]faults.Fault{breakAt(faults.BreakClose, faults.BreakMidBody)}, 0, false, 0},
		"a throttle":                {[]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 100}}}, 200, false, 50 * time.Millisecond},
		"a fault that lets it pass": {[]faults.Fault{{Name: "none", Trigger: faults.Trigger{Share: new(0.0)}, Answer: &faults.Answer{Status: 503}}}, 200, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, manyOrigin))
			for i := range test.set {
				test.set[i] = at(test.set[i], "/struck")
			}
			rig.apply(test.set...)
			c, r := kept(t, rig)
			for range 2 {
				start := time.Now()
				send(t, c, "GET /struck HTTP/1.1\r\nHost: a\r\n\r\n")
				response, _, err := finalResponse(r)
				took := time.Since(start)
				a := rig.wait(1)[0]
				switch {
				case test.status == 0:
					if err == nil || errors.Is(err, syscall.ECONNRESET) != test.reset || a.End != observe.EndBroken || a.Fault != test.set[0].Name {
						t.Errorf("got %v, recorded %s by %q; want a broken exchange", err, a.End, a.Fault)
					}
					return
				case err != nil || response.StatusCode != test.status || took < test.least:
					t.Fatalf("got %v, %v after %v; want %d, not before %v", response, err, took, test.status, test.least)
				case a.End != observe.EndComplete || a.Status != test.status || a.Delay > 0 && a.Delay < test.least:
					t.Errorf("recorded %s, %d, a delay of %v", a.End, a.Status, a.Delay)
				}
				send(t, c, "GET /free HTTP/1.1\r\nHost: a\r\n\r\n")
				if response, body, err := finalResponse(r); err != nil || body != "GET free " {
					t.Fatalf("the answer behind: got %v, %q, %v", response, body, err)
				}
				rig.wait(1)
			}
		})
	}
}

// TestKeptConnectionSendsItsBodyLater: the body of a request whose head comes alone is waited for, however it is
// framed: it is what the decision goes by, and has to be read ahead of an answer in the upstream's place.
func TestKeptConnectionSendsItsBodyLater(t *testing.T) {
	t.Parallel()
	for name, framing := range map[string][2]string{
		"chunked":  {"Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"},
		"a length": {"Content-Length: 3", "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, manyOrigin), drain(100))
			once := answerFault("once", 503)
			once.Match.Path, once.Trigger.Attempts = "/struck", 1
			rig.apply(once)
			head, body := "POST /struck HTTP/1.1\r\nHost: a\r\nX-Groovechaos-Call: one\r\n"+framing[0]+"\r\n\r\n", framing[1]
			c, r := kept(t, rig)
			_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
			var digests []string
			for i, status := range []int{503, 200} {
				send(t, c, head)
				time.Sleep(5 * time.Millisecond) // so that it arrives by itself
				send(t, c, body)
				if response, _, err := finalResponse(r); err != nil || response.StatusCode != status {
					t.Fatalf("attempt %d: got %v, %v; want %d", i+1, response, err, status)
				}
				a := rig.wait(1)[0]
				digests = append(digests, a.BodyDigest)
				if a.BodyLength != 3 || !a.BodyComplete {
					t.Errorf("attempt %d: recorded %d bytes, complete %t; want 3", i+1, a.BodyLength, a.BodyComplete)
				}
			}
			if digests[0] == "" || digests[0] != digests[1] {
				t.Errorf("got the digests %q, want the same", digests)
			}
		})
	}
}

// TestKeptConnectionIsLeft: a client that leaves while the upstream takes its
// time is seen to, and so is the upstream.
func TestKeptConnectionIsLeft(t *testing.T) {
	t.Parallel()
	asked, told := make(chan struct{}), make(chan struct{})
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hang") {
			close(asked)
			defer close(told)
		}
		manyOrigin(w, r)
	}))
	c, _ := kept(t, rig)
	send(t, c, "GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
	<-asked
	if err := c.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if a := rig.wait(1)[0]; a.End != observe.EndClientLeft || a.Status != 0 {
		t.Errorf("recorded %s, %d; want client_left, 0", a.End, a.Status)
	}
	select {
	case <-told:
	case <-time.After(time.Minute):
		t.Error("the upstream was not told within a minute")
	}
}

// TestKeptConnectionEndsWithTheProxy: one that is idle at once, one that waits
// for its upstream when the drain is over.
func TestKeptConnectionEndsWithTheProxy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		request string
		drain   int
		end     observe.End
	}{
		"idle":            {"", 60_000, observe.EndComplete},
		"with a hang":     {"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n", 400, observe.EndBroken},
		"just beginning":  {"GET /slow/5 HTTP/1.1\r\nHost: a\r\n\r\n", 60_000, observe.EndComplete},
		"within the time": {"GET /slow/100 HTTP/1.1\r\nHost: a\r\n\r\n", 60_000, observe.EndComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 2)
			rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				asked <- struct{}{}
				manyOrigin(w, r)
			}), drain(test.drain))
			c, r := kept(t, rig)
			<-asked
			if test.request != "" {
				send(t, c, test.request)
				<-asked // What nobody has read yet when the end begins has no answer.
			}
			start := time.Now()
			rig.stop()
			if took := time.Since(start); took > 30*time.Second || test.end == observe.EndBroken && took < 400*time.Millisecond {
				t.Errorf("the proxy ended after %v", took)
			}
			got, _ := io.ReadAll(r)
			if test.request == "" {
				return
			}
			a := rig.wait(1)[0]
			if a.End != test.end || strings.HasPrefix(string(got), "HTTP/1.1 200") != (test.end == observe.EndComplete) {
				t.Errorf("got %q, recorded %s; want %s", got, a.End, test.end)
			}
		})
	}
}

// TestHeldExchangeIsForwardedWhole: an exchange gives back its parsed head while
// it is held, and the window in which it stands grows by what the client sends
// meanwhile.
func TestHeldExchangeIsForwardedWhole(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %d %s", r.Method, r.URL, r.Header.Get("X-First"), len(r.Header.Get("X-Second")), body)
	}))
	rig.apply(slow(80 * time.Millisecond))
	c, r := rig.dial()
	send(t, c, "POST /one?q=1 HTTP/1.1\r\nHost: a\r\nX-First: first\r\nContent-Length: 3\r\n\r\nabc")
	time.Sleep(20 * time.Millisecond)
	send(t, c, "GET /two HTTP/1.1\r\nHost: a\r\nX-Second: "+strings.Repeat("x", 6000)+"\r\n\r\n")
	for _, want := range []string{"POST /one?q=1 first 0 abc", "GET /two  6000 "} {
		if response, body, err := finalResponse(r); err != nil || body != want {
			t.Errorf("got %v, %q, %v; want %q", response, body, err, want)
		}
	}
	for _, a := range rig.wait(2) {
		if a.Delay < 80*time.Millisecond || !strings.HasPrefix(a.Target, "/") || a.Status != 200 {
			t.Errorf("recorded %s %q, %d after %v; want a delay of 80ms", a.Method, a.Target, a.Status, a.Delay)
		}
	}
}
