package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// searchPath is a target of the contract, addPath one that is written to.
const (
	searchPath = "/1/content/music/search?q=one"
	addPath    = "/1/content/music/collection/add"
)

// rig is a proxy on a real loopback socket in front of an upstream.
type rig struct {
	t      *testing.T
	addr   string
	url    string
	engine *faults.Engine
	client *http.Client

	stop func()

	mu       sync.Mutex
	attempts []observe.Attempt
	recorded chan struct{}
}

// newRig starts a proxy for upstream. It ends with the test.
func newRig(t *testing.T, upstream string, change ...func(*proxy.Options)) *rig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newRigOn(t, l, upstream, change...)
}

func newRigOn(t *testing.T, l net.Listener, upstream string, change ...func(*proxy.Options)) *rig {
	t.Helper()
	target, err := url.Parse(upstream)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, addr: l.Addr().String(), engine: faults.NewEngine(1), recorded: make(chan struct{}, 1<<16)}
	r.url = "http://" + r.addr
	options := proxy.Options{Upstream: target, Engine: r.engine, Record: r.record}
	for _, c := range change {
		c(&options)
	}
	p, err := proxy.New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, l) }()
	r.client = newClient()
	r.stop = sync.OnceFunc(func() {
		r.client.CloseIdleConnections()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// newClient returns a client that adds as little as possible.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (r *rig) record(a *observe.Attempt) {
	r.mu.Lock()
	r.attempts = append(r.attempts, a.Clone())
	r.mu.Unlock()
	r.recorded <- struct{}{}
}

// wait returns the records of n more attempts.
func (r *rig) wait(n int) []observe.Attempt {
	r.t.Helper()
	for range n {
		select {
		case <-r.recorded:
		case <-time.After(10 * time.Second):
			r.t.Fatal("no attempt was recorded within 10s")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]observe.Attempt(nil), r.attempts[len(r.attempts)-n:]...)
}

func (r *rig) apply(set ...faults.Fault) {
	r.t.Helper()
	if err := r.engine.Apply(set); err != nil {
		r.t.Fatal(err)
	}
}

// do sends one request and returns the whole answer.
func (r *rig) do(method, target string, body io.Reader, header ...string) (*http.Response, string) {
	r.t.Helper()
	request, err := http.NewRequest(method, r.url+target, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response, string(text)
}

// dial opens a bare connection to the proxy, closed with the test.
func (r *rig) dial() (net.Conn, *bufio.Reader) {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		r.t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// send writes raw bytes.
func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// readHead reads the lines of a head up to the empty one.
func readHead(t *testing.T, r *bufio.Reader) []string {
	t.Helper()
	lines, err := headLines(r)
	if err != nil {
		t.Fatalf("read head after %q: %v", lines, err)
	}
	return lines
}

func headLines(r *bufio.Reader) ([]string, error) {
	var lines []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return lines, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return lines, nil
		}
		lines = append(lines, line)
	}
}

// newOrigin starts an upstream that net/http serves.
func newOrigin(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// newRawOrigin starts an upstream that hands each connection to serve.
func newRawOrigin(t *testing.T, serve func(c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Errorf("accept: %v", err)
				}
				return
			}
			wg.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				serve(c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	return "http://" + l.Addr().String()
}

// answerFault answers everything with status.
func answerFault(name string, status int) faults.Fault {
	return faults.Fault{Name: name, Answer: &faults.Answer{Status: status}}
}

// drain bounds the drain, in milliseconds.
func drain(milliseconds int) func(*proxy.Options) {
	return func(o *proxy.Options) { o.Drain = time.Duration(milliseconds) * time.Millisecond }
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newEngine() *faults.Engine { return faults.NewEngine(1) }
