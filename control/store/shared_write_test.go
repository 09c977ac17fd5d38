package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// bulky are faults whose stored form is too large for the root, and cannot be deflated to less.
func bulky() []Write {
	writes := make([]Write, 40)
	for i := range writes {
		var body strings.Builder
		for n := range uint64(4000) {
			fmt.Fprintf(&body, "%x", (n+uint64(i)*7919+1)*0x9e3779b97f4a7c15)
		}
		text := body.String()
		f := fault(fmt.Sprint("f", i), 0)
		f.Answer.Body = &text
		writes[i] = Write{Fault: f}
	}
	return writes
}

// parts are the parts that are kept.
func parts(t *testing.T, s *Shared) []string {
	t.Helper()
	keys, err := s.keys.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, key := range keys {
		if strings.HasPrefix(key, partPrefix) {
			found = append(found, key)
		}
	}
	return found
}

// However often a large set is changed, nothing is left of the parts that it had before.
func TestPartsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	h := openHub(t, HubOptions{})
	s := openShared(t, h, SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	for i := range 5 {
		writes := bulky()
		writes[0].Fault.Disabled = i%2 == 0
		if _, err := s.Write(t.Context(), writes); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := h.js.Stream(t.Context(), h.stateStream())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := stream.CachedInfo().State.Msgs, uint64(1+len(s.current.parts)); got != want || want == 1 {
		t.Errorf("the store has %d messages, want the root and %d parts", got, want-1)
	}
}

// A change that another node was quicker than leaves no parts behind.
func TestAConflictLeavesNoPartsBehind(t *testing.T) {
	t.Parallel()
	s := openShared(t, openHub(t, HubOptions{}), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	if _, err := s.Write(t.Context(), bulky()); err != nil {
		t.Fatal(err)
	}
	before := parts(t, s)
	if len(before) == 0 {
		t.Fatal("the faults fit into the root: the test shows nothing")
	}
	s.mu.Lock()
	late := *s.current
	s.mu.Unlock()
	if err := late.seal(); err != nil {
		t.Fatal(err)
	}
	if err := s.put(t.Context(), &late, s.current.sequence+100); !errors.Is(err, errConflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
	if after := parts(t, s); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("there are %d parts, want the %d from before", len(after), len(before))
	}
}

// What another node does to the brake takes no warnings from the faults.
func TestABrakeFromElsewhereKeepsTheWarnings(t *testing.T) {
	t.Parallel()
	nodes := openNodes(t, startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet(), 2, 1)
	one, two := fault("one", 0.7), fault("two", 0.7)
	one.Match.Endpoints, two.Match.Methods = []string{"genres"}, []string{"GET"}
	if _, err := nodes[0].Write(t.Context(), []Write{{Fault: one}, {Fault: two}}); err != nil {
		t.Fatal(err)
	}
	warned := func() bool {
		set, err := nodes[0].Faults(t.Context())
		return err == nil && len(set) == 2 && len(set[0].Warnings)+len(set[1].Warnings) > 0
	}
	if !warned() {
		t.Fatal("there are no warnings: the test shows nothing")
	}
	await(t, "the brake of the other", func() bool {
		_, err := nodes[1].SetBrake(t.Context(), true, "smoke")
		return err == nil
	})
	await(t, "the brake here", nodes[0].Braked)
	if !warned() {
		t.Error("the warnings are gone")
	}
}
