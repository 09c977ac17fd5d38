package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/groovechaos/groovechaos/faults"
)

// Counter is an engine that says what its faults did.
type Counter interface {
	// Uses is of the faults of the set, in creation order; AllUses is followed by those that are gone.
	Uses() []faults.Use
	AllUses() []faults.Use
}

// Tallies is what the faults did on all nodes of a fleet. It is safe for concurrent use.
//
// Each process keeps the counters of its own engine under keys of its own, by the name of the fault and since when that
// counts, which is the same on all nodes: a fault that was made again inherits nothing. What is told is the whole count so
// far, never a difference, so that nothing counts twice and a message that is lost is made up for by the next. It stays
// for tallyLife after a process has ended, so that what a node did which is gone still counts; only what it held back does not.
// The counters of others are behind by tallyTime and the way, and as old as the last word of a node that cannot reach the
// store.
type Tallies struct {
	hub     *Hub
	keys    jetstream.KeyValue
	process string
	engine  Counter
	// known is nil on a node that nobody asks.
	known *mirror
	parts readings[[]tally]
	told  [tallyParts]telling
}

// TalliesOptions says whose counters these are.
type TalliesOptions struct {
	// Process tells this process from all others, earlier ones too.
	Process string
	// Engine is that of this process.
	Engine Counter
	// Deaf leaves out what the others count, on a node that nobody asks.
	Deaf bool
}

// tally is what one fault did in one process.
type tally struct {
	Name     string `json:"name"`
	Since    uint64 `json:"since"`
	Matched  uint64 `json:"matched"`
	Fired    uint64 `json:"fired,omitempty"`
	Overflow uint64 `json:"overflow,omitempty"`
	Held     int64  `json:"held,omitempty"`
}

// telling is what was told of a part of the faults.
type telling struct {
	sum uint64
	at  time.Time
}

const (
	// tallyTime is how often a process looks whether there is something to tell, tallyLife how long that is kept, and tallyAgain
	// how often it is told although nothing has changed; where something is held back, as often as a node tells of itself.
	tallyTime, tallyLife, tallyAgain = 200 * time.Millisecond, 24 * time.Hour, 6 * time.Hour
	// tallyParts is into how many values the faults are divided, by name: with the most faults that there can be each fits into a
	// message, and a change of one is a message for a few.
	tallyParts = 16
	// mostTold bounds the faults in one value. Those of the set come first, then those that went last.
	mostTold = 4000
)

// Tallies opens what the faults did on all nodes.
func (h *Hub) Tallies(ctx context.Context, o TalliesOptions) (*Tallies, error) {
	bucket := h.options.Fleet + "-tallies"
	if err := h.makeSoon(ctx, h.bucket(bucket, tallyLife)); err != nil {
		return nil, err
	}
	keys, err := h.js.KeyValue(ctx, bucket)
	if err != nil {
		return nil, h.unavailable("open what the faults did", err)
	}
	t := &Tallies{hub: h, keys: keys, process: o.Process, engine: o.Engine}
	t.parts.read = t.read
	if !o.Deaf {
		t.known, err = h.mirror(ctx, keys)
	}
	return t, err
}

// read reads what a process told.
func (t *Tallies) read(text []byte) (part []tally, ok bool) {
	text, err := unpack(text)
	if err == nil {
		err = json.Unmarshal(text, &part)
	}
	if err != nil {
		t.hub.logger.Warn("what faults did on another node cannot be read", slog.Any("error", err))
	}
	return part, err == nil
}

// key is where a process tells of a part of the faults. Names of processes may have what keys may not.
func tallyKey(process string, part int) string {
	return fmt.Sprintf("%016x.%d", xxhash.Sum64String(process), part)
}

// Tell tells the others what the faults did here, until ctx ends, and then for the last time.
func (t *Tallies) Tell(ctx context.Context) error {
	ticker := time.NewTicker(tallyTime)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			t.tellLast(ctx)
			return nil
		case <-ticker.C:
		}
		err := t.tell(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			t.hub.logger.WarnContext(ctx, "others cannot be told what faults did here: they will be once the store is back", slog.Any("error", err))
		}
		failing = err != nil
	}
}

// tellLast tells the others for the last time.
func (t *Tallies) tellLast(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	if err := t.tell(last); err != nil {
		t.hub.logger.WarnContext(ctx, "what faults did here last is lost to the others", slog.Any("error", err))
	}
}

// tell tells of what has changed, and of what was told long ago.
func (t *Tallies) tell(ctx context.Context) error {
	if !t.hub.Connected() {
		return errNobody
	}
	for part, tallies := range divide(t.engine.AllUses()) {
		if len(tallies) == 0 && t.told[part].at.IsZero() {
			continue
		}
		sum, held := sumTallies(tallies)
		told := &t.told[part]
		if again := since(told.at); sum == told.sum && again < tallyAgain && (!held || again < beatTime) {
			continue
		}
		if err := t.put(ctx, part, tallies); err != nil {
			return err
		}
		*told = telling{sum: sum, at: time.Now()}
	}
	return nil
}

func since(at time.Time) time.Duration {
	if at.IsZero() {
		return never
	}
	return time.Since(at)
}

func (t *Tallies) put(ctx context.Context, part int, tallies []tally) error {
	text, err := json.Marshal(tallies)
	if err == nil && len(text) >= packFrom {
		text, err = pack(text)
	}
	if err != nil {
		return fmt.Errorf("write down what faults did: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err = t.keys.Put(ctx, tallyKey(t.process, part), text); err != nil {
		return t.hub.unavailable("tell what faults did", err)
	}
	return nil
}
