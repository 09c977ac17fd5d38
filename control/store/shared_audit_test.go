package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// What is written down while the store is away is kept once it is back, in order and once.
func TestAuditEntriesWaitForTheStore(t *testing.T) {
	t.Parallel()
	o := natsOptions{Name: "one", Dir: t.TempDir()}
	server := startNATS(t, o)
	o.Port = server.port(t)
	h := openHub(t, HubOptions{URL: server.url, Fleet: newFleet()})
	audit, err := h.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	note := func(actor string) {
		t.Helper()
		if err := audit.Append(t.Context(), AuditEntry{Actor: actor}); err != nil {
			t.Errorf("append %s: %v", actor, err)
		}
	}
	note("0")
	server.kill()
	await(t, "the loss of the store", func() bool { return !h.Connected() })
	for i := range 3 {
		note(fmt.Sprint(i + 1))
	}
	startNATS(t, o)
	var entries []AuditEntry
	await(t, "the entries", func() bool {
		entries, err = audit.List(t.Context(), 0, 10)
		return err == nil && len(entries) >= 4
	})
	for i, entry := range entries {
		if len(entries) != 4 || entry.Actor != fmt.Sprint(i) {
			t.Errorf("entry %d of %d is by %q, want 0 to 3 in order", i, len(entries), entry.Actor)
		}
	}
}

// An entry that was kept without our hearing of it is not kept again, however long it takes until the store is back: the server
// tells a repeat for a while only.
func TestAnAuditEntryInDoubtIsKeptOnce(t *testing.T) {
	t.Parallel()
	server, fleet := startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}), newFleet()
	way := layCable(t, server.url)
	here, there := openHub(t, HubOptions{URL: way.url, Fleet: fleet}), openHub(t, HubOptions{URL: server.url, Fleet: fleet})
	const window = 100 * time.Millisecond
	forgetful := there.stream(there.auditStream(), there.auditSubject(), Bounds{})
	forgetful.Duplicates = window
	if _, err := there.js.UpdateStream(t.Context(), forgetful); err != nil {
		t.Fatal(err)
	}
	ours, theirs := openAudit(t, here), openAudit(t, there)
	note(t, ours, "0", time.Minute)
	way.back.Lock()
	note(t, ours, "1", time.Second) // It is kept, and nobody hears of that.
	await(t, "the entry", func() bool { return len(actorsOf(t, theirs)) == 2 })
	note(t, theirs, "2", time.Minute)
	time.Sleep(2 * window)
	way.back.Unlock()
	note(t, ours, "3", time.Minute)
	await(t, "nothing to wait", func() bool { ours.mu.Lock(); defer ours.mu.Unlock(); return len(ours.waiting) == 0 })
	if got := actorsOf(t, theirs); !slices.Equal(got, []string{"0", "1", "2", "3"}) {
		t.Errorf("got entries %v, want each once", got)
	}
}

// What was written down before it could be kept stands before what comes once the store is back.
func TestAnAuditEntryStandsBehindThoseThatWait(t *testing.T) {
	t.Parallel()
	audit := openAudit(t, openHub(t, HubOptions{}))
	var want []string
	for i := range 5 {
		audit.mu.Lock()
		audit.waiting = append(audit.waiting, &waitingEntry{id: fmt.Sprint(i), text: fmt.Appendf(nil, `{"Actor":"waited %d"}`, i)})
		audit.mu.Unlock()
		note(t, audit, fmt.Sprintf("new %d", i), time.Minute)
		want = append(want, fmt.Sprintf("waited %d", i), fmt.Sprintf("new %d", i))
	}
	if got := actorsOf(t, audit); !slices.Equal(got, want) {
		t.Errorf("got entries %v, want %v", got, want)
	}
}

func openAudit(t *testing.T, h *Hub) *SharedAudit {
	t.Helper()
	audit, err := h.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return audit
}

func note(t *testing.T, audit *SharedAudit, actor string, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := audit.Append(ctx, AuditEntry{Actor: actor}); err != nil {
		t.Errorf("append %s: %v", actor, err)
	}
}

func actorsOf(t *testing.T, audit *SharedAudit) []string {
	t.Helper()
	entries, err := audit.List(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var actors []string
	for _, entry := range entries {
		actors = append(actors, entry.Actor)
	}
	return actors
}

// As many wait as there is room for. Then it is told that one is lost.
func TestNotEveryAuditEntryWaits(t *testing.T) {
	t.Parallel()
	h := openHub(t, HubOptions{})
	audit, err := h.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.conn.Close()
	for i := range mostWaiting {
		if err := audit.Append(t.Context(), AuditEntry{}); err != nil {
			t.Fatalf("append %d: %v", i, err)
		}
	}
	if err := audit.Append(t.Context(), AuditEntry{}); err == nil {
		t.Error("one entry more was taken, want an error")
	}
}

// Whoever has read the entries leaves nothing behind in the server for long.
func TestReadersOfTheAuditAreForgottenSoon(t *testing.T) {
	t.Parallel()
	h := openHub(t, HubOptions{})
	audit, err := h.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Append(t.Context(), AuditEntry{}); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.List(t.Context(), 0, 1); err != nil {
		t.Fatal(err)
	}
	for info := range audit.stream.ListConsumers(t.Context()).Info() {
		if info.Config.InactiveThreshold > passageTime {
			t.Errorf("a reader is kept for %v, want at most %v", info.Config.InactiveThreshold, passageTime)
		}
	}
}
