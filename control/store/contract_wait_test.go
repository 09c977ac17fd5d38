package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func (b *bench) revision() uint64 {
	b.Helper()
	revision, err := b.Revision(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return revision
}

func testRevisionMoves(b *bench) {
	last := b.revision()
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"create", func() error { b.write(Write{Fault: fault("one", 0.1)}); return nil }},
		{"replace", func() error { b.write(Write{Fault: fault("one", 0.2)}); return nil }},
		{"pull", func() error { _, err := b.SetBrake(b.Context(), true, "why"); return err }},
		{"release", func() error { _, err := b.SetBrake(b.Context(), false, ""); return err }},
		{"delete", func() error { return b.Delete(b.Context(), "one", 0) }},
	} {
		if err := step.do(); err != nil {
			b.Fatalf("%s: %v", step.name, err)
		}
		if got := b.revision(); got <= last {
			b.Errorf("after %s the revision is %d, want one above %d", step.name, got, last)
		}
		last = b.revision()
	}
	b.wantError(&MissingError{Name: "two"}, Write{Fault: fault("two", 0.1), Revision: 7})
	if got := b.revision(); got != last {
		b.Errorf("a refusal moved the revision from %d to %d", last, got)
	}
}

// testWait holds that whoever reads the revision before the set, and waits for more, sees the last of many changes.
func testWait(b *bench) {
	b.write(Write{Fault: fault("one", 0)})
	if err := b.Wait(b.Context(), b.revision()-1); err != nil {
		b.Errorf("wait for what is there: %v", err)
	}
	const last = 0.99
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { b.waitForShare(last) })
	}
	for i := range 100 {
		b.write(Write{Fault: fault("one", float64(i)/100)})
	}
	group.Wait()
}

func (b *bench) waitForShare(share float64) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	for {
		revision := b.revision()
		if *b.set()[0].Trigger.Share == share {
			return
		}
		if err := b.Wait(ctx, revision); err != nil {
			b.Errorf("wait for a change after revision %d: %v", revision, err)
			return
		}
	}
}

func testWaitEnds(b *bench) {
	b.write(Write{Fault: fault("one", 0)})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Wait(ctx, b.revision()) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		b.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// tokenKeeper is what every store of tokens does.
type tokenKeeper interface {
	Put(ctx context.Context, t Token) error
	Delete(ctx context.Context, id string) error
	List(ctx context.Context) ([]Token, error)
}

// auditKeeper is what every store of audit entries does.
type auditKeeper interface {
	Append(ctx context.Context, entry AuditEntry) error
	List(ctx context.Context, after uint64, limit int) ([]AuditEntry, error)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	testTokens(t, func(*testing.T) tokenKeeper { return new(Tokens) })
}

func TestAudit(t *testing.T) {
	t.Parallel()
	testAudit(t, func(*testing.T) auditKeeper { return new(Audit) })
}
