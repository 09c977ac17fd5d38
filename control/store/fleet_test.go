package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// fleets gives each test that shares a server names of its own.
var fleets atomic.Uint64

func newFleet() string { return fmt.Sprintf("fleet-%d", fleets.Add(1)) }

func TestARealServer(t *testing.T) {
	t.Parallel()
	url := startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url
	testStore(t, func(t *testing.T, engine Engine, now func() time.Time) keeper {
		t.Helper()
		return openShared(t, openHub(t, HubOptions{URL: url, Fleet: newFleet()}), SharedOptions{Engine: engine, Now: now})
	})
	testTokens(t, func(t *testing.T) tokenKeeper {
		t.Helper()
		tokens, err := openHub(t, HubOptions{URL: url, Fleet: newFleet()}).Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	})
}

// node is one of several that share a store.
type node struct {
	*Shared
	engine *faults.Engine
	hub    *Hub
}

func openNodes(t testing.TB, url, fleet string, count, replicas int) []node {
	t.Helper()
	nodes := make([]node, count)
	for i := range nodes {
		n := node{engine: faults.NewEngine(1), hub: openHub(t, HubOptions{URL: url, Fleet: fleet, Replicas: replicas})}
		n.Shared = openShared(t, n.hub, SharedOptions{Engine: n.engine, Now: time.Now})
		nodes[i] = n
	}
	return nodes
}

// struck reports whether the engine of a node answers an exchange.
func (n *node) struck(sequence uint64) bool {
	place := faults.Place{Sequence: sequence, Call: sequence, Attempt: 1}
	return n.engine.Decide(&faults.Exchange{Method: "GET", Place: place, Now: time.Now()}).Terminal != nil
}

// Of a thousand updates by many nodes at once each is applied, or refused with the revision that there is.
func TestManyNodesUpdateOneFault(t *testing.T) {
	t.Parallel()
	const updates, nodes = 1000, 4
	fleet := openNodes(t, startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet(), nodes, 1)
	first, err := fleet[0].Write(t.Context(), []Write{{Fault: fault("one", 0)}})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	applied, refused := map[uint64]float64{}, 0
	var group sync.WaitGroup
	for worker := range 20 {
		group.Go(func() {
			n, known := &fleet[worker%nodes], first[0].Revision
			for i := range updates / 20 {
				share := float64(worker*1000+i) / 1e6
				got, err := n.Write(t.Context(), []Write{{Fault: fault("one", share), Revision: known}})
				var moved *MovedError
				mu.Lock()
				switch {
				case err == nil:
					known = got[0].Revision
					applied[known] = share
				case errors.As(err, &moved) && moved.Current > known:
					known = moved.Current
					refused++
				default:
					t.Errorf("got %v, want success or a newer revision than %d", err, known)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(applied)+refused != updates || len(applied) == 0 || refused == 0 {
		t.Errorf("%d applied at revisions of their own, %d refused, want %d together and some of both", len(applied), refused, updates)
	}
	newest := slices.Max(slices.Collect(maps.Keys(applied)))
	for i := range fleet {
		await(t, fmt.Sprintf("the newest revision on node %d", i), func() bool { return fleet[i].Applied() == newest })
		got, err := fleet[i].Faults(t.Context())
		if err != nil || got[0].Revision != newest || *got[0].Trigger.Share != applied[newest] {
			t.Errorf("node %d has %v, %v, want what was written last", i, got, err)
		}
	}
}

// What one node was told of is known to whoever asks another with its revision.
func TestANodeReadsWhatAnotherHasWritten(t *testing.T) {
	t.Parallel()
	fleet := openNodes(t, startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet(), 2, 1)
	for i := range 200 {
		writer, other := &fleet[i%2], &fleet[(i+1)%2]
		name := fmt.Sprint("f", i)
		written, err := writer.Write(t.Context(), []Write{{Fault: fault(name, 0), Create: true}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Write(t.Context(), []Write{{Fault: fault(name, 0.001), Revision: written[0].Revision}}); err != nil {
			t.Fatalf("update on the other node: %v", err)
		}
		if err := writer.Delete(t.Context(), name, 0); err != nil {
			t.Fatalf("removal on the first: %v", err)
		}
	}
}

// A set that is larger than a message of NATS is one change all the same.
func TestALargeSetIsOneChange(t *testing.T) {
	t.Parallel()
	fleet := openNodes(t, startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet(), 2, 1)
	writes := make([]Write, 5000)
	for i := range writes {
		writes[i].Fault = fault(fmt.Sprint("f", i), 0)
		writes[i].Fault.Match.Path = "/1/" + noise(i)
	}
	for round := range 3 {
		written, err := fleet[0].Write(t.Context(), writes)
		if err != nil {
			t.Fatal(err)
		}
		last := written[len(written)-1].Revision
		await(t, "the set on the other node", func() bool { return fleet[1].Applied() >= last })
		set, err := fleet[1].Faults(t.Context())
		if err != nil || len(set) != len(writes) || set[4999].Match.Path != writes[4999].Fault.Match.Path {
			t.Fatalf("round %d: the other node has %d faults, %v, want all %d", round, len(set), err, len(writes))
		}
	}
	if len(fleet[0].current.parts) < 2 {
		t.Errorf("the set has %d parts, want several: the test shows nothing", len(fleet[0].current.parts))
	}
	await(t, "the removal of old parts", func() bool {
		keys, err := fleet[0].keys.ListKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for range keys.Keys() {
			count++
		}
		return count == 1+len(fleet[0].current.parts)
	})
}

// noise is a text that does not compress.
func noise(seed int) string {
	text := make([]byte, 400)
	state := uint64(seed)*0x9e3779b97f4a7c15 + 1
	for i := range text {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		text[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[state%36]
	}
	return string(text)
}

// A node that cannot put in force what another wrote keeps what it has, says what it is behind, and stops saying so once it is not.
func TestRefusedFaultsAreTold(t *testing.T) {
	t.Parallel()
	s := openShared(t, openHub(t, HubOptions{}), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	if _, err := s.Write(t.Context(), []Write{{Fault: fault("one", 0.5)}}); err != nil {
		t.Fatal(err)
	}
	if refused := s.Refused(); refused != nil {
		t.Errorf("got %+v, want nothing refused", refused)
	}
	entry, err := s.keys.Get(t.Context(), stateKey)
	if err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(string(entry.Value()), `{"format":1,`, `{"format":2,"revision":9,`, 1)
	if _, err := s.keys.Put(t.Context(), stateKey, []byte(later)); err != nil {
		t.Fatal(err)
	}
	await(t, "the refusal", func() bool { return s.Refused() != nil })
	refused := s.Refused()
	if !strings.Contains(refused.Problem, "format 2, want 1") || s.Applied() != 1 {
		t.Errorf("refused is %+v at revision %d, want the newer one with the problem, and the older in force", refused, s.Applied())
	}
	if set, err := s.Faults(t.Context()); err != nil || len(set) != 1 {
		t.Errorf("there are %v, %v, want what was in force", set, err)
	}
	if err := s.keys.Delete(t.Context(), stateKey); err != nil {
		t.Fatal(err)
	}
	await(t, "another refusal", func() bool { return s.Refused().Problem == "they were deleted from the store" })
	if _, err := s.keys.Put(t.Context(), stateKey, entry.Value()); err != nil {
		t.Fatal(err)
	}
	await(t, "the end of it", func() bool { return s.Refused() == nil })
}

// A node that loses its store keeps to what it knows, refuses changes, brakes all the same, and catches up on return.
func TestTheStoreIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	o := natsOptions{Name: "one", Dir: t.TempDir()}
	server := startNATS(t, o)
	o.Port = server.port(t)
	fleet := openNodes(t, server.url, newFleet(), 2, 1)
	mortal := fault("mortal", 0.5)
	mortal.TTL = 400 * time.Millisecond
	if _, err := fleet[0].Write(t.Context(), []Write{{Fault: fault("lasting", 0.5)}, {Fault: mortal}}); err != nil {
		t.Fatal(err)
	}
	await(t, "the faults on the other node", func() bool { return fleet[1].struck(1) || fleet[1].struck(2) })
	server.kill()
	await(t, "the loss of the store", func() bool { return !fleet[0].hub.Connected() && !fleet[1].hub.Connected() })

	limit, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var away *UnavailableError
	if _, err := fleet[0].Write(limit, []Write{{Fault: fault("late", 0)}}); !errors.As(err, &away) {
		t.Errorf("a change got %v, want an *UnavailableError", err)
	}
	if set, err := fleet[1].Faults(t.Context()); err != nil || len(set) != 2 {
		t.Errorf("without the store there are %v, %v, want both faults", set, err)
	}
	await(t, "the end of the mortal fault", func() bool { return rateOf(&fleet[1]) < 0.6 })
	if rate := rateOf(&fleet[1]); rate < 0.4 {
		t.Errorf("the lasting fault strikes %v of the exchanges without the store, want half of them", rate)
	}
	if here, err := fleet[0].SetBrake(limit, true, "smoke"); !errors.As(err, &away) || !here.Pulled {
		t.Errorf("the brake got %+v and %v, want it pulled and an *UnavailableError that says where", here, err)
	}
	if here, err := fleet[0].Brake(t.Context()); err != nil || !here.Pulled || here.Reason != "smoke" {
		t.Errorf("where it was pulled the brake is %+v, %v, want it pulled and the reason", here, err)
	}
	if fleet[0].struck(1) || fleet[0].struck(2) || !fleet[0].Braked() {
		t.Error("a fault strikes on the node where the brake was pulled")
	}

	startNATS(t, o)
	await(t, "the brake on the other node", fleet[1].Braked)
	brake, err := fleet[1].Brake(t.Context())
	if err != nil || brake.Reason != "smoke" {
		t.Errorf("the other node has the brake %+v, %v, want the reason", brake, err)
	}
	await(t, "a release", func() bool { _, err := fleet[1].SetBrake(t.Context(), false, ""); return err == nil })
	await(t, "the release on the first node", func() bool { return !fleet[0].Braked() && rateOf(&fleet[0]) > 0.4 })
}

// rateOf is the share of exchanges that a node answers.
func rateOf(n *node) float64 {
	const tries = 400
	struck := 0
	for i := range uint64(tries) {
		if n.struck(i) {
			struck++
		}
	}
	return float64(struck) / tries
}

// What is changed as soon as a store is back that was started anew is heard at once: the faults, and what is kept in buckets.
func TestChangesAreHeardOnceTheStoreIsBack(t *testing.T) {
	t.Parallel()
	o := natsOptions{Name: "one", Dir: t.TempDir()}
	server := startNATS(t, o)
	o.Port = server.port(t)
	fleet := openNodes(t, server.url, newFleet(), 2, 1)
	nodes, err := fleet[1].hub.Nodes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server.kill()
	await(t, "the loss of the store", func() bool { return !fleet[0].hub.Connected() && !fleet[1].hub.Connected() })
	startNATS(t, o)
	await(t, "the store", func() bool { return fleet[0].hub.Connected() && fleet[1].hub.Connected() })
	time.Sleep(3 * spreadTime / 2) // What makes up for what was missed meanwhile has been.

	began := time.Now()
	if _, err := fleet[0].Write(t.Context(), []Write{{Fault: fault("late", 1)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := nodes.keys.Put(t.Context(), nodeKey("late"), []byte(`{"Name":"late"}`)); err != nil {
		t.Fatal(err)
	}
	await(t, "the fault on the other node", func() bool { return fleet[1].struck(1) })
	await(t, "the node", func() bool { list, err := nodes.List(t.Context()); return err == nil && len(list) == 1 })
	if took := time.Since(began); took > tendTime/2 {
		t.Errorf("a change was heard after %v, want it at once", took)
	}
}
