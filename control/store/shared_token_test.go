package store

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A token that cannot be read locks nobody else out.
func TestAnUnreadableTokenIsLeftOut(t *testing.T) {
	t.Parallel()
	tokens, err := openHub(t, HubOptions{}).Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.keys.PutString(t.Context(), tokenKey("bad"), `{"of":"another version"}`); err != nil {
		t.Fatal(err)
	}
	if err := tokens.Put(t.Context(), Token{ID: "good", Name: "good", Role: "viewer"}); err != nil {
		t.Fatal(err)
	}
	await(t, "both tokens", func() bool { return len(tokens.known.newest(0)) == 2 })
	for range 2 {
		if got, err := tokens.List(t.Context()); err != nil || len(got) != 1 || got[0].ID != "good" {
			t.Errorf("got %+v, %v, want the good one", got, err)
		}
	}
}

// Of tokens that were removed nothing is remembered for ever.
func TestRemovedTokensAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &mirror{entries: make(map[string]mirrored)}
		m.put("stays", 1, []byte("token"))
		for i := range uint64(1000) {
			m.put(fmt.Sprint(i), i+2, []byte("token"))
			m.put(fmt.Sprint(i), i+2, nil)
			m.put(fmt.Sprint(i), i+1, []byte("heard of late"))
			time.Sleep(time.Minute)
		}
		if count := len(m.entries); count > 1+2*60 || len(m.all()) != 1 {
			t.Errorf("%d keys are remembered, and %d have a value, want those of two hours and one", count, len(m.all()))
		}
	})
}

// Tokens are read when they change, not whenever somebody calls.
func TestTokensAreReadOnce(t *testing.T) {
	t.Parallel()
	tokens, err := openHub(t, HubOptions{}).Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two", "three"} {
		if err := tokens.Put(t.Context(), Token{ID: id, Name: id, Role: "viewer", Hash: []byte(id)}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := tokens.List(t.Context()); err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v, want three", got, err)
	}
	tokens.tokens[0].Name = "as it was read"
	if got, err := tokens.List(t.Context()); err != nil || got[0].Name != "as it was read" {
		t.Errorf("got %v, %v, want what was read before", got, err)
	}
	if err := tokens.Delete(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if got, err := tokens.List(t.Context()); err != nil || len(got) != 2 || got[0].Name == "as it was read" {
		t.Errorf("after a change got %v, %v, want two tokens, read anew", got, err)
	}
}
