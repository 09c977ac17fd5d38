package store

import (
	"log/slog"
	"testing"
	"time"
)

// openHub opens a hub that is closed at the end of the test.
func openHub(t testing.TB, o HubOptions) *Hub {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	h, err := OpenHub(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close the hub: %v", err)
		}
	})
	return h
}

// openShared opens faults and brake, and stops following at the end of the test.
func openShared(t testing.TB, h *Hub, o SharedOptions) *Shared {
	t.Helper()
	s, err := h.Shared(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestEmbeddedInMemory(t *testing.T) {
	t.Parallel()
	testStore(t, func(t *testing.T, engine Engine, now func() time.Time) keeper {
		t.Helper()
		return openShared(t, openHub(t, HubOptions{}), SharedOptions{Engine: engine, Now: now})
	})
}

func TestEmbeddedInFiles(t *testing.T) {
	t.Parallel()
	testStore(t, func(t *testing.T, engine Engine, now func() time.Time) keeper {
		t.Helper()
		return openShared(t, openHub(t, HubOptions{Dir: t.TempDir()}), SharedOptions{Engine: engine, Now: now})
	})
}

func TestSharedTokens(t *testing.T) {
	t.Parallel()
	testTokens(t, func(t *testing.T) tokenKeeper {
		t.Helper()
		tokens, err := openHub(t, HubOptions{}).Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	})
}

func TestSharedAudit(t *testing.T) {
	t.Parallel()
	testAudit(t, func(t *testing.T) auditKeeper {
		t.Helper()
		audit, err := openHub(t, HubOptions{Audit: Bounds{Count: MaxAuditEntries}}).Audit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return audit
	})
}
