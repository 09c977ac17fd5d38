package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// SharedAudit keeps audit entries in a stream of JetStream. While that cannot be reached they wait in this process, up to
// mostWaiting of them. It is safe for concurrent use.
//
// Entries are numbered as the stream gets them. Those of one process are in the order in which they were appended; those that
// waited on a node which was cut off come behind what others wrote meanwhile. Their times are those of the changes.
type SharedAudit struct {
	hub    *Hub
	stream jetstream.Stream
	// late is held by who keeps what waits.
	late turn

	mu sync.Mutex
	// waiting are entries that could not be kept so far, the oldest first.
	waiting []*waitingEntry
	// last is the number of the newest that is known to be kept.
	last uint64
}

// waitingEntry is an entry as it is kept. ID tells it from all others: one that was kept without our hearing of it is not kept
// again.
type waitingEntry struct {
	id   string
	text []byte
	// doubt says that it may have been kept, after that number: the server tells a repeat for a while only.
	doubt bool
	after uint64
}

// mostWaiting bounds the audit entries that wait for the store.
const mostWaiting = 1000

// Audit opens the audit entries.
func (h *Hub) Audit(ctx context.Context) (*SharedAudit, error) {
	stream, err := h.js.Stream(ctx, h.auditStream())
	if err != nil {
		return nil, h.unavailable("open the audit entries", err)
	}
	a := &SharedAudit{hub: h, stream: stream, late: newTurn(), last: stream.CachedInfo().State.LastSeq}
	h.followers.Go(a.catchUp)
	return a, nil
}

// Append keeps an entry and numbers it; the number it has is passed over. If the store cannot be reached it is kept later. The
// error is an *UnavailableError: too many wait already.
func (a *SharedAudit) Append(ctx context.Context, written AuditEntry) error {
	text, err := json.Marshal(&written)
	if err != nil {
		return fmt.Errorf("write the audit entry: %w", err)
	}
	entry := &waitingEntry{id: nuid.Next(), text: text, after: a.newest()}
	if err = a.keepBehind(ctx, entry); err == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) >= mostWaiting {
		return a.hub.unavailable("write the audit entry", err)
	}
	if len(a.waiting) == 0 {
		a.hub.logger.WarnContext(ctx, "audit entries wait for the store", slog.Any("error", err))
	}
	a.waiting = append(a.waiting, entry)
	return nil
}

// keepBehind keeps an entry behind those that wait. Where these are as many as may wait, it goes before them rather than be lost.
func (a *SharedAudit) keepBehind(ctx context.Context, entry *waitingEntry) error {
	if waiting := a.waits(); waiting > 0 && waiting < mostWaiting {
		if err := a.keepWaiting(ctx); err != nil {
			return err
		}
	}
	return a.keep(ctx, entry)
}

func (a *SharedAudit) waits() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting)
}

func (a *SharedAudit) newest() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// keep keeps an entry. If that fails it may be kept all the same.
func (a *SharedAudit) keep(ctx context.Context, entry *waitingEntry) error {
	if !a.hub.Connected() {
		return errNobody
	}
	ack, err := a.hub.js.Publish(ctx, a.hub.auditSubject(), entry.text, jetstream.WithMsgID(entry.id))
	if err != nil {
		entry.doubt = true
		return err
	}
	a.hub.mark.reach(a.hub.auditStream(), ack.Sequence)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = max(a.last, ack.Sequence)
	return nil
}

// keepLate is keep for an entry that has waited, which may be kept already.
func (a *SharedAudit) keepLate(ctx context.Context, entry *waitingEntry) error {
	if entry.doubt {
		kept, err := a.has(ctx, entry)
		if kept || err != nil {
			return err
		}
	}
	return a.keep(ctx, entry)
}

// errFound ends a search.
var errFound = errors.New("found")

// has reports whether an entry is kept.
func (a *SharedAudit) has(ctx context.Context, entry *waitingEntry) (bool, error) {
	p := passage{hub: a.hub, stream: a.stream, after: entry.after, limit: math.MaxInt}
	err := p.each(ctx, func(_ uint64, message jetstream.Msg) error {
		if message.Headers().Get(jetstream.MsgIDHeader) == entry.id {
			return errFound
		}
		return nil
	})
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}

// catchUp keeps the entries that wait, once the store is back, until the hub is closed.
func (a *SharedAudit) catchUp() {
	ticker := time.NewTicker(spreadTime)
	defer ticker.Stop()
	for {
		select {
		case <-a.hub.life.Done():
			_ = a.keepWaiting(context.WithoutCancel(a.hub.life)) // giveUp tells of it.
			a.giveUp()
			return
		case <-ticker.C:
		}
		_ = a.keepWaiting(a.hub.life) // They wait on.
	}
}

// giveUp tells of the entries that will never be kept.
func (a *SharedAudit) giveUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.waiting); n > 0 {
		a.hub.logger.Error("audit entries are lost: the store did not come back in time", slog.Int("lost", n))
	}
}

// keepWaiting keeps the entries that wait, as far as the store takes them. The error says that some wait on.
func (a *SharedAudit) keepWaiting(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	if err := a.late.take(ctx); err != nil {
		return err
	}
	defer a.late.give()
	for {
		a.mu.Lock()
		waiting := a.waiting
		a.mu.Unlock()
		if len(waiting) == 0 {
			return nil
		}
		if err := a.keepLate(ctx, waiting[0]); err != nil {
			return err
		}
		a.mu.Lock()
		a.waiting = a.waiting[1:]
		a.mu.Unlock()
	}
}

// List returns at most limit entries, the oldest first, of those whose sequence number is above after; 0 for all that are
// kept. A first number above after + 1 tells how many were forgotten. The error is an *UnavailableError.
func (a *SharedAudit) List(ctx context.Context, after uint64, limit int) ([]AuditEntry, error) {
	var entries []AuditEntry
	err := (&passage{hub: a.hub, stream: a.stream, after: after, limit: limit}).each(ctx, func(sequence uint64, message jetstream.Msg) error {
		var entry AuditEntry
		if err := strictly(message.Data(), &entry); err != nil {
			return fmt.Errorf("read audit entry %d: %w", sequence, err)
		}
		entry.Sequence, entry.Before, entry.After = sequence, given(entry.Before), given(entry.After)
		entries = append(entries, entry)
		return nil
	})
	return entries, err
}

// given is nil for JSON's null.
func given(text json.RawMessage) json.RawMessage {
	if string(text) == "null" {
		return nil
	}
	return text
}

// passage is at most limit messages of a stream above a sequence number, the oldest first.
type passage struct {
	hub    *Hub
	stream jetstream.Stream
	after  uint64
	limit  int
}

// each goes through the messages.
func (p *passage) each(ctx context.Context, take func(sequence uint64, message jetstream.Msg) error) error {
	last, err := p.last(ctx)
	if err != nil || last <= p.after || p.limit <= 0 {
		return err
	}
	messages, err := p.open(ctx)
	if err != nil {
		return p.hub.unavailable("read a stream", err)
	}
	defer messages.Stop()
	for range p.limit {
		message, err := p.next(ctx, messages)
		if err != nil {
			return p.hub.unavailable("read a stream", err)
		}
		at, err := message.Metadata()
		if err != nil {
			return err
		}
		if err := take(at.Sequence.Stream, message); err != nil || at.Sequence.Stream >= last {
			return err
		}
	}
	return nil
}

func (*passage) next(ctx context.Context, messages jetstream.MessagesContext) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, passageTime)
	defer cancel()
	return messages.Next(jetstream.NextContext(ctx))
}

// last is the number of the last message of the stream, 0 for none. It passes over what is forgotten.
func (p *passage) last(ctx context.Context) (uint64, error) {
	info, err := p.stream.Info(ctx)
	if err != nil {
		return 0, p.hub.unavailable("read a stream", err)
	}
	if info.State.Msgs == 0 {
		return 0, nil
	}
	p.after = max(p.after+1, info.State.FirstSeq) - 1
	return info.State.LastSeq, nil
}

const (
	// mostPulled bounds the messages on their way from a stream.
	mostPulled = 500
	// passageTime is how long the server keeps what it knows of a reader that has gone, and how long one waits for the next message:
	// what was to come may have grown too old meanwhile.
	passageTime = 10 * time.Second
)

func (p *passage) open(ctx context.Context) (jetstream.MessagesContext, error) {
	consumer, err := p.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: p.after + 1, InactiveThreshold: passageTime,
	})
	if err != nil {
		return nil, err
	}
	return consumer.Messages(jetstream.PullMaxMessages(min(p.limit, mostPulled)))
}
