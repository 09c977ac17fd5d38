package store

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// batchTime is how long attempts wait at most for others to be sent with: a busy proxy has more than a thousand in it,
	// and each message costs as much as dozens of them.
	batchTime = 50 * time.Millisecond
	// mostInBatch and mostBatchBytes bound a batch. It may be longer only if it has one attempt alone, and fits into a
	// message of NATS, which is packed besides.
	mostInBatch    = 2048
	mostBatchBytes = 512 << 10
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
	// doubt is the batch that may have been taken without our hearing of it, doubtful how many attempts it has.
	doubt    doubt
	doubtful atomic.Uint64
	// heard is by node up to which position the attempts of other nodes are known.
	heard map[string]uint64
}

// doubt is a batch that was handed over and not acknowledged. The server knows batches by their first position alone:
// where one stands in doubt, the next must be no longer, or what is more in it would be thrown away with the repeat.
type doubt struct {
	from  uint64
	count int
}

// puzzle says which batch is in doubt, the zero value none.
func (s *shipping) puzzle(d doubt) {
	s.doubt = d
	s.doubtful.Store(uint64(d.count)) //nolint:gosec // Never negative.
}

// most is how many attempts a batch from a position on may have.
func (d doubt) most(from uint64) int {
	if d.count > 0 && d.from == from {
		return d.count
	}
	return mostInBatch
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
		g.giveUp()
		h.logger.WarnContext(ctx, "attempts of this node are lost to the others", slog.Any("error", err),
			slog.Uint64("lost", g.shipping.lost.Load()), slog.Uint64("in_doubt", g.shipping.doubtful.Load()))
	}
	return nil
}

// giveUp counts what will never be handed over, but for what may have been.
func (g *Gathered) giveUp() {
	total, _ := g.own.Counts()
	if rest := total - g.shipping.sent.Load() - g.shipping.lost.Load(); rest > g.shipping.doubtful.Load() {
		g.shipping.lost.Add(rest - g.shipping.doubtful.Load())
	}
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
		if err := g.resolve(ctx, h); err != nil {
			return err
		}
		at := g.shipping.sent.Load() + g.shipping.lost.Load()
		b := g.own.batch(&g.shipping.room, at, g.shipping.doubt.most(at))
		g.shipping.lost.Add(b.from - at)
		if len(b.ends) == 0 {
			return nil
		}
		if err := g.sendOne(ctx, h, b); err != nil {
			g.shipping.puzzle(doubt{b.from, len(b.ends)})
			return err
		}
		g.shipping.puzzle(doubt{})
		g.shipping.sent.Add(uint64(len(b.ends)))
	}
}

// resolve asks whether the batch in doubt was taken, before any of it is handed over again or counted as lost. One that was not
// stays in doubt, as it may still be on its way.
func (g *Gathered) resolve(ctx context.Context, h *Hub) error {
	if g.shipping.doubt.count == 0 {
		return nil
	}
	end, err := h.takenOf(ctx, g.node)
	if err != nil {
		return h.unavailable("ask for the attempts in doubt", err)
	}
	if at := g.shipping.sent.Load() + g.shipping.lost.Load(); end > at {
		g.shipping.puzzle(doubt{})
		g.shipping.sent.Add(end - at)
	}
	return nil
}

// takenOf is up to which position JetStream has the attempts of a node, 0 for none.
func (h *Hub) takenOf(ctx context.Context, node string) (end uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	stream, err := h.js.Stream(ctx, h.attemptStream())
	if err != nil {
		return 0, err
	}
	last, err := stream.GetLastMsgForSubject(ctx, h.attemptSubject()+"."+subjectToken(node))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil || last.Header.Get(headerNode) != node {
		return 0, err
	}
	from, err := strconv.ParseUint(last.Header.Get(headerPosition), 10, 64)
	count, unreadable := strconv.ParseUint(last.Header.Get(headerCount), 10, 32)
	return from + count, errors.Join(err, unreadable)
}

// headerNode says whose attempts a batch has, headerPosition which of them is the first, headerCount how many there are,
// headerPacking how they are packed.
const (
	headerNode, headerPosition = "Groovechaos-Node", "Groovechaos-Position"
	headerCount, headerPacking = "Groovechaos-Count", "Groovechaos-Packing"
)

// sendOne hands over one batch. One that was taken before without our hearing of it is not taken again.
func (g *Gathered) sendOne(ctx context.Context, h *Hub, b *batch) error {
	position := strconv.FormatUint(b.from, 10)
	message := nats.NewMsg(h.attemptSubject() + "." + subjectToken(g.node))
	message.Header.Set(headerPosition, position)
	message.Header.Set(headerCount, strconv.Itoa(len(b.ends)))
	message.Header.Set(headerNode, g.node)
	message.Header.Set(headerPacking, packingS2)
	message.Data = b.pack()
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
