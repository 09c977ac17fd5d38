package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/metrics"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// played is a daemon of parts that write down when they begin and end.
type played struct {
	mu    sync.Mutex
	lines []string
}

func (p *played) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
}

// part ends with its context, or with an error at once.
func (p *played) part(name string, failure error) part {
	return part{
		name: name,
		run: func(ctx context.Context) error {
			if failure != nil {
				return failure
			}
			<-ctx.Done()
			p.say(name + " ends")
			return nil
		},
		close: func() error { p.say(name + " closes"); return nil },
	}
}

func TestPartsEndInTheOppositeOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p played
		d := newPlayed(p.part("one", nil), p.part("two", nil), p.part("three", nil))
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- d.Run(ctx) }()
		synctest.Wait()
		if len(p.lines) > 0 {
			t.Errorf("before the end: %q, want nothing", p.lines)
		}
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
		if want := []string{"three ends", "two ends", "one ends"}; !slices.Equal(p.lines, want) {
			t.Errorf("parts ended as %q, want %q", p.lines, want)
		}
	})
}

// TestPartsOfOneNameEndTogether has two that end only once both have been told to: one after the other they would hang.
func TestPartsOfOneNameEndTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p played
		var told sync.WaitGroup
		told.Add(2)
		pair := part{name: "pair", run: func(ctx context.Context) error {
			<-ctx.Done()
			told.Done()
			told.Wait()
			p.say("pair ends")
			return nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- newPlayed(p.part("one", nil), pair, pair, p.part("four", nil)).Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
		if want := []string{"four ends", "pair ends", "pair ends", "one ends"}; !slices.Equal(p.lines, want) {
			t.Errorf("parts ended as %q, want %q", p.lines, want)
		}
	})
}

// TestWhatHangsIsCutAndCounted ends a groovechaos on two listeners while callers of both wait for an answer that never comes:
// it takes one drain and not two, every attempt is recorded as broken off, and the log says how many.
func TestWhatHangsIsCutAndCounted(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int64
	forever := make(chan struct{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived.Add(1)
		<-forever
	}))
	defer elsewhere.Close()
	defer close(forever)
	var log lockedLog
	c := free(t, fmt.Sprintf("[proxy]\nupstream = %q\ndrain = \"300ms\"\nlisteners = [{ listen = \"127.0.0.1:0\", modes = [\"reverse\"] }]\n", elsewhere.URL))
	d, err := New(t.Context(), Options{Config: c, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	const each = 3
	var callers sync.WaitGroup
	for _, l := range d.Addresses().Listeners {
		for range each {
			callers.Go(func() { hang(l.Address) })
		}
	}
	await(t, func() bool { return arrived.Load() == 2*each })
	cancel()
	if err := <-ran; err != nil {
		t.Errorf("run: %v", err)
	}
	callers.Wait()
	broken := 0
	for _, a := range d.attempts.All() {
		if a.End == observe.EndBroken {
			broken++
		}
	}
	if want := fmt.Sprint("cut_exchanges=", 2*each); broken != 2*each || !strings.Contains(log.String(), want) {
		t.Errorf("%d attempts were broken off, want %d, and %s in the log\n%s", broken, 2*each, want, log.String())
	}
}

// lockedLog is a log that can be read while it is written.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// hang asks for what never comes.
func hang(address string) {
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(httptest.NewRequest(http.MethodGet, "http://"+address+genres, http.NoBody))
	if err == nil {
		_ = response.Body.Close()
	}
}

func newPlayed(parts ...part) *Daemon {
	return &Daemon{logger: slog.New(slog.DiscardHandler), config: config.Default(), parts: parts, metrics: metrics.New("test", nil)}
}

func TestAPartThatFailsEndsAll(t *testing.T) {
	t.Parallel()
	failure := errors.New("out of sockets")
	synctest.Test(t, func(t *testing.T) {
		var p played
		d := newPlayed(p.part("one", nil), p.part("two", failure), p.part("three", nil))
		err := d.Run(t.Context())
		if !errors.Is(err, failure) || !strings.Contains(err.Error(), "serve two: ") {
			t.Errorf("run: %v, want it to name the part and its failure", err)
		}
		if want := []string{"three ends", "one ends"}; !slices.Equal(p.lines, want) {
			t.Errorf("parts ended as %q, want %q", p.lines, want)
		}
	})
}

func TestAPartThatEndsByItselfIsAFailure(t *testing.T) {
	t.Parallel()
	early := part{name: "early", run: func(context.Context) error { return nil }}
	if err := newPlayed(early).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "serve early: ") {
		t.Errorf("run: %v, want an error that names the part", err)
	}
}

// What listens for real fails when its listener is taken away.
func TestEveryListenerThatFailsEndsRun(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"standin", "grpc", "rest", "proxy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := New(t.Context(), Options{Config: free(t, "")})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(d.parts, func(p part) bool { return p.name == name })
			if err := d.parts[i].close(); err != nil {
				t.Fatal(err)
			}
			if err := d.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "serve "+name+": ") {
				t.Errorf("run: %v, want an error that names %s", err, name)
			}
		})
	}
}
