package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/groovechaos/groovechaos/faults"
)

// keeper is what every store of faults and the brake does.
type keeper interface {
	Faults(ctx context.Context) ([]Fault, error)
	Write(ctx context.Context, writes []Write) ([]Fault, error)
	Delete(ctx context.Context, name string, revision uint64) error
	brakeKeeper
	changing
}

type brakeKeeper interface {
	Brake(ctx context.Context) (Brake, error)
	SetBrake(ctx context.Context, pulled bool, reason string) (Brake, error)
}

// changing tells of changes.
type changing interface {
	Revision(ctx context.Context) (uint64, error)
	Wait(ctx context.Context, revision uint64) error
}

// testStore is the contract of every store. It gets a constructor of empty
// stores that steer an engine and read a clock.
func testStore(t *testing.T, open func(t *testing.T, engine Engine, now func() time.Time) keeper) {
	t.Helper()
	for name, test := range map[string]func(*bench){
		"a fault is created":                          testCreate,
		"a fault is replaced":                         testReplace,
		"a fault is deleted":                          testDelete,
		"what strikes otherwise counts anew":          testSince,
		"revisions grow over the store":               testRevisions,
		"what is refused leaves nothing behind":       testRefusals,
		"many writes are one change":                  testManyWrites,
		"problems name the index in the change":       testProblems,
		"the brake is pulled and released":            testBrake,
		"the brake refuses what would strike":         testBrakeRefuses,
		"a lifetime begins and ends":                  testLifetime,
		"what begins a lifetime anew":                 testRestarts,
		"an expired fault leaves room for others":     testExpiredShares,
		"a revived fault counts from the beginning":   testRevived,
		"doubts are told of the fault":                testWarnings,
		"doubts end with what they are about":         testWarningsExpire,
		"an update races with a thousand others":      testConcurrentUpdates,
		"changes of different faults do not disturb":  testConcurrentFaults,
		"the set that is given out is the caller's":   testOwnSlice,
		"an engine that refuses changes nothing":      testEngineRefuses,
		"the brake and a change exclude one another":  testBrakeRaces,
		"a name that is far too long is not repeated": testLongName,
		"every change moves the revision":             testRevisionMoves,
		"a change is waited for":                      testWait,
		"waiting ends with its context":               testWaitEnds,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bench{T: t, engine: &recorder{Engine: faults.NewEngine(1)}}
			b.now.Store(new(epoch))
			b.keeper = open(t, b.engine, func() time.Time { return *b.now.Load() })
			test(b)
		})
	}
}

func testCreate(b *bench) {
	got := b.write(Write{Fault: fault("one", 0.1), Create: true}, Write{Fault: fault("two", 0.1)})
	want := []Fault{
		{Fault: fault("one", 0.1), Revision: got[0].Revision, Created: epoch, Updated: epoch},
		{Fault: fault("two", 0.1), Revision: got[1].Revision, Created: epoch, Updated: epoch},
	}
	want[0].Since, want[1].Since = got[0].Revision, got[1].Revision
	if diff := cmp.Diff(want, got); diff != "" {
		b.Errorf("written (-want +got):\n%s", diff)
	}
	b.wantSet("one", "two")
	b.wantError(&ExistsError{Name: "one"}, Write{Fault: fault("one", 0.2), Create: true})
}

func testSince(b *bench) {
	made := b.write(Write{Fault: fault("one", 0.1)})[0].Since
	off := fault("one", 0.1)
	off.Disabled, off.TTL = true, time.Minute
	if got := b.write(Write{Fault: off})[0].Since; got != made {
		b.Errorf("switched off and with a lifetime it counts since %d, want %d as before", got, made)
	}
	changed := b.write(Write{Fault: fault("one", 0.2)})[0]
	if changed.Since != changed.Revision {
		b.Errorf("with another share it counts since %d, want %d", changed.Since, changed.Revision)
	}
	if err := b.Delete(b.Context(), "one", 0); err != nil {
		b.Fatal(err)
	}
	again := b.write(Write{Fault: fault("one", 0.2)})[0]
	if got := b.set()[0]; got.Since != again.Revision || got.Since == changed.Since {
		b.Errorf("made again it counts since %d, want %d", got.Since, again.Revision)
	}
}

func testReplace(b *bench) {
	created := b.write(Write{Fault: fault("one", 0.1)}, Write{Fault: fault("two", 0.1)})
	b.pass(time.Second)
	got := b.write(Write{Fault: fault("one", 0.3), Revision: created[0].Revision})[0]
	if *got.Trigger.Share != 0.3 || !got.Created.Equal(epoch) || !got.Updated.Equal(epoch.Add(time.Second)) {
		b.Errorf("got share %v, created %v, updated %v, want 0.3, the first and the second moment", *got.Trigger.Share, got.Created, got.Updated)
	}
	b.wantSet("one", "two")
	b.wantError(&MovedError{Name: "one", Want: created[0].Revision, Current: got.Revision}, Write{Fault: fault("one", 0.4), Revision: created[0].Revision})
	b.wantError(&MissingError{Name: "three"}, Write{Fault: fault("three", 0.1), Revision: 1})
}

func testDelete(b *bench) {
	written := b.write(Write{Fault: fault("one", 0.1)}, Write{Fault: fault("two", 0.1)}, Write{Fault: fault("three", 0.1)})
	if err := b.Delete(b.Context(), "two", written[1].Revision); err != nil {
		b.Fatal(err)
	}
	b.wantSet("one", "three")
	wantError(b.T, b.Delete(b.Context(), "two", 0), &MissingError{Name: "two"})
	wantError(b.T, b.Delete(b.Context(), "three", 9), &MovedError{Name: "three", Want: 9, Current: written[2].Revision})
	b.wantSet("one", "three")
	if err := b.Delete(b.Context(), "one", 0); err != nil {
		b.Fatal(err)
	}
	b.wantSet("three")
}

func testRevisions(b *bench) {
	var last uint64
	for range 3 {
		for _, f := range b.write(Write{Fault: fault("one", 0.1)}, Write{Fault: fault("two", 0.1)}) {
			if f.Revision <= last {
				b.Errorf("%s got revision %d after %d, want a higher one", f.Name, f.Revision, last)
			}
			last = f.Revision
		}
		b.wantError(&ExistsError{Name: "two"}, Write{Fault: fault("one", 0.1)}, Write{Fault: fault("two", 0.1), Create: true})
	}
	if err := b.Delete(b.Context(), "one", 0); err != nil {
		b.Fatal(err)
	}
	if again := b.write(Write{Fault: fault("one", 0.1)})[0]; again.Revision <= last {
		b.Errorf("created again at revision %d, want one above %d: no revision is used twice", again.Revision, last)
	}
}

func testRefusals(b *bench) {
	b.write(Write{Fault: fault("one", 0.5)})
	applied := b.engine.applied()
	before := b.set()
	invalid := fault("one", 0.5)
	invalid.Answer = nil
	for name, writes := range map[string][]Write{
		"the second is taken":                  {{Fault: fault("two", 0.1)}, {Fault: fault("one", 0.1), Create: true}},
		"the second has moved":                 {{Fault: fault("two", 0.1)}, {Fault: fault("one", 0.1), Revision: 77}},
		"the second is missing":                {{Fault: fault("one", 0.1)}, {Fault: fault("two", 0.1), Revision: 1}},
		"the second is invalid":                {{Fault: fault("two", 0.1)}, {Fault: invalid}},
		"the shares of both are too much":      {{Fault: fault("two", 0.5)}, {Fault: fault("three", 0.5)}},
		"a share that cannot be compared":      {{Fault: fault("two", nan)}},
		"the same name twice, the second time": {{Fault: fault("two", 0.1)}, {Fault: fault("two", 0.2), Create: true}},
	} {
		if _, err := b.Write(b.Context(), writes); err == nil {
			b.Errorf("%s: got no error", name)
		}
		if diff := cmp.Diff(before, b.set()); diff != "" {
			b.Errorf("%s: the set changed (-want +got):\n%s", name, diff)
		}
	}
	if got := b.engine.applied(); got != applied {
		b.Errorf("the engine was applied %d times by changes that were refused, want never", got-applied)
	}
	b.wantSet("one")
}

func testManyWrites(b *bench) {
	b.write(Write{Fault: fault("one", 0.9)}, Write{Fault: fault("two", 0.1)})
	applied := b.engine.applied()
	// Only both together leave shares that go with one another at every moment.
	got := b.write(Write{Fault: fault("two", 0.9)}, Write{Fault: fault("three", 0)}, Write{Fault: fault("one", 0.1)})
	if names := namesOf(got); !slices.Equal(names, []string{"two", "three", "one"}) {
		b.Errorf("written %v, want the order of the change", names)
	}
	if got := b.engine.applied() - applied; got != 1 {
		b.Errorf("the engine was applied %d times, want once", got)
	}
	b.wantSet("one", "two", "three")
	if got, err := b.Write(b.Context(), nil); err != nil || len(got) != 0 {
		b.Errorf("no writes at all: got %v, %v, want nothing", got, err)
	}
}

func testProblems(b *bench) {
	disabled := fault("off", 1)
	disabled.Disabled = true
	b.write(Write{Fault: disabled}, Write{Fault: fault("a", 0.3)}, Write{Fault: fault("b", 0.6)})
	loud := fault("off", 1)
	for name, tt := range map[string]struct {
		writes []Write
		want   []string
	}{
		"of one fault": {
			writes: []Write{{Fault: fault("c", 0.1)}, {Fault: fault("a", 1.5)}},
			want:   []string{"faults[1].share"},
		},
		"of several, in reverse order": {
			writes: []Write{{Fault: fault("b", 2)}, {Fault: fault("a", 3)}},
			want:   []string{"faults[1].share", "faults[0].share"},
		},
		"a new fault that is too much": {
			writes: []Write{{Fault: fault("c", 0)}, {Fault: fault("d", 0.2)}},
			want:   []string{"faults[1].share"},
		},
		"shown by another fault, caused by the only one": {
			writes: []Write{{Fault: fault("a", 0.7)}},
			want:   []string{"faults[0].share"},
		},
		"shown by another fault, caused by switching on": {
			writes: []Write{{Fault: loud, Restart: true}},
			want:   []string{"faults[0].share"},
		},
		"shown by another fault, caused by one of two": {
			writes: []Write{{Fault: fault("off", 0)}, {Fault: fault("a", 0.7)}},
			want:   []string{"faults"},
		},
		"of a name written twice": {
			writes: []Write{{Fault: fault("c", 0)}, {Fault: fault("c", 7)}},
			want:   []string{"faults[1].share"},
		},
		"of too many": {writes: crowd(), want: []string{"faults"}},
	} {
		_, err := b.Write(b.Context(), tt.writes)
		var wrong *InvalidError
		if !errors.As(err, &wrong) {
			b.Errorf("%s: got %v, want an *InvalidError", name, err)
			continue
		}
		var got []string
		for _, problem := range wrong.Problems {
			got = append(got, problem.Field)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			b.Errorf("%s: fields (-want +got):\n%s\nof %v", name, diff, err)
		}
		var problems faults.Problems
		if !errors.As(err, &problems) || len(problems) != len(tt.want) {
			b.Errorf("%s: unwraps to %v, want its problems", name, problems)
		}
	}
	_, err := b.Write(b.Context(), []Write{{Fault: fault("a", 0.7)}})
	if want := `faults[0].share would clash with "b", whose share adds up to 1.3 with "a" on the same exchanges, want at most 1 together`; err.Error() != want {
		b.Errorf("got %q, want %q", err, want)
	}
	b.wantSet("off", "a", "b")
}

func testConcurrentUpdates(b *bench) {
	const updates = 1000
	b.write(Write{Fault: fault("one", 0)})
	var (
		mu      sync.Mutex
		applied = make(map[uint64]float64)
		group   sync.WaitGroup
	)
	for i := range updates {
		group.Go(func() {
			share := float64(i) / updates
			for {
				current := b.set()[0]
				got, err := b.Write(b.Context(), []Write{{Fault: fault("one", share), Revision: current.Revision}})
				var moved *MovedError
				switch {
				case err == nil:
					mu.Lock()
					applied[got[0].Revision] = *got[0].Trigger.Share
					mu.Unlock()
					return
				case !errors.As(err, &moved) || moved.Current <= current.Revision || moved.Want != current.Revision:
					b.Errorf("got %v, want success or a revision above %d", err, current.Revision)
					return
				}
			}
		})
	}
	group.Wait()
	if len(applied) != updates {
		b.Errorf("got %d different revisions, want %d", len(applied), updates)
	}
	last := b.set()[0]
	if share := applied[last.Revision]; share != *last.Trigger.Share {
		b.Errorf("at revision %d the share is %v, want %v, which was written there", last.Revision, *last.Trigger.Share, share)
	}
	b.wantSet("one")
}

func testConcurrentFaults(b *bench) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	var group sync.WaitGroup
	for _, name := range names {
		group.Go(func() {
			for range 50 {
				if _, err := b.Write(b.Context(), []Write{{Fault: fault(name, 0.1), Create: true}}); err != nil {
					b.Errorf("create %s: %v", name, err)
				}
				if err := b.Delete(b.Context(), name, 0); err != nil {
					b.Errorf("delete %s: %v", name, err)
				}
			}
		})
	}
	group.Wait()
	b.wantSet()
}

func testOwnSlice(b *bench) {
	b.write(Write{Fault: fault("one", 0.1)}, Write{Fault: fault("two", 0.1)})
	set := b.set()
	set[0].Name = "spoilt"
	b.wantSet("one", "two")
}

func testEngineRefuses(b *bench) {
	b.write(Write{Fault: fault("one", 0.1)})
	before := b.set()
	b.engine.refuse(errors.New("out of order"))
	if _, err := b.Write(b.Context(), []Write{{Fault: fault("two", 0.1)}}); err == nil || err.Error() != "out of order" {
		b.Errorf("got %v, want the engine's error", err)
	}
	if err := b.Delete(b.Context(), "one", 0); err == nil {
		b.Error("delete: got no error, want the engine's")
	}
	b.engine.refuse(nil)
	if diff := cmp.Diff(before, b.set()); diff != "" {
		b.Errorf("the set changed (-want +got):\n%s", diff)
	}
	b.wantSet("one")
}

func testWarnings(b *bench) {
	here, there, off := fault("here", 0.7), fault("there", 0.7), fault("off", 0.7)
	here.Match.Methods, there.Match.Query = []string{"GET"}, map[string]string{"market": "de"}
	off.Disabled = true
	b.write(Write{Fault: here}, Write{Fault: off}, Write{Fault: there})
	want := map[string][]string{
		"there": {`share may add up to 1.4 with "here" where their matches meet: what passes 1 is cut off`},
	}
	b.wantWarnings(want)
	written := b.write(Write{Fault: there})[0]
	if diff := cmp.Diff(want["there"], written.Warnings); diff != "" {
		b.Errorf("warnings of what was written (-want +got):\n%s", diff)
	}
	b.wantError(&ExistsError{Name: "here"}, Write{Fault: here, Create: true})
	b.wantWarnings(want)
	here.Disabled = true
	b.write(Write{Fault: here})
	b.wantWarnings(nil)
}

// testWarningsExpire holds that a doubt moves on when a fault expires, ends
// with the last, and comes back with a fault that is revived.
func testWarningsExpire(b *bench) {
	brief, long, lasting := fault("brief", 0.7), fault("long", 0.7), fault("lasting", 0.7)
	brief.Match.Methods, long.Match.Query = []string{"GET"}, map[string]string{"market": "de"}
	lasting.Match.Headers = map[string]string{"X-Test": "*"}
	brief.TTL, long.TTL = time.Minute, 2*time.Minute
	b.write(Write{Fault: lasting}, Write{Fault: brief}, Write{Fault: long})
	doubted := func() (names []string) {
		for _, f := range b.set() {
			if len(f.Warnings) > 0 {
				names = append(names, f.Name)
			}
		}
		return names
	}
	for _, step := range []struct {
		pass time.Duration
		want []string
	}{
		{time.Minute - 1, []string{"brief"}},
		{1, []string{"long"}},
		{time.Minute - 1, []string{"long"}},
		{1, nil},
	} {
		b.pass(step.pass)
		if got := doubted(); !slices.Equal(got, step.want) {
			b.Errorf("at %v doubts are about %v, want %v", b.now.Load().Sub(epoch), got, step.want)
		}
	}
	b.write(Write{Fault: brief, Restart: true})
	if got, want := doubted(), []string{"brief"}; !slices.Equal(got, want) {
		b.Errorf("once revived, doubts are about %v, want %v", got, want)
	}
}

func (b *bench) wantWarnings(want map[string][]string) {
	b.Helper()
	got := make(map[string][]string)
	for _, f := range b.set() {
		if len(f.Warnings) > 0 {
			got[f.Name] = f.Warnings
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		b.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func testLongName(b *bench) {
	long := string(make([]byte, 1<<20))
	err := b.Delete(b.Context(), long, 0)
	if len(err.Error()) > 1000 {
		b.Errorf("the error has %d bytes, want a short one", len(err.Error()))
	}
	if _, err := b.Write(b.Context(), []Write{{Fault: fault(long, 0.1)}}); err == nil || len(err.Error()) > 1000 {
		b.Errorf("the error has %d bytes, want a short one", len(err.Error()))
	}
}

// crowd is more faults than a set may hold.
func crowd() []Write {
	writes := make([]Write, faults.MaxFaults+1)
	for i := range writes {
		writes[i].Fault = fault("f"+string(rune('a'+i%26))+time.Duration(i).String(), 0)
	}
	return writes
}
