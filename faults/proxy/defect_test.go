package proxy_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// plant is a defect that waits for its place and shows once.
type plant struct {
	// within is a function that must be on the stack, "" for any.
	within string
	armed  atomic.Bool
}

func newPlant(within string) *plant {
	p := &plant{within: within}
	p.armed.Store(true)
	return p
}

// here is where the defect may show.
func (p *plant) here() {
	if p != nil && p.armed.Load() && on(p.within) && p.armed.Swap(false) {
		panic("planted")
	}
}

// on reports whether a function of that name is being called.
func on(name string) bool {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, name) {
			return true
		}
		if !more {
			return false
		}
	}
}

// minedConn has a defect in its reads or writes.
type minedConn struct {
	net.Conn
	read, write *plant
}

func (c minedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.here()
	return n, err
}

func (c minedConn) Write(p []byte) (int, error) {
	c.write.here()
	return c.Conn.Write(p)
}

func (c minedConn) CloseWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }

// minedListener accepts connections that have one.
type minedListener struct {
	net.Listener
	mined minedConn
}

func (l minedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	mined := l.mined
	mined.Conn = c
	return mined, nil
}

// mine is where the defect of a test is planted.
type mine struct {
	client, upstream minedConn
	// dial is in the making of connections to the upstream.
	now, record, dial *plant
}

// logged keeps what is logged at the level of errors.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newMinedRig is a rig with a defect in it, and what it logs of it.
func newMinedRig(t *testing.T, m mine, upstream string) (*rig, *logged) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if m.client != (minedConn{}) {
		l = minedListener{Listener: l, mined: m.client}
	}
	log := new(logged)
	r := newRigOn(t, l, upstream, drain(2000), func(o *proxy.Options) {
		o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))
		record := o.Record
		o.Record = func(a *observe.Attempt) {
			m.record.here()
			record(a)
		}
		o.Now = func() time.Time {
			m.now.here()
			return time.Now()
		}
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			m.dial.here()
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil || m.upstream == (minedConn{}) {
				return c, err
			}
			mined := m.upstream
			mined.Conn = c
			return mined, nil
		}
	})
	return r, log
}

// narrow is a fault that every exchange needs the one slot of.
func narrow() faults.Fault {
	wait := time.Millisecond
	return faults.Fault{Name: "narrow", Trigger: faults.Trigger{MaxActive: 1}, Delay: &faults.Delay{Fixed: &wait}}
}

// TestDefectEndsItsExchangeAlone plants a panic in each goroutine that serves
// an exchange, and in each part of it.
func TestDefectEndsItsExchangeAlone(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 300_000)
	for name, test := range map[string]struct {
		mine mine
		body string
		// told is whether the client gets an answer of ours, recorded whether the
		// exchange is in the journal.
		told, recorded bool
	}{
		"in the head":               {mine{now: newPlant("session).readMore")}, "", true, true},
		"in the decision":           {mine{now: newPlant("session).proceed")}, "", true, true},
		"while the upstream is met": {mine{dial: newPlant("")}, "", true, true},
		"while it is asked":         {mine{upstream: minedConn{write: newPlant("session).writeRequest")}}, "", true, true},
		"while it answers":          {mine{upstream: minedConn{read: newPlant("session).readAnswer")}}, "", true, true},
		"in the body on its way":    {mine{upstream: minedConn{write: newPlant("session).pourRest")}}, large, true, true},
		"in the reading of a body":  {mine{client: minedConn{read: newPlant("session).pour")}}, large, true, true},
		"in the watch":              {mine{client: minedConn{read: newPlant("session).readAhead")}}, "watched", true, true},
		"in the answer":             {mine{client: minedConn{write: newPlant("session).deliver")}}, "", true, true},
		"in the record":             {mine{record: newPlant("")}, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig, log := newMinedRig(t, test.mine, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if string(body) == "watched" {
					time.Sleep(800 * time.Millisecond)
				}
				_, _ = io.WriteString(w, "done")
			}))
			rig.apply(narrow())
			c, r := rig.dial()
			go func() { _ = writeRequest(c, test.body) }()
			if test.body == "watched" {
				go func() {
					time.Sleep(200 * time.Millisecond)
					_, _ = io.WriteString(c, "G") // for the watch to read
				}()
			}
			response, err := http.ReadResponse(r, nil)
			switch {
			case err != nil:
				t.Errorf("got %v, want an answer", err)
			case test.told && (response.StatusCode != 500 || response.Header.Get("Groovechaos-Failure") != "defect"):
				t.Errorf("got %s with failure %q, want 500 with defect", response.Status, response.Header.Get("Groovechaos-Failure"))
			case !test.told && response.StatusCode != 200:
				t.Errorf("got %s, want 200", response.Status)
			}
			if _, err := io.Copy(io.Discard, r); err != nil && test.told {
				t.Errorf("after the answer: %v, want the end in order", err)
			}
			if test.recorded {
				if a := rig.wait(1)[0]; a.Origin != observe.OriginOurs {
					t.Errorf("recorded origin %s, %q; want ours", a.Origin, a.Reason)
				}
			}
			if text := log.String(); strings.Count(text, "planted") != 1 || !strings.Contains(text, "stack=") {
				t.Errorf("logged %q, want the defect once", text)
			}
			// The next exchange gets its slot, and its answer.
			if response, body := rig.do("GET", searchPath, nil); response.StatusCode != 200 || body != "done" {
				t.Errorf("the next got %s, %q", response.Status, body)
			}
			if a := rig.wait(1)[0]; len(a.DelayedBy) != 1 {
				t.Errorf("the next was delayed by %v, want narrow: the slot leaked", a.DelayedBy)
			}
		})
	}
}

// TestDefectWhileAttendedEndsItsExchangeAlone plants it where a request is served without its connection being read again: in
// its first bytes, in the making of the answer of a later exchange, behind which an injected one reads no clock, and in the
// sending of a relayed one, whose head the upstream has given already.
func TestDefectWhileAttendedEndsItsExchangeAlone(t *testing.T) {
	t.Parallel()
	injected := []faults.Fault{{Name: "narrow", Trigger: faults.Trigger{MaxActive: 1}, Answer: &faults.Answer{Status: 503}}}
	for within, test := range map[string]struct {
		set    []faults.Fault
		status int
	}{
		"session).came":       {injected, 503},
		"exchange).injection": {injected, 503},
		"session).send":       {nil, 200},
	} {
		t.Run(within, func(t *testing.T) {
			t.Parallel()
			p := newPlant(within)
			p.armed.Store(false) // until the connection is attended
			rig, log := newMinedRig(t, mine{now: p}, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.set != nil {
					t.Error("the upstream was asked")
				}
				_, _ = io.WriteString(w, "done")
			}))
			rig.apply(test.set...)
			if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != test.status {
				t.Fatalf("got %s, want %d", response.Status, test.status)
			}
			p.armed.Store(true)
			if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != 500 || response.Header.Get("Groovechaos-Failure") != "defect" {
				t.Errorf("got %s with failure %q, want 500 with defect", response.Status, response.Header.Get("Groovechaos-Failure"))
			}
			if got := rig.wait(2); got[1].Origin != observe.OriginOurs || got[1].Conn != got[0].Conn {
				t.Errorf("recorded origin %s on connection %d behind %d, want ours on the same", got[1].Origin, got[1].Conn, got[0].Conn)
			}
			if text := log.String(); strings.Count(text, "planted") != 1 {
				t.Errorf("logged %q, want the defect once", text)
			}
			if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != test.status {
				t.Errorf("the next got %s, want %d: what it held leaked", response.Status, test.status)
			}
		})
	}
}

func writeRequest(w io.Writer, body string) error {
	request, err := http.NewRequest("POST", "http://a"+searchPath, strings.NewReader(body))
	if err != nil {
		return err
	}
	return request.Write(w)
}

// TestDefectInATunnelEndsIt in either direction, and ends the connections.
func TestDefectInATunnelEndsIt(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]mine{
		"to the upstream":   {upstream: minedConn{write: newPlant("proxy.pump")}},
		"from the upstream": {upstream: minedConn{read: newPlant("proxy.pump")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig, log := newMinedRig(t, m, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := headLines(r); err == nil {
					_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
					_, _ = io.Copy(c, r)
				}
			}))
			c, r := rig.dial()
			send(t, c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			if head := readHead(t, r); head[0] != "HTTP/1.1 101 Switching Protocols" {
				t.Fatalf("got %q, want 101", head[0])
			}
			send(t, c, "hello")
			if text, _ := io.ReadAll(r); len(text) > 0 {
				t.Errorf("got %q, want nothing", text)
			}
			if a := rig.wait(1)[0]; a.Origin != observe.OriginOurs || a.End != observe.EndBroken {
				t.Errorf("recorded %s, %s; want ours, broken", a.Origin, a.End)
			}
			if text := log.String(); strings.Count(text, "planted") != 1 {
				t.Errorf("logged %q, want the defect once", text)
			}
		})
	}
}

// TestHTTP2DefectEndsItsExchangeAlone, also where net/http calls what is ours.
func TestHTTP2DefectEndsItsExchangeAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mine mine
		want int
	}{
		"in the decision":     {mine{now: newPlant("exchange).decide")}, 500},
		"in the dialling":     {mine{dial: newPlant("")}, 500},
		"in the request":      {mine{upstream: minedConn{write: newPlant("http2Link).Write.func1")}}, 500},
		"while it is awaited": {mine{upstream: minedConn{read: newPlant("http2Link).Read.func1")}}, 500},
		"in the record":       {mine{record: newPlant("")}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig, log := newMinedRig(t, test.mine, newOrigin(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "done") }))
			speakHTTP2(rig)
			rig.apply(narrow())
			if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != test.want {
				t.Errorf("got %s, want %d", response.Status, test.want)
			}
			if test.want == 500 {
				if a := rig.wait(1)[0]; a.Origin != observe.OriginOurs {
					t.Errorf("recorded origin %s, %q; want ours", a.Origin, a.Reason)
				}
			}
			if text := log.String(); strings.Count(text, "planted") != 1 {
				t.Errorf("logged %q, want the defect once", text)
			}
			if response, body := rig.do("GET", searchPath, nil); response.StatusCode != 200 || body != "done" {
				t.Errorf("the next got %s, %q", response.Status, body)
			}
			if a := rig.wait(1)[0]; len(a.DelayedBy) != 1 {
				t.Errorf("the next was delayed by %v, want narrow: the slot leaked", a.DelayedBy)
			}
		})
	}
}
