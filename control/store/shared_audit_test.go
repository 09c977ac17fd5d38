package store

import (
	"fmt"
	"testing"
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
