package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// collect takes in what the other nodes hand over, and what was handed over before this process began. It begins again
// when it loses JetStream, behind what it has. In a store that no other process can write to it ends with what was there
// before: what comes later is our own, which would be read back in vain.
func (g *Gathered) collect(ctx context.Context, h *Hub) {
	var after uint64
	for ctx.Err() == nil {
		switch err := g.collectFrom(ctx, h, &after); {
		case err == nil:
			return
		case ctx.Err() == nil:
			h.logger.WarnContext(ctx, "attempts of other nodes cannot be read", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryTime):
		}
	}
}

// collectFrom takes in the batches above a sequence number, and counts that up. Its end without an error is that of all
// there will ever be to take in.
func (g *Gathered) collectFrom(ctx context.Context, h *Hub, after *uint64) error {
	stream, err := h.js.Stream(ctx, h.attemptStream())
	if err != nil {
		return err
	}
	last := newest(h, stream)
	if *after >= last {
		return nil
	}
	consumer, messages, err := readFrom(ctx, stream, *after)
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for *after < last {
		message, sequence, err := nextOf(ctx, messages)
		if err != nil {
			return err
		}
		g.takeIn(ctx, h, message)
		*after = sequence
	}
	messages.Stop()
	return stream.DeleteConsumer(ctx, consumer.CachedInfo().Name) // else it would be looked after for minutes
}

// newest is the number of the last batch that may be another's.
func newest(h *Hub, stream jetstream.Stream) uint64 {
	if !h.sole() {
		return math.MaxUint64
	}
	if state := stream.CachedInfo().State; state.Msgs > 0 {
		return state.LastSeq
	}
	return 0
}

// takeIn takes in one batch. Our own we have already.
func (g *Gathered) takeIn(ctx context.Context, h *Hub, message jetstream.Msg) {
	node := message.Headers().Get(headerNode)
	if node == g.node {
		return
	}
	from, err := strconv.ParseUint(message.Headers().Get(headerPosition), 10, 64)
	count, unreadable := strconv.ParseUint(message.Headers().Get(headerCount), 10, 32)
	if err = errors.Join(err, unreadable); err == nil {
		if known := g.expect(node, from, count); known < count {
			err = g.takeMessage(node, message, count, known)
		}
	}
	if err != nil {
		h.logger.WarnContext(ctx, "batch of attempts cannot be read: it is counted as lost", slog.Any("error", err))
	}
}

// expect counts what is missing before a batch of so many of a node, and returns how many of it are known already. That may be a
// part of it: where a batch was taken without its sender hearing of it, and some of it was forgotten there before it was
// sent again, it comes in other bounds. Only collect calls it.
func (g *Gathered) expect(node string, from, count uint64) (known uint64) {
	heard := g.shipping.heard[node]
	if from > heard {
		g.shipping.missed.Add(from - heard)
	}
	g.shipping.heard[node] = max(heard, from+count)
	return min(max(heard, from)-from, count)
}

// takeMessage takes in a batch of so many, less the first that are known, as it comes.
func (g *Gathered) takeMessage(node string, message jetstream.Msg, count, known uint64) error {
	forms, err := unpackForms(message.Headers().Get(headerPacking), message.Data())
	if err != nil {
		g.shipping.missed.Add(count - known)
		return fmt.Errorf("%d attempts of %s: %w", count, node, err)
	}
	return g.takeForms(node, forms, count, known)
}

// takeForms takes in the forms of a batch of so many, less the first that are known. What cannot be read is missing.
func (g *Gathered) takeForms(node string, forms []byte, count, known uint64) error {
	for taken := range count {
		attempt, rest, err := observe.ParseAttempt(forms)
		if err != nil {
			g.shipping.missed.Add(count - max(taken, known))
			return fmt.Errorf("attempt %d of %d of %s: %w", taken+1, count, node, err)
		}
		if taken >= known {
			g.takeForm(node, &attempt, forms[:len(forms)-len(rest)])
		}
		forms = rest
	}
	return nil
}

// takeForm takes in an attempt of a node.
func (g *Gathered) takeForm(node string, attempt *observe.Attempt, form []byte) {
	if attempt.Node == "" {
		attempt.Node = node
		form = attempt.AppendBinary(nil)
	}
	g.all.put(form)
}
