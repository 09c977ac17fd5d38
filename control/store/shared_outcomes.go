package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// SharedOutcomes keeps outcomes in a stream of JetStream, and the newest MaxOutcomes of them in memory. It is safe for
// concurrent use.
type SharedOutcomes struct {
	hub *Hub
	// node is this process where it is the only one: outcomes of earlier ones get their names.
	node string

	mu sync.Mutex
	// kept are those that JetStream has, in its order, and ids what tells them from others: JetStream has one twice that was in doubt
	// for longer than it remembers.
	kept []keptOutcome
	ids  map[string]bool
	// queue are those of which it is not known that it has them, in order.
	queue   []keptOutcome
	dropped uint64
	// wake tells of the queue.
	wake chan struct{}
}

type keptOutcome struct {
	sequence uint64
	// id tells it from all others, also where it has no number yet.
	id      string
	outcome observe.Outcome
}

// storedOutcome is an outcome as it is kept.
type storedOutcome struct {
	// Node is the process that took it in, "" where there are several at once.
	Node    string          `json:"node,omitempty"`
	ID      string          `json:"id"`
	Outcome observe.Outcome `json:"outcome"`
}

// Outcomes opens the outcomes. Where this process is the only one of its time, node tells it from those before: the
// outcomes of those say whose attempts they are about.
func (h *Hub) Outcomes(node string) *SharedOutcomes {
	return &SharedOutcomes{hub: h, node: node, ids: make(map[string]bool), wake: make(chan struct{}, 1)}
}

// Add keeps an outcome, which is valid and clean, as soon as JetStream can be reached. It does not wait.
func (s *SharedOutcomes) Add(o observe.Outcome) {
	s.mu.Lock()
	s.queue = append(s.queue, keptOutcome{id: nuid.Next(), outcome: o})
	if over := len(s.queue) - MaxOutcomes; over > 0 {
		s.queue, s.dropped = slices.Delete(s.queue, 0, over), s.dropped+uint64(over)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Keep keeps an outcome, which is valid and clean: once it has returned nil the end of the process does not lose it. The
// error is an *UnavailableError.
func (s *SharedOutcomes) Keep(ctx context.Context, o observe.Outcome) error {
	return s.publish(ctx, keptOutcome{id: nuid.Next(), outcome: o})
}

// publish hands over one outcome. One that was taken before without our hearing of it is known by its id.
func (s *SharedOutcomes) publish(ctx context.Context, o keptOutcome) error {
	text, err := json.Marshal(&storedOutcome{Node: s.node, ID: o.id, Outcome: o.outcome})
	if err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	ack, err := s.hub.js.Publish(ctx, s.hub.outcomeSubject(), text, jetstream.WithMsgID(o.id))
	if err != nil {
		return s.hub.unavailable("write the outcome", err)
	}
	s.hub.mark.reach(s.hub.outcomeStream(), ack.Sequence)
	o.sequence = ack.Sequence
	s.hear(o)
	return nil
}

// hear takes in an outcome that JetStream has, once.
func (s *SharedOutcomes) hear(o keptOutcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = slices.DeleteFunc(s.queue, func(q keptOutcome) bool { return q.id == o.id })
	if s.ids[o.id] {
		return
	}
	s.ids[o.id] = true
	at, _ := slices.BinarySearchFunc(s.kept, o.sequence, func(k keptOutcome, n uint64) int { return cmp.Compare(k.sequence, n) })
	s.kept = slices.Insert(s.kept, at, o)
	if over := len(s.kept) - MaxOutcomes; over > 0 {
		for _, old := range s.kept[:over] {
			delete(s.ids, old.id)
		}
		s.kept, s.dropped = slices.Delete(s.kept, 0, over), s.dropped+uint64(over)
	}
}

// All returns what is kept, in the order in which it was reported, and how many older ones were forgotten for want of room.
// The caller owns the slice.
func (s *SharedOutcomes) All() (kept []observe.Outcome, dropped uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept = make([]observe.Outcome, 0, len(s.kept)+len(s.queue))
	for _, list := range [][]keptOutcome{s.kept, s.queue} {
		for i := range list {
			kept = append(kept, list[i].outcome)
		}
	}
	return kept, s.dropped
}

// Run hands outcomes to JetStream and takes in what it has, until ctx ends; then it hands over what is left, for as long as
// last allows.
func (s *SharedOutcomes) Run(ctx context.Context, last time.Duration) error {
	var group sync.WaitGroup
	group.Go(func() { s.send(ctx) })
	group.Go(func() { s.collect(ctx) })
	group.Wait()
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), last)
	defer cancel()
	if err := s.sendAll(limit); err != nil {
		s.hub.logger.WarnContext(ctx, "outcomes are lost", slog.Any("error", err))
	}
	return nil
}

func (s *SharedOutcomes) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for s.sendAll(ctx) != nil {
			select {
			case <-ctx.Done():
				return
			case <-time.After(retryTime):
			}
		}
	}
}

// sendAll hands over the queue.
func (s *SharedOutcomes) sendAll(ctx context.Context) error {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return nil
		}
		first := s.queue[0]
		s.mu.Unlock()
		if err := s.publish(ctx, first); err != nil {
			return err
		}
	}
}

// collect takes in what there is, and what comes.
func (s *SharedOutcomes) collect(ctx context.Context) {
	var after uint64
	for ctx.Err() == nil {
		if err := s.collectFrom(ctx, &after); err != nil && ctx.Err() == nil && !errors.Is(err, jetstream.ErrMsgIteratorClosed) {
			s.hub.logger.WarnContext(ctx, "outcomes cannot be read", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryTime):
		}
	}
}

// collectFrom takes in the outcomes above a sequence number, and counts that up.
func (s *SharedOutcomes) collectFrom(ctx context.Context, after *uint64) error {
	return s.hub.followStream(ctx, s.hub.outcomeStream(), after, func(sequence uint64, message jetstream.Msg) {
		var stored storedOutcome
		if err := json.Unmarshal(message.Data(), &stored); err != nil {
			s.hub.logger.WarnContext(ctx, "outcome cannot be read", slog.Uint64("number", sequence), slog.Any("error", err))
			return
		}
		if stored.Node != s.node {
			stored.Outcome.Node = stored.Node
		}
		s.hear(keptOutcome{sequence: sequence, id: stored.ID, outcome: stored.Outcome})
	})
}

// followStream takes in the messages of a stream above a sequence number, and counts that up, until ctx ends or JetStream
// is lost.
func (h *Hub) followStream(ctx context.Context, name string, after *uint64, take func(sequence uint64, message jetstream.Msg)) error {
	stream, err := h.js.Stream(ctx, name)
	if err != nil {
		return err
	}
	_, messages, err := readFrom(ctx, stream, *after)
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		message, sequence, err := nextOf(ctx, messages)
		if err != nil {
			return err
		}
		take(sequence, message)
		*after = sequence
	}
}

// readFrom begins to read a stream in order, above a sequence number.
func readFrom(ctx context.Context, stream jetstream.Stream, after uint64) (jetstream.Consumer, jetstream.MessagesContext, error) {
	// It tries again as long as it may, whatever the context says: the callers do that in its place.
	c := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy, MaxResetAttempts: 1}
	if after > 0 {
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, after+1
	}
	consumer, err := stream.OrderedConsumer(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	messages, err := consumer.Messages()
	return consumer, messages, err
}

// nextOf waits for the next message and returns it with its sequence number in the stream.
func nextOf(ctx context.Context, messages jetstream.MessagesContext) (jetstream.Msg, uint64, error) {
	message, err := messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return nil, 0, err
	}
	at, err := message.Metadata()
	if err != nil {
		return nil, 0, err
	}
	return message, at.Sequence.Stream, nil
}
