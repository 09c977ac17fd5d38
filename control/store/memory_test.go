package store

import (
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	testStore(t, func(_ *testing.T, engine Engine, now func() time.Time) keeper { return NewMemory(engine, now) })
}

var (
	epoch = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	nan   = math.NaN()
)

// recorder is an engine that remembers what it was told.
type recorder struct {
	*faults.Engine

	mu      sync.Mutex
	count   int
	last    []faults.Fault
	refusal error
}

func (r *recorder) Apply(set []faults.Fault) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refusal != nil {
		return r.refusal
	}
	if err := r.Engine.Apply(set); err != nil {
		return err
	}
	r.count++
	r.last = slices.Clone(set)
	return nil
}

func (r *recorder) refuse(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = err
}

func (r *recorder) applied() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

func (r *recorder) set() []faults.Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// bench is a test and its store, with what stands around that.
type bench struct {
	*testing.T
	keeper

	engine *recorder
	now    atomic.Pointer[time.Time]
	calls  atomic.Uint64
}

// pass lets time go by.
func (b *bench) pass(d time.Duration) { b.now.Store(new(b.now.Load().Add(d))) }

// strikes reports whether the engine answers one more exchange.
func (b *bench) strikes() bool {
	place := faults.Place{Sequence: b.calls.Add(1), Call: 1, Attempt: 1}
	return b.engine.Decide(&faults.Exchange{Method: "GET", Place: place, Now: *b.now.Load()}).Terminal != nil
}

func (b *bench) write(writes ...Write) []Fault {
	b.Helper()
	written, err := b.Write(b.Context(), writes)
	if err != nil {
		b.Fatalf("write: %v", err)
	}
	return written
}

func (b *bench) set() []Fault {
	b.Helper()
	set, err := b.Faults(b.Context())
	if err != nil {
		b.Errorf("list: %v", err)
	}
	return set
}

// wantSet holds that store and engine have these faults and agree on them.
func (b *bench) wantSet(names ...string) {
	b.Helper()
	set := b.set()
	if got := namesOf(set); !slices.Equal(got, names) {
		b.Errorf("stored %v, want %v", got, names)
	}
	engine := b.engine.set()
	if diff := cmp.Diff(inForce(set, *b.now.Load()), engine); diff != "" {
		b.Errorf("store and engine differ (-store +engine):\n%s", diff)
	}
	var used []string
	for _, use := range b.engine.Uses() {
		used = append(used, use.Name)
	}
	if !slices.Equal(used, names) {
		b.Errorf("the engine has %v, want %v", used, names)
	}
}

func (b *bench) wantError(want error, writes ...Write) {
	b.Helper()
	before := b.set()
	_, err := b.Write(b.Context(), writes)
	wantError(b.T, err, want)
	if diff := cmp.Diff(before, b.set()); diff != "" {
		b.Errorf("a refused change left something behind (-want +got):\n%s", diff)
	}
}

// wantError compares errors by what they hold.
func wantError(t *testing.T, got, want error) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" || got.Error() != want.Error() {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func fault(name string, share float64) faults.Fault {
	return faults.Fault{Name: name, Trigger: faults.Trigger{Share: new(share)}, Answer: &faults.Answer{Status: 503}}
}

func namesOf(set []Fault) []string {
	var names []string
	for i := range set {
		names = append(names, set[i].Name)
	}
	return names
}

func TestErrorsCanBeToldApart(t *testing.T) {
	t.Parallel()
	err := error(&InvalidError{Problems: faults.Problems{{Field: "faults[0].share", Text: "is 2, want 0 to 1"}}})
	if want := "faults[0].share is 2, want 0 to 1"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if _, ok := errors.AsType[*BrakedError](err); ok {
		t.Error("an *InvalidError passes for a *BrakedError")
	}
}
