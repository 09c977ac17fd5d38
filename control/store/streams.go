package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// presenceTime is how long a node counts as there after it was last heard of.
const presenceTime = 10 * time.Second

// Names of buckets and streams, and what they hold.
func (h *Hub) stateBucket() string    { return h.options.Fleet + "-state" }
func (h *Hub) stateStream() string    { return streamOf(h.stateBucket()) }
func (h *Hub) tokenBucket() string    { return h.options.Fleet + "-tokens" }
func (h *Hub) nodeBucket() string     { return h.options.Fleet + "-nodes" }
func (h *Hub) runBucket() string      { return h.options.Fleet + "-runs" }
func (h *Hub) answerBucket() string   { return h.options.Fleet + "-answers" }
func (h *Hub) outcomeStream() string  { return h.options.Fleet + "-outcomes" }
func (h *Hub) outcomeSubject() string { return h.options.Fleet + ".outcomes" }
func (h *Hub) attemptStream() string  { return h.options.Fleet + "-attempts" }
func (h *Hub) auditStream() string    { return h.options.Fleet + "-audit" }
func (h *Hub) auditSubject() string   { return h.options.Fleet + ".audit" }
func (h *Hub) attemptSubject() string { return h.options.Fleet + ".attempts" }

// streamOf is the stream behind a bucket.
func streamOf(bucket string) string { return "KV_" + bucket }

// makeStreams makes the buckets and streams that are not there yet.
func (h *Hub) makeStreams(ctx context.Context) error {
	for _, c := range []jetstream.StreamConfig{
		h.bucket(h.stateBucket(), 0), h.bucket(h.tokenBucket(), 0), h.bucket(h.nodeBucket(), presenceTime),
		h.bucket(h.runBucket(), h.options.Runs.Age), h.answers(),
		h.stream(h.outcomeStream(), h.outcomeSubject(), Bounds{Count: MaxOutcomes, Age: h.options.Attempts.Age}),
		h.stream(h.attemptStream(), h.attemptSubject()+".>", h.options.Attempts),
		h.stream(h.auditStream(), h.auditSubject(), h.options.Audit),
	} {
		if err := h.makeSoon(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

const (
	// formTime bounds how long a cluster that is just being started may take until it keeps streams, askAgain is between
	// two attempts.
	formTime, askAgain = 20 * time.Second, 250 * time.Millisecond
)

// makeSoon is makeStream, but waits for a cluster that is just being started.
func (h *Hub) makeSoon(ctx context.Context, c jetstream.StreamConfig) error {
	for end := time.Now().Add(formTime); ; {
		err := h.makeStream(ctx, c)
		var away *UnavailableError
		if h.sole() || !errors.As(err, &away) || time.Now().After(end) {
			return err
		}
		h.logger.DebugContext(ctx, "store is not ready", slog.Any("error", err))
		select {
		case <-time.After(askAgain):
		case <-ctx.Done():
			return err
		}
	}
}

// makeStream makes a stream, or gives the one there is the bounds of c.
func (h *Hub) makeStream(ctx context.Context, c jetstream.StreamConfig) error {
	there, err := h.js.Stream(ctx, c.Name)
	last, known := h.mark.noted(c.Name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && known:
		return &DamagedError{Dir: h.options.Dir, What: c.Name + " is missing"}
	case errors.Is(err, jetstream.ErrStreamNotFound):
		_, err = h.js.CreateOrUpdateStream(ctx, c)
	case err == nil && there.CachedInfo().State.LastSeq < last:
		if err := h.goOn(ctx, there, &c, last); err != nil {
			return err
		}
	}
	if err == nil && there != nil && differs(&there.CachedInfo().Config, &c) {
		_, err = h.js.UpdateStream(ctx, c)
	}
	if err != nil {
		return &UnavailableError{Doing: "open " + c.Name, Err: err}
	}
	h.mark.reach(c.Name, last)
	return nil
}

// goOn judges a stream that ends before the last message that was noted of it. The server takes away the file of messages whose
// age has come at once, and writes down what number the last one had in a new file that is on the disk only later: after a
// power cut in between the numbers begin anew. That is so only where the stream is empty, and only once everything that was
// acknowledged has grown too old: then it goes on behind the number that was noted. All else is damage.
func (h *Hub) goOn(ctx context.Context, there jetstream.Stream, c *jetstream.StreamConfig, last uint64) error {
	info := there.CachedInfo()
	age := info.Config.MaxAge
	if c.MaxAge > 0 {
		age = min(cmp.Or(age, c.MaxAge), c.MaxAge) // What is too old for the new bounds goes with this start.
	}
	switch outlived, known := h.mark.outlived(c.Name, age); {
	case outlived && info.State.Msgs == 0:
	case !known && fleeting(c):
		return nil
	default:
		return &DamagedError{Dir: h.options.Dir, What: fmt.Sprintf(
			"%s ends with number %d, but number %d had been acknowledged", c.Name, info.State.LastSeq, last)}
	}
	h.logger.InfoContext(ctx, "everything in a stream had grown too old: it goes on where it was", slog.String("stream", c.Name), slog.Uint64("number", last))
	if err := there.Purge(ctx, jetstream.WithPurgeSequence(last+1)); err != nil {
		return &UnavailableError{Doing: "open " + c.Name, Err: err}
	}
	return nil
}

// fleeting reports whether a stream keeps what it has for so short a time that the number of a message proves nothing of which it was
// not noted when that was acknowledged.
func fleeting(c *jetstream.StreamConfig) bool { return c.MaxAge > 0 && c.MaxAge <= AnswerAge }

// reachEnd says that all that a stream has was acknowledged, after something of which nobody tells the number.
func (h *Hub) reachEnd(ctx context.Context, stream string) {
	if h.mark == nil {
		return
	}
	if there, err := h.js.Stream(ctx, stream); err == nil {
		h.mark.reach(stream, there.CachedInfo().State.LastSeq)
	}
}

func differs(a, b *jetstream.StreamConfig) bool {
	return a.MaxBytes != b.MaxBytes || a.MaxMsgs != b.MaxMsgs || a.MaxAge != b.MaxAge || a.Replicas != b.Replicas
}

// bucket is a KV bucket whose keys live so long, 0 for ever. It is read where it is written, so that nobody reads what is
// no longer so.
func (h *Hub) bucket(name string, life time.Duration) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: streamOf(name), Subjects: []string{"$KV." + name + ".>"}, Storage: h.storage(), Replicas: h.replicas(),
		MaxMsgsPerSubject: 1, MaxAge: life, MaxBytes: -1, MaxMsgs: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Discard: jetstream.DiscardNew, AllowRollup: true, DenyDelete: true, Duplicates: duplicates(life),
	}
}

func duplicates(life time.Duration) time.Duration {
	if window := 2 * time.Minute; life == 0 || life > window {
		return window
	}
	return life
}

func (h *Hub) stream(name, subject string, b Bounds) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: name, Subjects: []string{subject}, Storage: h.storage(), Replicas: h.replicas(),
		MaxBytes: cmp.Or(b.Bytes, -1), MaxAge: b.Age, MaxMsgs: cmp.Or(b.Count, -1), MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Discard: jetstream.DiscardOld, Duplicates: duplicates(b.Age), AllowDirect: true,
	}
}

// storage is memory for a server of our own without a directory.
func (h *Hub) storage() jetstream.StorageType {
	if h.embedded != nil && h.embedded.temporary {
		return jetstream.MemoryStorage
	}
	return jetstream.FileStorage
}

func (h *Hub) replicas() int { return max(h.options.Replicas, 1) }
