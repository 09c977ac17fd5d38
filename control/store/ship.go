package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// mostInBatch and batchTime bound a batch: what comes first ends it. A batch has mostBatchBytes at most beside its
	// last attempt, so that it fits into a message of NATS.
	mostInBatch, batchTime = 256, 50 * time.Millisecond
	mostBatchBytes         = 512 << 10
	// retryTime is how long it takes until a batch that was not taken is sent anew.
	retryTime = 250 * time.Millisecond
)

// shipping is how far the attempts of a node have got.
type shipping struct {
	// sent counts the attempts of this node that JetStream has, lost those that it will never get, and missed those of which
	// it is known that they are missing from what is known of all nodes.
	sent, lost, missed atomic.Uint64
	// room is where batches are made.
	room batch
	// heard is by node up to which position the attempts of other nodes are known.
	heard map[string]uint64
}

// Ship hands the attempts of this node to JetStream in batches, and takes in those of the others, until ctx ends; then it
// hands over what is left, for as long as last allows.
func (g *Gathered) Ship(ctx context.Context, h *Hub, last time.Duration) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if g.all != nil {
			g.collect(inner, h)
		}
	}()
	g.send(ctx, h)
	<-ended
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), last)
	defer cancel()
	if err := g.sendAll(limit, h); err != nil {
		total, _ := g.own.Counts()
		g.shipping.lost.Add(total - g.shipping.sent.Load() - g.shipping.lost.Load())
		h.logger.WarnContext(ctx, "attempts of this node are lost to the others", slog.Any("error", err), slog.Uint64("lost", g.shipping.lost.Load()))
	}
	return nil
}

// send hands over batches until ctx ends. What cannot be handed over stays where it is.
func (g *Gathered) send(ctx context.Context, h *Hub) {
	timer := time.NewTimer(batchTime)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		err := g.sendAll(ctx, h)
		switch {
		case err != nil && !failing && ctx.Err() == nil:
			h.logger.WarnContext(ctx, "attempts cannot be handed over: they wait on this node", slog.Any("error", err))
		case err == nil && failing:
			h.logger.InfoContext(ctx, "attempts that waited are handed over", slog.Uint64("lost", g.shipping.lost.Load()))
		}
		failing = err != nil
		timer.Reset(waitAfter(failing))
	}
}

func waitAfter(failing bool) time.Duration {
	if failing {
		return retryTime
	}
	return batchTime
}

// sendAll hands over what there is, batch by batch.
func (g *Gathered) sendAll(ctx context.Context, h *Hub) error {
	for {
		at := g.shipping.sent.Load() + g.shipping.lost.Load()
		b := g.own.batch(&g.shipping.room, at)
		g.shipping.lost.Add(b.from - at)
		if len(b.ends) == 0 {
			return nil
		}
		b.cut(mostBatchBytes)
		if err := g.sendOne(ctx, h, b); err != nil {
			return err
		}
		g.shipping.sent.Add(uint64(len(b.ends)))
	}
}

// cut shortens a batch to so many bytes, but not to less than one attempt.
func (b *batch) cut(most int) {
	for len(b.ends) > 1 && b.ends[len(b.ends)-1] > most {
		b.ends = b.ends[:len(b.ends)-1]
	}
	b.forms, b.next = b.forms[:b.ends[len(b.ends)-1]], b.from+uint64(len(b.ends))
}

// headerNode says whose attempts a batch has, headerPosition which of them is the first, headerCount how many there are.
const headerNode, headerPosition, headerCount = "Groovechaos-Node", "Groovechaos-Position", "Groovechaos-Count"

// sendOne hands over one batch. One that was taken before without our hearing of it is not taken again.
func (g *Gathered) sendOne(ctx context.Context, h *Hub, b *batch) error {
	position := strconv.FormatUint(b.from, 10)
	message := nats.NewMsg(h.attemptSubject() + "." + subjectToken(g.node))
	message.Header.Set(headerPosition, position)
	message.Header.Set(headerCount, strconv.Itoa(len(b.ends)))
	message.Header.Set(headerNode, g.node)
	message.Data = b.forms
	limit, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	ack, err := h.js.PublishMsg(limit, message, jetstream.WithMsgID(g.node+" "+position))
	if err != nil {
		return h.unavailable("hand over attempts", err)
	}
	h.mark.reach(h.attemptStream(), ack.Sequence)
	return nil
}

// subjectToken is a name as one part of a subject.
func subjectToken(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '*' || r == '>' || r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, name)
}

// collect takes in what the other nodes hand over, and what was handed over before this process began. It begins again
// when it loses JetStream, behind what it has.
func (g *Gathered) collect(ctx context.Context, h *Hub) {
	var after uint64
	for ctx.Err() == nil {
		err := g.collectFrom(ctx, h, &after)
		if err != nil && ctx.Err() == nil {
			h.logger.WarnContext(ctx, "attempts of other nodes cannot be read", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryTime):
		}
	}
}

// collectFrom takes in the batches above a sequence number, and counts that up.
func (g *Gathered) collectFrom(ctx context.Context, h *Hub, after *uint64) error {
	stream, err := h.js.Stream(ctx, h.attemptStream())
	if err != nil {
		return err
	}
	// It tries again as long as it may, whatever the context says: collect does that in its place.
	c := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy, MaxResetAttempts: 1}
	if *after > 0 {
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, *after+1
	}
	consumer, err := stream.OrderedConsumer(ctx, c)
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		message, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		at, err := message.Metadata()
		if err != nil {
			return err
		}
		g.takeIn(ctx, h, message)
		*after = at.Sequence.Stream
	}
}

// takeIn takes in one batch. Our own we have already.
func (g *Gathered) takeIn(ctx context.Context, h *Hub, message jetstream.Msg) {
	node := message.Headers().Get(headerNode)
	if node == g.node {
		return
	}
	from, err := strconv.ParseUint(message.Headers().Get(headerPosition), 10, 64)
	count, unreadable := strconv.ParseUint(message.Headers().Get(headerCount), 10, 32)
	if err = errors.Join(err, unreadable); err == nil && g.expect(node, from, from+count) {
		err = g.takeForms(node, message.Data(), count)
	}
	if err != nil {
		h.logger.WarnContext(ctx, "batch of attempts cannot be read: it is counted as lost", slog.Any("error", err))
	}
}

// expect counts what is missing before a batch of a node, and reports false if the batch is known already. Only collect
// calls it.
func (g *Gathered) expect(node string, from, next uint64) bool {
	known := g.shipping.heard[node]
	if next <= known {
		return false
	}
	if from > known {
		g.shipping.missed.Add(from - known)
	}
	g.shipping.heard[node] = next
	return true
}

// takeForms takes in the forms of a batch of so many. What cannot be read is missing.
func (g *Gathered) takeForms(node string, forms []byte, count uint64) error {
	for taken := range count {
		attempt, rest, err := observe.ParseAttempt(forms)
		if err != nil {
			g.shipping.missed.Add(count - taken)
			return fmt.Errorf("attempt %d of %d of %s: %w", taken+1, count, node, err)
		}
		form := forms[:len(forms)-len(rest)]
		if attempt.Node == "" {
			attempt.Node = node
			form = attempt.AppendBinary(nil)
		}
		g.all.put(form)
		forms = rest
	}
	return nil
}
