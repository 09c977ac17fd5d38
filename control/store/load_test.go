package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// loader is what loads configurations.
type loader interface {
	keeper
	Load(ctx context.Context, l Loading) (Loaded, error)
}

// eachLoader runs a test with every store.
func eachLoader(t *testing.T, ttl time.Duration, test func(*testing.T, loader)) {
	t.Helper()
	now := func() time.Time { return epoch }
	t.Run("memory", func(t *testing.T) {
		t.Helper()
		t.Parallel()
		test(t, NewMortal(faults.NewEngine(1), now, ttl))
	})
	t.Run("shared", func(t *testing.T) {
		t.Helper()
		t.Parallel()
		test(t, openShared(t, openHub(t, HubOptions{}), SharedOptions{Engine: faults.NewEngine(1), Now: now, TTL: ttl}))
	})
}

func load(t *testing.T, s loader, owner string, set ...faults.Fault) Loaded {
	t.Helper()
	done, err := s.Load(t.Context(), Loading{Owner: owner, Faults: set})
	if err != nil {
		t.Fatalf("load for %s: %v", owner, err)
	}
	return done
}

func wantNames(t *testing.T, s loader, names ...string) []Fault {
	t.Helper()
	set, err := s.Faults(t.Context())
	if err != nil || !slices.Equal(namesOf(set), names) {
		t.Fatalf("there are %v, %v, want %v", namesOf(set), err, names)
	}
	return set
}

func TestAConfigurationIsLoaded(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		load(t, s, "a", fault("one", 0.1), fault("two", 0.1))
		load(t, s, "b", fault("other", 0.1))
		wantNames(t, s, "one", "two", "other")
		revision, err := s.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		load(t, s, "a", fault("one", 0.1), fault("two", 0.1))
		if again, err := s.Revision(t.Context()); err != nil || again != revision {
			t.Errorf("the same again moved the revision from %d to %d, %v", revision, again, err)
		}
		if err := s.Delete(t.Context(), "one", 0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(t.Context(), []Write{{Fault: fault("two", 0.2)}, {Fault: fault("api", 0.1)}}); err != nil {
			t.Fatal(err)
		}
		load(t, s, "a", fault("one", 0.1), fault("two", 0.1))
		if set := wantNames(t, s, "two", "other", "api"); *set[0].Trigger.Share != 0.2 {
			t.Errorf("what was changed since is %v, want it left", *set[0].Trigger.Share)
		}
		load(t, s, "a", fault("two", 0.3))
		if set := wantNames(t, s, "two", "other", "api"); *set[0].Trigger.Share != 0.3 {
			t.Errorf("what is said otherwise is %v, want that", *set[0].Trigger.Share)
		}
		load(t, s, "a", fault("one", 0.1))
		wantNames(t, s, "other", "api", "one")
		load(t, s, "a")
		wantNames(t, s, "other", "api")
	})
}

// A node with a store of its own goes on under another name where it was: nothing that was changed since comes back, and
// what its configuration says no more goes.
func TestANodeOfItsOwnIsRenamed(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		load(t, s, "old", fault("gone", 0.1), fault("deleted", 0.1), fault("changed", 0.1))
		load(t, s, "older", fault("gone-too", 0.1), fault("changed", 0.2))
		if err := s.Delete(t.Context(), "deleted", 0); err != nil {
			t.Fatal(err)
		}
		load(t, s, "old", fault("gone", 0.1), fault("deleted", 0.1), fault("changed", 0.1))
		if _, err := s.Write(t.Context(), []Write{{Fault: fault("changed", 0.3)}}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			l := Loading{Owner: "new", Sole: true, Faults: []faults.Fault{fault("deleted", 0.1), fault("changed", 0.1)}}
			if _, err := s.Load(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if set := wantNames(t, s, "changed"); *set[0].Trigger.Share != 0.3 {
				t.Errorf("what was changed since is %v, want it left", *set[0].Trigger.Share)
			}
		}
	})
}

// A node of a fleet that has loaded nothing yet goes on where another one was that had loaded the same, and takes its note
// over if that one is gone. It leaves those alone that said anything else.
func TestANodeOfAFleetIsRenamed(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		same := []faults.Fault{fault("deleted", 0.1), fault("one", 0.1)}
		load(t, s, "gone", same...)
		load(t, s, "other", fault("theirs", 0.1))
		if err := s.Delete(t.Context(), "deleted", 0); err != nil {
			t.Fatal(err)
		}
		if done, err := s.Load(t.Context(), Loading{Owner: "beside", Faults: same, Present: []string{"gone"}}); err != nil || done.Unchanged != 2 {
			t.Errorf("beside one that is there: loaded %+v, %v, want nothing changed", done, err)
		}
		if done, err := s.Load(t.Context(), Loading{Owner: "new", Faults: same, Present: []string{"beside", "other"}}); err != nil || done.Unchanged != 2 {
			t.Errorf("in place of one that is gone: loaded %+v, %v, want nothing changed", done, err)
		}
		wantNames(t, s, "one", "theirs")
		if done := load(t, s, "new", fault("two", 0.1)); !slices.Equal(done.Removed, []string{"one"}) {
			t.Errorf("loaded %+v, want what is said no more removed", done)
		}
		if done := load(t, s, "gone", same...); done.Unchanged != 2 {
			t.Errorf("loaded %+v, want it to go on where the one beside is", done)
		}
		if done := load(t, s, "other", fault("theirs", 0.1)); done.Unchanged != 1 {
			t.Errorf("the other loaded %+v, want its own left alone", done)
		}
		wantNames(t, s, "theirs", "two")
	})
}

func TestALoadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		load(t, s, "a", fault("one", 0.6))
		var wrong *InvalidError
		if _, err := s.Load(t.Context(), Loading{Owner: "a", Faults: []faults.Fault{fault("two", 0.6), fault("three", 0.6)}}); !errors.As(err, &wrong) {
			t.Errorf("got %v, want an *InvalidError", err)
		}
		wantNames(t, s, "one")
		if _, err := s.SetBrake(t.Context(), true, ""); err != nil {
			t.Fatal(err)
		}
		load(t, s, "a", fault("one", 0.6))
		var braked *BrakedError
		if _, err := s.Load(t.Context(), Loading{Owner: "a", Faults: []faults.Fault{fault("one", 0.5)}}); !errors.As(err, &braked) {
			t.Errorf("got %v, want a *BrakedError", err)
		}
		wantNames(t, s, "one")
	})
}

// What others put in force gives way to a configuration that has the last word, and nothing more than it must.
func TestAConfigurationHasTheLastWord(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		load(t, s, "a", fault("mine", 0.1), fault("changed", 0.1))
		for _, other := range []faults.Fault{fault("first", 0.05), fault("second", 0.3), fault("changed", 0.3)} {
			if _, err := s.Write(t.Context(), []Write{{Fault: other}}); err != nil {
				t.Fatal(err)
			}
		}
		l := Loading{Owner: "a", Faults: []faults.Fault{fault("mine", 0.6), fault("changed", 0.1)}}
		_, err := s.Load(t.Context(), l)
		if wrong, ok := errors.AsType[*InvalidError](err); !ok || !slices.ContainsFunc(wrong.Problems, func(p faults.Problem) bool {
			return p.Field == "faults[0].share" || p.Field == "faults[1].share" || p.Field == "faults"
		}) {
			t.Errorf("without the last word: got %v, want it refused by the index in the configuration", err)
		}
		l.Over = true
		done, err := s.Load(t.Context(), l)
		if err != nil || !slices.Equal(done.Written, []string{"mine"}) || done.Unchanged != 1 || !slices.Equal(done.Disabled, []string{"second"}) {
			t.Errorf("loaded %+v, %v, want mine written and the second switched off", done, err)
		}
		for _, f := range wantNames(t, s, "mine", "changed", "first", "second") {
			if f.Disabled != (f.Name == "second") {
				t.Errorf("%s: disabled is %v", f.Name, f.Disabled)
			}
		}
		if done, err = s.Load(t.Context(), l); err != nil || len(done.Written)+len(done.Disabled) > 0 || done.Unchanged != 2 {
			t.Errorf("again: loaded %+v, %v, want nothing changed", done, err)
		}
		l.Faults = []faults.Fault{fault("x", 0.7), fault("y", 0.7)}
		if _, err := s.Load(t.Context(), l); err == nil {
			t.Error("one that does not go with itself is loaded, want it refused")
		}
		wantNames(t, s, "mine", "changed", "first", "second")
	})
}

// Fields are named by the index in the configuration, also of faults that it says as before.
func TestAConfigurationIsRefusedByItsOwnIndex(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		load(t, s, "a", fault("one", 0.1), fault("two", 0.1))
		_, err := s.Load(t.Context(), Loading{Owner: "a", Faults: []faults.Fault{fault("one", 0.1), fault("two", 0.1), fault("three", 0.5), fault("four", 0.5)}})
		wrong, ok := errors.AsType[*InvalidError](err)
		if !ok || len(wrong.Problems) == 0 || wrong.Problems[0].Field != "faults[3].share" {
			t.Errorf("got %v, want it about faults[3].share", err)
		}
	})
}

func TestAFaultWithoutALifetimeGetsTheDefault(t *testing.T) {
	t.Parallel()
	eachLoader(t, time.Hour, func(t *testing.T, s loader) {
		t.Helper()
		own := fault("own", 0.1)
		own.TTL = time.Minute
		load(t, s, "a", fault("loaded", 0.1), own)
		if _, err := s.Write(t.Context(), []Write{{Fault: fault("written", 0.1)}}); err != nil {
			t.Fatal(err)
		}
		for i, f := range wantNames(t, s, "loaded", "own", "written") {
			want := []time.Duration{time.Hour, time.Minute, time.Hour}[i]
			if f.TTL != want || !f.ExpiresAt.Equal(epoch.Add(want)) {
				t.Errorf("%s lives for %v until %v, want %v", f.Name, f.TTL, f.ExpiresAt, want)
			}
		}
	})
}

func TestTheBrakeKnowsWho(t *testing.T) {
	t.Parallel()
	eachLoader(t, 0, func(t *testing.T, s loader) {
		t.Helper()
		want := Brake{Pulled: true, Reason: "smoke", Actor: "alice", Updated: epoch}
		if got, err := s.SetBrake(WithActor(t.Context(), "alice"), true, "smoke"); err != nil || got != want {
			t.Errorf("pulled: got %+v, %v, want %+v", got, err, want)
		}
		if got, err := s.Brake(t.Context()); err != nil || got != want {
			t.Errorf("asked: got %+v, %v, want %+v", got, err, want)
		}
	})
}
