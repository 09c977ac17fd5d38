package daemon

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/groovechaos/groovechaos/control/config"
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

func newPlayed(parts ...part) *Daemon {
	return &Daemon{logger: slog.New(slog.DiscardHandler), config: config.Default(), parts: parts}
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
