package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// testTokens is the contract of every store of tokens. It gets a constructor of empty ones.
func testTokens(t *testing.T, open func(t *testing.T) tokenKeeper) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, tokenKeeper){
		"tokens are listed as they were put": testTokensListed,
		"a token is removed once":            testTokenRemoved,
		"nobody shares memory with a store":  testTokensOwned,
		"parallel changes are all kept":      testTokensParallel,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func tokenOf(id string, age time.Duration) Token {
	return Token{ID: id, Name: "of " + id, Role: "viewer", Hash: []byte("hash of " + id), Created: epoch.Add(-age), Expires: epoch.Add(time.Hour)}
}

func putTokens(t *testing.T, s tokenKeeper, tokens ...Token) {
	t.Helper()
	for _, token := range tokens {
		if err := s.Put(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
}

func wantTokens(t *testing.T, s tokenKeeper, want ...Token) {
	t.Helper()
	got, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}

func testTokensListed(t *testing.T, s tokenKeeper) {
	t.Helper()
	wantTokens(t, s)
	old, young, twin := tokenOf("zz", time.Hour), tokenOf("aa", time.Minute), tokenOf("bb", time.Minute)
	old.Expires = time.Time{}
	putTokens(t, s, twin, young, old)
	wantTokens(t, s, old, young, twin)
	young.Role = "admin"
	putTokens(t, s, young)
	wantTokens(t, s, old, young, twin)
	if old.Expired(epoch.Add(1000 * time.Hour)) {
		t.Error("a token without an end has expired")
	}
	if young.Expired(epoch.Add(time.Hour-1)) || !young.Expired(epoch.Add(time.Hour)) {
		t.Error("a token does not expire at its end")
	}
}

func testTokenRemoved(t *testing.T, s tokenKeeper) {
	t.Helper()
	putTokens(t, s, tokenOf("aa", 0), tokenOf("bb", 0))
	if err := s.Delete(t.Context(), "aa"); err != nil {
		t.Fatal(err)
	}
	wantTokens(t, s, tokenOf("bb", 0))
	for _, id := range []string{"aa", "", strings.Repeat("x", 1<<20), "a b/*.>"} {
		err := s.Delete(t.Context(), id)
		if missing, ok := errors.AsType[*TokenMissingError](err); !ok || missing.ID != id || len(err.Error()) > 1000 {
			t.Errorf("delete %.20q: got %.200v, want a short *TokenMissingError", id, err)
		}
	}
}

func testTokensOwned(t *testing.T, s tokenKeeper) {
	t.Helper()
	given := tokenOf("aa", 0)
	putTokens(t, s, given)
	given.Hash[0] = 'X'
	got, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got[0].Hash[1] = 'X'
	wantTokens(t, s, tokenOf("aa", 0))
}

func testTokensParallel(t *testing.T, s tokenKeeper) {
	t.Helper()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if err := s.Put(t.Context(), tokenOf(fmt.Sprint(i), 0)); err != nil {
				t.Errorf("put: %v", err)
			}
			if _, err := s.List(t.Context()); err != nil {
				t.Errorf("list: %v", err)
			}
			if err := s.Delete(t.Context(), fmt.Sprint(i)); i%2 == 0 && err != nil {
				t.Errorf("delete: %v", err)
			} else if i%2 != 0 {
				putTokens(t, s, tokenOf(fmt.Sprint(i), 0))
			}
		})
	}
	group.Wait()
	if got, err := s.List(t.Context()); err != nil || len(got) != 10 {
		t.Errorf("got %d tokens, %v, want 10", len(got), err)
	}
}

// testAudit is the contract of every store of audit entries. It gets a constructor of empty ones.
func testAudit(t *testing.T, open func(t *testing.T) auditKeeper) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, auditKeeper){
		"entries are numbered and kept whole":      testAuditKept,
		"entries are read from a sequence number":  testAuditAfter,
		"the oldest go first":                      testAuditBounded,
		"parallel entries are numbered one by one": testAuditParallel,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func appendEntries(t *testing.T, s auditKeeper, n int) {
	t.Helper()
	for i := range n {
		if err := s.Append(t.Context(), AuditEntry{Resource: fmt.Sprint("faults/", i)}); err != nil {
			t.Fatal(err)
		}
	}
}

func entriesOf(t *testing.T, s auditKeeper, after uint64, limit int) []AuditEntry {
	t.Helper()
	entries, err := s.List(t.Context(), after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func testAuditKept(t *testing.T, s auditKeeper) {
	t.Helper()
	if got := entriesOf(t, s, 0, 10); len(got) > 0 {
		t.Errorf("got %v of an empty store, want nothing", got)
	}
	entry := AuditEntry{
		Sequence: 77, Time: epoch, Actor: "alice", Role: "operator", Remote: "127.0.0.1:1", Method: "a.B/C", Resource: "faults/x",
		RequestID: "r1", Result: "OK", Before: json.RawMessage(`{"share":0.1}`), After: json.RawMessage(`{"share":0.2}`), Revision: 9,
	}
	if err := s.Append(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	appendEntries(t, s, 1)
	entry.Sequence = 1
	want := []AuditEntry{entry, {Sequence: 2, Resource: "faults/0"}}
	if diff := cmp.Diff(want, entriesOf(t, s, 0, 10)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func testAuditAfter(t *testing.T, s auditKeeper) {
	t.Helper()
	appendEntries(t, s, 10)
	for _, tt := range []struct {
		after       uint64
		limit       int
		first, many uint64
	}{{0, 3, 1, 3}, {3, 3, 4, 3}, {8, 5, 9, 2}, {10, 5, 0, 0}, {99, 5, 0, 0}, {0, 0, 0, 0}, {0, -1, 0, 0}} {
		got := entriesOf(t, s, tt.after, tt.limit)
		if uint64(len(got)) != tt.many || len(got) > 0 && got[0].Sequence != tt.first {
			t.Errorf("after %d, at most %d: got %d entries %v, want %d from %d on", tt.after, tt.limit, len(got), got, tt.many, tt.first)
		}
	}
}

func testAuditBounded(t *testing.T, s auditKeeper) {
	t.Helper()
	appendEntries(t, s, MaxAuditEntries+7)
	got := entriesOf(t, s, 0, 2*MaxAuditEntries)
	if len(got) != MaxAuditEntries || got[0].Sequence != 8 || got[len(got)-1].Sequence != MaxAuditEntries+7 {
		t.Errorf("got %d entries, want the newest %d", len(got), MaxAuditEntries)
	}
	for _, entry := range got {
		if want := fmt.Sprint("faults/", entry.Sequence-1); entry.Resource != want {
			t.Fatalf("entry %d is about %s, want %s", entry.Sequence, entry.Resource, want)
		}
	}
}

func testAuditParallel(t *testing.T, s auditKeeper) {
	t.Helper()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { appendEntries(t, s, 50) })
	}
	group.Wait()
	for i, entry := range entriesOf(t, s, 0, 1000) {
		if entry.Sequence != uint64(i)+1 {
			t.Fatalf("entry %d has number %d", i, entry.Sequence)
		}
	}
	if got := entriesOf(t, s, 399, 10); len(got) != 1 {
		t.Errorf("got %d entries after 399 of 400, want 1", len(got))
	}
}
