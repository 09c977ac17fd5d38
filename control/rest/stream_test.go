package rest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/test/bufconn"
)

// overHTTP2 serves a handler as the door does, over TLS but in memory, with so little time for an answer.
func overHTTP2(t *testing.T, h http.Handler, answer time.Duration) *httptest.Server {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	server := &httptest.Server{Listener: listener, Config: NewServer(h, nil), EnableHTTP2: true}
	server.Config.WriteTimeout = answer
	server.StartTLS()
	t.Cleanup(server.Close)
	server.Client().Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	}
	return server
}

// readAll asks for a path and reads the answer to its end.
func readAll(t *testing.T, server *httptest.Server, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://127.0.0.1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.ProtoMajor != 2 {
		t.Errorf("over HTTP/%d: got %q, then %v; want HTTP/2 and the end", response.ProtoMajor, text, err)
	}
	return string(text)
}

// A watch that has nothing to say for longer than an answer may take goes on.
func TestAQuietWatchOverHTTP2GoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const answer = time.Minute
		server := overHTTP2(t, handler(t, &fake{later: 3 * answer}), answer)
		if text := readAll(t, server, "/v1/faults:watch"); !strings.Contains(text, `"revision":"4"`) {
			t.Errorf("got %q, want its message", text)
		}
	})
}

// It goes on, too, when it says nothing for longer than a write may take.
func TestAStreamMayPauseForLongerThanAWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := overHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w = streaming(w, streamTime)
			control := http.NewResponseController(w)
			for range 2 {
				if _, err := io.WriteString(w, "line\n"); err != nil {
					t.Error(err)
				}
				if err := control.Flush(); err != nil {
					t.Error(err)
				}
				time.Sleep(3 * streamTime)
			}
		}), time.Minute)
		if text := readAll(t, server, "/"); text != strings.Repeat("line\n", 2) {
			t.Errorf("got %q, want both lines", text)
		}
	})
}

// However many watch, the brake can be pulled.
func TestWatchesLeaveRoomForTheBrake(t *testing.T) {
	t.Parallel()
	f := &fake{later: time.Hour}
	h := handler(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	watch := func() *httptest.ResponseRecorder {
		return play(h, request(http.MethodGet, "/v1/faults:watch", "").WithContext(ctx))
	}
	var watches sync.WaitGroup
	for range mostStreams {
		watches.Go(func() { watch() })
	}
	for end := time.Now().Add(time.Minute); f.watching.Load() < mostStreams; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute %d watch, want %d", f.watching.Load(), mostStreams)
		}
	}
	if w := watch(); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("one watch more: got %d with Retry-After %q, want 429 and some", w.Code, w.Header().Get("Retry-After"))
	}
	if w := play(h, request(http.MethodPost, "/v1/brake:pull", "{}")); w.Code != http.StatusOK {
		t.Errorf("the brake: got %d %s, want 200", w.Code, w.Body)
	}
	cancel()
	watches.Wait()
	f.later = 0
	if w := play(h, request(http.MethodGet, "/v1/faults:watch", "")); w.Code != http.StatusOK {
		t.Errorf("once they have ended: got %d, want 200", w.Code)
	}
}
