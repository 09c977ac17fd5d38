package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// SharedAudit keeps audit entries in a stream of JetStream. It is safe for concurrent use.
type SharedAudit struct {
	hub    *Hub
	stream jetstream.Stream
}

// Audit opens the audit entries.
func (h *Hub) Audit(ctx context.Context) (*SharedAudit, error) {
	stream, err := h.js.Stream(ctx, h.auditStream())
	if err != nil {
		return nil, h.unavailable("open the audit entries", err)
	}
	return &SharedAudit{hub: h, stream: stream}, nil
}

// Append keeps an entry and numbers it; the number it has is passed over. The error is an *UnavailableError.
func (a *SharedAudit) Append(ctx context.Context, entry AuditEntry) error {
	text, err := json.Marshal(&entry)
	if err != nil {
		return fmt.Errorf("write the audit entry: %w", err)
	}
	ack, err := a.hub.js.Publish(ctx, a.hub.auditSubject(), text)
	if err != nil {
		return a.hub.unavailable("write the audit entry", err)
	}
	a.hub.mark.reach(a.hub.auditStream(), ack.Sequence)
	return nil
}

// List returns at most limit entries, the oldest first, of those whose sequence number is above after; 0 for all that are
// kept. A first number above after + 1 tells how many were forgotten. The error is an *UnavailableError.
func (a *SharedAudit) List(ctx context.Context, after uint64, limit int) ([]AuditEntry, error) {
	var entries []AuditEntry
	err := (&passage{stream: a.stream, after: after, limit: limit}).each(ctx, func(sequence uint64, text []byte) error {
		var entry AuditEntry
		if err := strictly(text, &entry); err != nil {
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
	stream jetstream.Stream
	after  uint64
	limit  int
}

// each goes through the messages.
func (p *passage) each(ctx context.Context, take func(sequence uint64, text []byte) error) error {
	last, err := p.last(ctx)
	if err != nil || last <= p.after || p.limit <= 0 {
		return err
	}
	messages, err := p.open(ctx)
	if err != nil {
		return &UnavailableError{Doing: "read a stream", Err: err}
	}
	defer messages.Stop()
	for range p.limit {
		message, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return &UnavailableError{Doing: "read a stream", Err: err}
		}
		at, err := message.Metadata()
		if err != nil {
			return err
		}
		if err := take(at.Sequence.Stream, message.Data()); err != nil || at.Sequence.Stream >= last {
			return err
		}
	}
	return nil
}

// last is the number of the last message of the stream, 0 for none. It passes over what is forgotten.
func (p *passage) last(ctx context.Context) (uint64, error) {
	info, err := p.stream.Info(ctx)
	if err != nil {
		return 0, &UnavailableError{Doing: "read a stream", Err: err}
	}
	if info.State.Msgs == 0 {
		return 0, nil
	}
	p.after = max(p.after+1, info.State.FirstSeq) - 1
	return info.State.LastSeq, nil
}

// mostPulled bounds the messages on their way from a stream.
const mostPulled = 500

func (p *passage) open(ctx context.Context) (jetstream.MessagesContext, error) {
	consumer, err := p.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: p.after + 1,
	})
	if err != nil {
		return nil, err
	}
	return consumer.Messages(jetstream.PullMaxMessages(min(p.limit, mostPulled)))
}
