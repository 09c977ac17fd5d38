package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	const next = "HTTP/1.1 204 next\r\nContent-Length: 0\r\n\r\n"
	for name, test := range map[string]struct {
		text   string
		status int
	}{
		"a length":             {"HTTP/1.1 200 OK\r\nDate: x\r\ncontent-length: 3\r\n\r\nabc", 200},
		"no body":              {"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", 503},
		"no reason":            {"HTTP/1.1 429\r\nContent-Length: 1\r\n\r\nx", 429},
		"chunks":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", 200},
		"an empty chunked one": {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := bufio.NewReader(strings.NewReader(test.text + next))
			if status, err := readAnswer(r); err != nil || status != test.status {
				t.Errorf("got status %d, %v, want %d", status, err, test.status)
			}
			if status, err := readAnswer(r); err != nil || status != 204 {
				t.Errorf("got status %d, %v for the next one, want 204: it ended elsewhere", status, err)
			}
		})
	}
}

func TestReadAnswerRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":          "",
		"no status":        "hello\r\n\r\n",
		"a word as status": "HTTP/1.1 abc OK\r\n\r\n",
		"no end":           "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody",
		"a bad length":     "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"a bad chunk":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"half a body":      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
		"half a head":      "HTTP/1.1 200 OK\r\nContent-",
	} {
		if status, err := readAnswer(bufio.NewReader(strings.NewReader(text))); err == nil {
			t.Errorf("%s: got status %d, want an error", name, status)
		}
	}
}

// loadOn is a load on a server that answers with a handler.
func loadOn(t *testing.T, handler http.HandlerFunc, connections int) *load {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &load{
		dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
		},
		requests: [][]byte{plain("GET", "/", "")[0].bytes(), plain("POST", "/", "body")[0].bytes()},
		status:   http.StatusOK, connections: connections,
	}
}

func TestLoadCountsAfterTheMark(t *testing.T) {
	t.Parallel()
	var marked atomic.Bool // once the mark is being made
	var before, after atomic.Int64
	l := loadOn(t, func(http.ResponseWriter, *http.Request) {
		if marked.Load() {
			after.Add(1)
		} else {
			before.Add(1)
		}
	}, 3)
	r, err := l.run(t.Context(), 0, 200*time.Millisecond, func() error {
		for before.Load() == 0 { // the warm-up may be as short as it likes
			runtime.Gosched()
		}
		marked.Store(true)
		return nil
	})
	if err != nil || r.failures != 0 {
		t.Fatalf("got %+v, %v, want no failure", r, err)
	}
	// What is under way at the mark may count on one side and not on the other.
	if r.requests == 0 || r.requests > after.Load()+int64(l.connections) {
		t.Errorf("got %d requests counted, want some and at most the %d after the mark", r.requests, after.Load())
	}
	if r.p50 <= 0 || r.p99 < r.p50 {
		t.Errorf("got p50 %v and p99 %v, want them above 0 and in order", r.p50, r.p99)
	}
}

func TestLoadTellsFailures(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"another status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"a broken one":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			l := loadOn(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); handler(w, r) }, 2)
			r, err := l.run(t.Context(), 0, time.Millisecond, func() error {
				for asked.Load() <= 2 { // until one of the two connections has its answer
					runtime.Gosched()
				}
				return nil
			})
			if err != nil || r.failures == 0 {
				t.Errorf("got %+v, %v, want failures", r, err)
			}
		})
	}
}

func TestLoadEndsWithItsMark(t *testing.T) {
	t.Parallel()
	refusal := errors.New("no accounts")
	l := loadOn(t, func(http.ResponseWriter, *http.Request) {}, 1)
	if _, err := l.run(t.Context(), 0, 10*time.Millisecond, func() error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("got %v, want what the mark said", err)
	}
}

func TestHoldMeasuresBesideTimers(t *testing.T) {
	t.Parallel()
	const delay = 30 * time.Millisecond
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _ = wait(r.Context(), delay) }))
	t.Cleanup(server.Close)
	c := scenario{requests: plain("GET", "/", ""), status: http.StatusOK, delay: delay}
	h := newHold(server.Listener.Addr().String(), &c, 20, 3)
	if err := h.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := h.summary()
	if got.Exchanges != 60 || got.Failures != 0 {
		t.Errorf("got %d exchanges and %d failures, want 60 and none", got.Exchanges, got.Failures)
	}
	if got.MinMicros < 0 || got.P50Micros < got.MinMicros || got.P99Micros < got.P50Micros {
		t.Errorf("got errors from %v µs over %v to %v, want them above 0 and in order", got.MinMicros, got.P50Micros, got.P99Micros)
	}
	if got.TimerP50Micros <= 0 || got.TimerP99Micros < got.TimerP50Micros {
		t.Errorf("got timers off by %v and %v µs, want them above 0 and in order", got.TimerP50Micros, got.TimerP99Micros)
	}
}

func TestHoldSeesEarlyAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	c := scenario{requests: plain("GET", "/", ""), status: http.StatusOK, delay: time.Second}
	h := newHold(server.Listener.Addr().String(), &c, 2, 2)
	if err := h.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.summary(); got.MinMicros >= 0 {
		t.Errorf("got %v µs as the earliest, want below 0", got.MinMicros)
	}
}

func TestHoldTellsFailures(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	c := scenario{requests: plain("GET", "/", ""), status: http.StatusOK, delay: time.Millisecond}
	h := newHold(server.Listener.Addr().String(), &c, 3, 2)
	if err := h.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.summary(); got.Failures != 3 {
		t.Errorf("got %d failures, want 3", got.Failures)
	}
}
