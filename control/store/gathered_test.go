package store

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// startGathered ships until the end of the test.
func startGathered(t testing.TB, h HubOptions, o GatheredOptions) *Gathered {
	t.Helper()
	g, _ := startStoppable(t, h, o)
	return g
}

// startStoppable returns what ends the shipping, too.
func startStoppable(t testing.TB, h HubOptions, o GatheredOptions) (g *Gathered, stop func()) {
	t.Helper()
	hub := openHub(t, h)
	g = NewGathered(o)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- g.Ship(ctx, hub, 5*time.Second) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ship: %v", err)
		}
	})
	t.Cleanup(stop)
	return g, stop
}

func recordMany(g *Gathered, from, to uint64) {
	for sequence := from; sequence <= to; sequence++ {
		g.Record(&observe.Attempt{Sequence: sequence, Client: "client", Reason: "why"})
	}
}

// byNode are the sequence numbers of the attempts of each node.
func byNode(attempts []observe.Attempt) map[string][]uint64 {
	found := make(map[string][]uint64)
	for i := range attempts {
		found[attempts[i].Node] = append(found[attempts[i].Node], attempts[i].Sequence)
	}
	return found
}

func span(from, to uint64) []uint64 {
	var all []uint64
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func TestAttemptsOfAllNodesAreGathered(t *testing.T) {
	t.Parallel()
	h := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet()}
	a := startGathered(t, h, GatheredOptions{Node: "a", Own: 10_000})
	b := startGathered(t, h, GatheredOptions{Node: "b", Own: 10_000, All: 10_000})
	recordMany(a, 1, 700)
	recordMany(b, 1, 300)
	if got := byNode(b.All())["b"]; !slices.Equal(got, span(1, 300)) {
		t.Errorf("a node knows %d of its own attempts at once, want all 300", len(got))
	}
	await(t, "the attempts of the other node", func() bool { total, _ := b.Counts(); return total >= 1000 })
	got := byNode(b.All())
	if !slices.Equal(got["a"], span(1, 700)) || !slices.Equal(got["b"], span(1, 300)) || len(got) != 2 {
		t.Errorf("got %d of a and %d of b, want all 700 and 300 in their order", len(got["a"]), len(got["b"]))
	}
	late := startGathered(t, h, GatheredOptions{Node: "late", Own: 10, All: 10_000})
	await(t, "what was before the process began", func() bool { total, _ := late.Counts(); return total >= 1000 })
	if total, dropped := late.Counts(); total != 1000 || dropped != 0 {
		t.Errorf("the late node has %d attempts and %d dropped, want 1000 and none", total, dropped)
	}
}

// What a node forgot before it could hand it over is counted, by the node and by the others.
func TestLostAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	h := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet()}
	control := startGathered(t, h, GatheredOptions{Node: "control", Own: 10, All: 10_000})
	g := NewGathered(GatheredOptions{Node: "proxy", Own: 100})
	recordMany(g, 1, 1000)
	hub := openHub(t, h)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Ship(over, hub, time.Minute); err != nil {
		t.Fatal(err)
	}
	if total, lost := g.OwnCounts(); total != 1000 || lost != 900 {
		t.Errorf("the proxy has %d attempts and lost %d, want 1000 and 900", total, lost)
	}
	await(t, "the attempts that are left", func() bool { total, _ := control.Counts(); return total >= 100 })
	if total, dropped := control.Counts(); total != 100 || dropped != 0 || control.Missed() != 900 {
		t.Errorf("the control node has %d attempts, %d dropped and %d missed, want 100, none and 900", total, dropped, control.Missed())
	}
	if got := byNode(control.All())["proxy"]; !slices.Equal(got, span(901, 1000)) {
		t.Errorf("the control node has %d attempts of the proxy, want the newest 100", len(got))
	}
}

// A batch that was taken without its sender hearing of it is not taken twice, nor is one that is read twice.
func TestABatchIsTakenOnce(t *testing.T) {
	t.Parallel()
	h := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet()}
	control := startGathered(t, h, GatheredOptions{Node: "control", Own: 10, All: 1000})
	hub := openHub(t, h)
	g := NewGathered(GatheredOptions{Node: "proxy", Own: 100})
	recordMany(g, 1, 10)
	b := g.own.batch(new(batch), 0, mostInBatch)
	for range 3 {
		if err := g.sendOne(t.Context(), hub, b); err != nil {
			t.Fatal(err)
		}
	}
	g.shipping.sent.Store(10)
	recordMany(g, 11, 20)
	if err := g.sendAll(t.Context(), hub); err != nil {
		t.Fatal(err)
	}
	await(t, "both batches", func() bool { total, _ := control.Counts(); return total >= 20 })
	if got := byNode(control.All())["proxy"]; !slices.Equal(got, span(1, 20)) {
		t.Errorf("got %v, want each attempt once", got)
	}
	for _, c := range []struct{ from, count, known uint64 }{{5, 10, 10}, {20, 1, 0}, {20, 1, 1}, {18, 5, 3}, {30, 2, 0}, {0, 32, 32}, {0, 34, 32}} {
		if known := control.expect("proxy", c.from, c.count); known != c.known {
			t.Errorf("of %d from %d on %d are known, want %d", c.count, c.from, known, c.known)
		}
	}
	if missed := control.Missed(); missed != 7 {
		t.Errorf("%d are missing, want the 7 from 23 on", missed)
	}
}

// Of a batch in doubt some is forgotten before it is handed over again, so that the next is another one: what both have is
// taken once.
func TestABatchInDoubtIsForgottenInPart(t *testing.T) {
	t.Parallel()
	h := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet()}
	control := startGathered(t, h, GatheredOptions{Node: "control", Own: 10, All: 1000})
	hub := openHub(t, h)
	g := NewGathered(GatheredOptions{Node: "proxy", Own: 15})
	recordMany(g, 1, 10)
	b := g.own.batch(new(batch), 0, mostInBatch)
	if err := g.sendOne(t.Context(), hub, b); err != nil { // taken, and the answer is lost
		t.Fatal(err)
	}
	g.shipping.puzzle(doubt{b.from, len(b.ends)})
	recordMany(g, 11, 20)
	if err := g.sendAll(t.Context(), hub); err != nil {
		t.Fatal(err)
	}
	await(t, "all attempts", func() bool { total, _ := control.Counts(); return total >= 20 })
	if got := byNode(control.All())["proxy"]; !slices.Equal(got, span(1, 20)) || control.Missed() != 0 {
		t.Errorf("got %v and %d missing, want each attempt once and none", got, control.Missed())
	}
	if got, want := g.Lag(), (Lag{Shipped: 20}); got != want {
		t.Errorf("the lag is %+v, want %+v", got, want)
	}
}

// Attempts that were forgotten here while it was in doubt whether they had been handed over are lost only if they were not, and
// none of them is before that is known.
func TestForgottenInDoubtIsNotLost(t *testing.T) {
	t.Parallel()
	hub := openHub(t, HubOptions{})
	for name, tt := range map[string]struct {
		taken           bool
		before, settled Lag
	}{
		"it was taken":     {true, Lag{Waiting: 25, Lost: 5, Doubtful: 10}, Lag{Shipped: 25, Lost: 5}},
		"it was not taken": {false, Lag{Waiting: 25, Lost: 5, Doubtful: 10}, Lag{Shipped: 15, Lost: 15}},
	} {
		g := NewGathered(GatheredOptions{Node: name, Own: 15})
		recordMany(g, 1, 10)
		b := g.own.batch(new(batch), 0, mostInBatch)
		if tt.taken {
			if err := g.sendOne(t.Context(), hub, b); err != nil {
				t.Fatal(err)
			}
		}
		g.shipping.puzzle(doubt{b.from, len(b.ends)})
		recordMany(g, 11, 30)
		got := g.Lag()
		if got.Oldest = tt.before.Oldest; got != tt.before {
			t.Errorf("%s: before it is known the lag is %+v, want %+v", name, got, tt.before)
		}
		if err := g.sendAll(t.Context(), hub); err != nil {
			t.Fatal(err)
		}
		if got := g.Lag(); got != tt.settled {
			t.Errorf("%s: the lag is %+v, want %+v", name, got, tt.settled)
		}
	}
}

// What is in doubt at the end is told apart from what is lost.
func TestWhatIsInDoubtAtTheEnd(t *testing.T) {
	t.Parallel()
	hub := openHub(t, HubOptions{})
	g := NewGathered(GatheredOptions{Node: "proxy", Own: 100})
	recordMany(g, 1, 10)
	g.shipping.puzzle(doubt{0, 10})
	recordMany(g, 11, 30)
	if err := hub.Close(); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Ship(over, hub, 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	got := g.Lag()
	if got.Oldest = (time.Time{}); got != (Lag{Waiting: 10, Lost: 20, Doubtful: 10}) {
		t.Errorf("the lag is %+v, want 20 lost and 10 in doubt", got)
	}
}

// What came while a batch was in doubt is not thrown away as a part of its repeat.
func TestABatchInDoubtGrowsNoLonger(t *testing.T) {
	t.Parallel()
	h := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet()}
	control := startGathered(t, h, GatheredOptions{Node: "control", Own: 10, All: 1000})
	hub := openHub(t, h)
	g := NewGathered(GatheredOptions{Node: "proxy", Own: 100})
	recordMany(g, 1, 10)
	b := g.own.batch(new(batch), 0, mostInBatch)
	if err := g.sendOne(t.Context(), hub, b); err != nil { // taken, and the answer is lost
		t.Fatal(err)
	}
	g.shipping.puzzle(doubt{b.from, len(b.ends)})
	recordMany(g, 11, 30)
	if err := g.sendAll(t.Context(), hub); err != nil {
		t.Fatal(err)
	}
	await(t, "all attempts", func() bool { total, _ := control.Counts(); return total >= 30 })
	if got := byNode(control.All())["proxy"]; !slices.Equal(got, span(1, 30)) {
		t.Errorf("got %v, want each attempt once", got)
	}
}

// A failed hand-over leaves the batch in doubt, one that is acknowledged ends that.
func TestAFailedBatchIsInDoubt(t *testing.T) {
	t.Parallel()
	hub := openHub(t, HubOptions{Dir: t.TempDir(), Sync: time.Second})
	g := NewGathered(GatheredOptions{Node: "proxy", Own: 100})
	recordMany(g, 1, 10)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := g.sendAll(gone, hub); err == nil {
		t.Fatal("a batch is handed over though nobody waits for it")
	}
	if want := (doubt{0, 10}); g.shipping.doubt != want {
		t.Errorf("in doubt is %v, want %v", g.shipping.doubt, want)
	}
	recordMany(g, 11, 30)
	if err := g.sendAll(t.Context(), hub); err != nil {
		t.Fatal(err)
	}
	if sent := g.shipping.sent.Load(); sent != 30 || g.shipping.doubt != (doubt{}) {
		t.Errorf("%d are sent and %v is in doubt, want 30 and nothing", sent, g.shipping.doubt)
	}
}

// A store of our own has the attempts of earlier starts. Once they are known, nothing is read back.
func TestEarlierStartsAreKnownAndNoMore(t *testing.T) {
	t.Parallel()
	hub := openHub(t, HubOptions{Dir: t.TempDir(), Sync: time.Second})
	earlier := NewGathered(GatheredOptions{Node: "one#1", Own: 1000})
	recordMany(earlier, 1, 300)
	if err := earlier.sendAll(t.Context(), hub); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as often as it is started
		g := NewGathered(GatheredOptions{Node: "one#2", Own: 1000, All: 1000})
		recordMany(g, 1, 5)
		g.collect(t.Context(), hub) // which ends by itself
		if got := byNode(g.All()); !slices.Equal(got["one#1"], span(1, 300)) || len(got[""])+len(got["one#2"]) != 5 {
			t.Errorf("got %d of the earlier start and %d in all, want 300 and 305", len(got["one#1"]), len(g.All()))
		}
	}
	stream, err := hub.js.Stream(t.Context(), hub.attemptStream())
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Consumers; n != 0 {
		t.Errorf("%d consumers are left behind, want none", n)
	}
}

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	small, large := NewAttempts(5000), NewAttempts(100)
	for range 3000 {
		small.Record(&observe.Attempt{Reason: "why"})
	}
	for range 100 {
		large.Record(&observe.Attempt{Reason: string(make([]byte, 8<<10))})
	}
	if b := small.batch(new(batch), 0, mostInBatch); len(b.ends) != mostInBatch || b.next != mostInBatch {
		t.Errorf("a batch has %d attempts up to %d, want %d", len(b.ends), b.next, mostInBatch)
	}
	b := large.batch(new(batch), 0, mostInBatch)
	if len(b.forms) > mostBatchBytes || len(b.forms) < mostBatchBytes-9<<10 || b.next != uint64(len(b.ends)) {
		t.Errorf("it has %d bytes and %d attempts up to %d, want at most %d bytes", len(b.forms), len(b.ends), b.next, mostBatchBytes)
	}
	count := 0
	b.each(func(form []byte) {
		if _, rest, err := observe.ParseAttempt(form); err != nil || len(rest) > 0 {
			t.Fatalf("form %d: %v, %d bytes left", count, err, len(rest))
		}
		count++
	})
	if count != len(b.ends) {
		t.Errorf("went through %d attempts of %d", count, len(b.ends))
	}
}

// An attempt that is too long for a batch is one of its own.
func TestALongAttemptIsABatch(t *testing.T) {
	t.Parallel()
	a := NewAttempts(10)
	a.Record(&observe.Attempt{Reason: string(make([]byte, mostBatchBytes))})
	a.Record(&observe.Attempt{Reason: "why"})
	for position := range uint64(2) {
		if b := a.batch(new(batch), position, mostInBatch); len(b.ends) != 1 || b.next != position+1 {
			t.Errorf("batch %d has %d attempts up to %d, want one", position, len(b.ends), b.next)
		}
	}
}

// Batches are packed, and read however they come: one of an earlier version is as it is.
func TestBatchesArePacked(t *testing.T) {
	t.Parallel()
	a := NewAttempts(1000)
	for sequence := range uint64(300) {
		a.Record(&observe.Attempt{Sequence: sequence + 1, Client: "client", Reason: "why"})
	}
	b := new(batch)
	for range 2 { // in the room of the one before
		a.batch(b, 0, mostInBatch)
		packed := b.pack()
		if got, err := unpackForms(packingS2, packed); err != nil || !bytes.Equal(got, b.forms) || len(packed) > len(b.forms)/2 {
			t.Errorf("%d bytes packed to %d, unpacked to %d, %v; want what was packed, from at most half of it", len(b.forms), len(packed), len(got), err)
		}
	}
	if got, err := unpackForms("", b.forms); err != nil || !bytes.Equal(got, b.forms) {
		t.Errorf("what was not packed is read as %d bytes, %v; want it as it is", len(got), err)
	}
	huge := s2.Encode(nil, make([]byte, mostUnpacked+1))
	for name, in := range map[string]struct {
		packing string
		data    []byte
	}{"another packing": {"zip", b.forms}, "cut": {packingS2, b.pack()[:20]}, "nothing": {packingS2, nil}, "too much": {packingS2, huge}} {
		if _, err := unpackForms(in.packing, in.data); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// What cannot be read makes no pass: it is counted as missing.
func TestBatchesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	g := NewGathered(GatheredOptions{Node: "control", Own: 10, All: 10})
	form := (&observe.Attempt{Sequence: 1}).AppendBinary(nil)
	if err := g.takeForms("proxy", append(form, 0xff), 3, 0); err == nil {
		t.Error("got no error")
	}
	if total, _ := g.Counts(); total != 1 || g.Missed() != 2 {
		t.Errorf("got %d attempts and %d missed, want 1 and 2", total, g.Missed())
	}
	if got := byNode(g.All()); !slices.Equal(got["proxy"], []uint64{1}) {
		t.Errorf("got %v, want the attempt that could be read, under its node's name", got)
	}
}
