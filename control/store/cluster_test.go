//go:build e2e

package store

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestAClusterOfThree(t *testing.T) {
	t.Parallel()
	_, servers := startCluster(t)
	urls := urlsOf(servers)
	await(t, "a cluster that keeps streams", func() bool {
		h, err := OpenHub(t.Context(), HubOptions{URL: urls, Fleet: "warm", Replicas: 3})
		return err == nil && h.Close() == nil
	})
	testStore(t, func(t *testing.T, engine Engine, now func() time.Time) keeper {
		t.Helper()
		return openShared(t, openHub(t, HubOptions{URL: urls, Fleet: newFleet(), Replicas: 3}), SharedOptions{Engine: engine, Now: now})
	})
	testTold(t, func(t *testing.T) *Hub {
		t.Helper()
		return openHub(t, HubOptions{URL: urls, Fleet: newFleet(), Replicas: 3})
	})
}

// One server of three is killed while nodes write: nothing that was acknowledged is lost, and writing goes on.
func TestAServerOfTheClusterIsKilled(t *testing.T) {
	t.Parallel()
	options, servers := startCluster(t)
	fleet := newFleet()
	await(t, "a cluster that keeps streams", func() bool {
		h, err := OpenHub(t.Context(), HubOptions{URL: urlsOf(servers), Fleet: fleet, Replicas: 3})
		return err == nil && h.Close() == nil
	})
	nodes := openNodes(t, urlsOf(servers), fleet, 2, 3)
	var mu sync.Mutex
	acknowledged, failed := []string{}, 0
	write := func(worker, i int) {
		name := fmt.Sprintf("f%d-%d", worker, i)
		_, err := nodes[worker].Write(t.Context(), []Write{{Fault: fault(name, 0)}})
		mu.Lock()
		defer mu.Unlock()
		var away *UnavailableError
		switch {
		case err == nil:
			acknowledged = append(acknowledged, name)
		case errors.As(err, &away):
			failed++
		default:
			t.Errorf("write %s: got %v, want success or an *UnavailableError", name, err)
		}
	}
	var group sync.WaitGroup
	for worker := range nodes {
		group.Go(func() {
			for i := range 200 {
				if worker == 0 && i == 50 {
					servers[0].kill()
				}
				write(worker, i)
			}
		})
	}
	group.Wait()
	t.Logf("%d writes acknowledged, %d refused", len(acknowledged), failed)
	await(t, "writing to go on", func() bool {
		_, err := nodes[0].Write(t.Context(), []Write{{Fault: fault("after", 0)}})
		return err == nil
	})
	startNATS(t, options[0])
	for i := range nodes {
		await(t, fmt.Sprintf("everything on node %d", i), func() bool {
			set, err := nodes[i].Faults(t.Context())
			return err == nil && slices.Contains(namesOf(set), "after")
		})
		set, err := nodes[i].Faults(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range acknowledged {
			if !slices.Contains(namesOf(set), name) {
				t.Errorf("node %d: %s was acknowledged and is gone", i, name)
			}
		}
	}
}

// The store is away for a minute; attempts wait on their node and arrive on its return, none twice.
func TestTheStoreIsAwayForAMinute(t *testing.T) {
	t.Parallel()
	o := natsOptions{Name: "one", Dir: t.TempDir()}
	server := startNATS(t, o)
	o.Port = server.port(t)
	fleet := newFleet()
	proxy := startGathered(t, HubOptions{URL: server.url, Fleet: fleet}, GatheredOptions{Node: "proxy", Own: 100_000})
	control := startGathered(t, HubOptions{URL: server.url, Fleet: fleet}, GatheredOptions{Node: "control", Own: 10, All: 100_000})
	var recorded uint64
	record := func(count int) {
		for range count {
			recorded++
			proxy.Record(&observe.Attempt{Sequence: recorded})
		}
	}
	record(1000)
	await(t, "the first attempts", func() bool { total, _ := control.Counts(); return total == recorded })
	server.kill()
	for range 60 {
		record(1000)
		time.Sleep(time.Second)
	}
	startNATS(t, o)
	await(t, "the attempts that waited", func() bool { total, _ := control.Counts(); return total >= recorded })
	if total, dropped := control.Counts(); total != recorded || dropped != 0 {
		t.Errorf("got %d attempts and %d dropped, want %d and none", total, dropped, recorded)
	}
	if _, lost := proxy.OwnCounts(); lost != 0 {
		t.Errorf("the proxy lost %d attempts, want none", lost)
	}
}
