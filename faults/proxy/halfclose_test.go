package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// closeWrite ends what the client sends.
func closeWrite(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}

// reset ends a connection by a reset.
func reset(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// TestResetBehindAHalfCloseIsSeenAtOnce: the client has closed its sending half,
// and leaves while it is held back or the upstream works.
func TestResetBehindAHalfCloseIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault []faults.Fault
		// wait is how long the upstream takes for its answer, rest for the end of it.
		wait, rest time.Duration
		body       string
	}{
		"in a late delay":           {[]faults.Fault{late("slow", time.Minute)}, 600 * time.Millisecond, 0, ""},
		"in a late hang":            {[]faults.Fault{breakAt(faults.BreakHang, faults.BreakAfter)}, 600 * time.Millisecond, 0, ""},
		"in a pause of a throttle":  {[]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 60}}}, 0, 0, ""},
		"while the upstream works":  {nil, 4 * time.Second, 0, ""},
		"while the upstream pauses": {nil, 600 * time.Millisecond, 4 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				pause(r, test.wait)
				_, _ = io.WriteString(w, strings.Repeat("x", 100))
				if test.rest > 0 {
					_ = http.NewResponseController(w).Flush()
					pause(r, test.rest)
					_, _ = io.WriteString(w, "y")
				}
			}))
			rig.apply(test.fault...)
			c, r := rig.dial()
			send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
			closeWrite(t, c)
			if test.rest > 0 || strings.Contains(name, "throttle") {
				readHead(t, r)
			}
			switch {
			case held(rig.engine) == 0 && len(test.fault) > 0 && test.fault[0].Throttle == nil:
				eventually(t, func() bool { return held(rig.engine) == 1 })
			default:
				time.Sleep(700 * time.Millisecond) // the proxy sees the half close meanwhile
			}
			began := time.Now()
			reset(t, c)
			a := rig.wait(1)[0]
			// It is at once; on a busy machine it is still before anything else can end it.
			if took := time.Since(began); a.End != observe.EndClientLeft || took > 3*time.Second {
				t.Errorf("recorded %s after %v, want client_left at once", a.End, took)
			}
			if n := held(rig.engine); n != 0 {
				t.Errorf("got %d held afterwards, want 0", n)
			}
		})
	}
}

// pause waits unless the request is given up.
func pause(r *http.Request, wait time.Duration) {
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
	}
}

// TestClientThatLeavesItsUploadEndsALateHold: somebody else reads from it.
func TestClientThatLeavesItsUploadEndsALateHold(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*testing.T, net.Conn){
		"by a reset": reset,
		"in order":   func(_ *testing.T, c net.Conn) { c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := headLines(r); err == nil {
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					_, _ = io.Copy(io.Discard, r)
				}
			}))
			rig.apply(late("slow", time.Minute))
			c, _ := rig.dial()
			send(t, c, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n%s", addPath, strings.Repeat("x", 100_000)))
			eventually(t, func() bool { return held(rig.engine) == 1 })
			leave(t, c)
			if a := rig.wait(1)[0]; a.End != observe.EndClientLeft || a.Delay > 30*time.Second {
				t.Errorf("recorded %s after %v, want client_left at once", a.End, a.Delay)
			}
		})
	}
}

// TestPipelinedRequestsBehindAHalfCloseAreAnswered, all of them, though the
// end is seen while the first one waits for the upstream.
func TestPipelinedRequestsBehindAHalfCloseAreAnswered(t *testing.T) {
	t.Parallel()
	const requests = 5
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		time.Sleep(400 * time.Millisecond)
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}))
	c, r := rig.dial()
	for i := range requests {
		send(t, c, fmt.Sprintf("POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n%d", i, i))
	}
	closeWrite(t, c)
	for i := range requests {
		response, body, err := finalResponse(r)
		if want := fmt.Sprintf("/%d %d", i, i); err != nil || body != want {
			t.Fatalf("answer %d: got %q, %v; want %q", i+1, body, err, want)
		}
		if last := i == requests-1; response.Close != last {
			t.Errorf("answer %d says close: %t, want %t", i+1, response.Close, last)
		}
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v; want the end", rest, err)
	}
	for _, a := range rig.wait(requests) {
		if a.End != observe.EndComplete || a.Status != 200 {
			t.Errorf("recorded %s, %d; want complete, 200", a.End, a.Status)
		}
	}
}

// TestPipelinedRequestsOfWhoHasLeftAreNotSent: their client reset the
// connection, so nobody waits for what they do.
func TestPipelinedRequestsOfWhoHasLeftAreNotSent(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 10)
	rig := newRig(t, newOrigin(t, func(_ http.ResponseWriter, r *http.Request) {
		seen <- r.URL.Path
		pause(r, 4*time.Second)
	}))
	c, _ := rig.dial()
	send(t, c, strings.Repeat("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 3))
	closeWrite(t, c)
	<-seen
	time.Sleep(600 * time.Millisecond) // the proxy sees the half close meanwhile
	reset(t, c)
	if a := rig.wait(1)[0]; a.End != observe.EndClientLeft {
		t.Errorf("recorded %s, want client_left", a.End)
	}
	rig.stop()
	if n := len(seen); n > 0 {
		t.Errorf("%d more requests reached the upstream, want none", n)
	}
}

// TestHalfClosingClientGetsItsAnswer: quickly, late, and when it is large.
func TestHalfClosingClientGetsItsAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wait  time.Duration
		size  int
		fault []faults.Fault
	}{
		"at once":              {0, 10, nil},
		"late":                 {600 * time.Millisecond, 10, nil},
		"large":                {600 * time.Millisecond, 5 << 20, nil},
		"injected":             {0, 10, []faults.Fault{answerFault("down", 503)}},
		"spoilt":               {600 * time.Millisecond, 1000, []faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 5000}}}},
		"behind an upload too": {600 * time.Millisecond, 10, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				time.Sleep(test.wait)
				_, _ = w.Write(make([]byte, test.size))
			}))
			rig.apply(test.fault...)
			c, r := rig.dial()
			body := ""
			if strings.Contains(name, "upload") {
				body = strings.Repeat("x", 300_000)
			}
			send(t, c, "POST "+searchPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
			if err := c.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			want := 200
			if name == "injected" {
				want = 503
			}
			response, got, err := finalResponse(r)
			if err != nil || response.StatusCode != want || want == 200 && len(got) != test.size {
				t.Fatalf("got %v with %d bytes (%v), want %d with %d", response, len(got), err, want, test.size)
			}
			if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
				t.Errorf("got %q, %v; want the end in order", rest, err)
			}
			c.Close()
			if a := rig.wait(1)[0]; a.End != observe.EndComplete || a.Status != want {
				t.Errorf("recorded %s, %d; want complete, %d", a.End, a.Status, want)
			}
		})
	}
}
