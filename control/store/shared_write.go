package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// errConflict says that another node has changed what is kept in between.
var errConflict = errors.New("another node changed the faults in between")

// Write makes all the given changes, one after the other, or none. It returns the faults as they are then, in the order of
// writes; they are in force on this node by then. While the brake is pulled only disabled faults are taken. Errors: *ExistsError,
// *MissingError, *MovedError, *BrakedError, *InvalidError, *UnavailableError.
func (s *Shared) Write(ctx context.Context, writes []Write) (written []Fault, err error) {
	_, err = s.change(ctx, func(d *draft) error {
		places, err := d.writeAll(writes)
		if err != nil {
			return err
		}
		if _, err = d.review(places); err != nil {
			return err
		}
		written = d.at(places)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// Delete removes a fault; revision 0 stands for any. Errors: *MissingError, *MovedError, *UnavailableError.
func (s *Shared) Delete(ctx context.Context, name string, revision uint64) error {
	_, err := s.change(ctx, func(d *draft) error {
		if err := d.remove(name, revision); err != nil {
			return err
		}
		_, err := d.review(nil)
		return err
	})
	return err
}

// errNothing is what an edit returns that has nothing to change.
var errNothing = errors.New("nothing to change")

// change makes an edit of what is kept, and puts it in force. If another node was quicker, the edit is made again, of what
// that one left. Nobody is refused because of what is no longer so.
func (s *Shared) change(ctx context.Context, edit func(*draft) error) (*snapshot, error) {
	began := time.Now()
	if err := s.writing.take(ctx); err != nil {
		return nil, &UnavailableError{Doing: "wait for the changes before this one", Err: err}
	}
	defer s.writing.give()
	defer s.mine.Store(0)
	for {
		current, sure := s.latest(began)
		next, err := s.edited(current, edit)
		if err != nil && sure {
			if errors.Is(err, errNothing) {
				return current, nil
			}
			return nil, err
		}
		if err == nil {
			if err = s.put(ctx, next, current.sequence); err == nil {
				return next, s.putInForce(ctx, current, next)
			}
			if !errors.Is(err, errConflict) {
				return nil, err
			}
		}
		if err := s.refresh(ctx); err != nil {
			return nil, err
		}
	}
}

// latest returns the newest that is known here, and whether it was the newest of all at some time since began.
func (s *Shared) latest(began time.Time) (current *snapshot, sure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, s.hub.sole() || !s.confirmed.Before(began)
}

// edited is what becomes of a snapshot by an edit.
func (s *Shared) edited(current *snapshot, edit func(*draft) error) (*snapshot, error) {
	d := newDraft(&draft{
		now: s.now(), ttl: s.ttl, brake: current.brake, revision: current.revision, set: s.aged(current), loaded: current.loaded,
	})
	if err := edit(d); err != nil {
		return nil, err
	}
	next := &snapshot{revision: d.revision, brake: d.brake, set: d.set, loaded: d.loaded, reviewed: d.touched}
	if d.touched {
		return next, next.seal()
	}
	next.set, next.form, next.parts, next.sum = current.set, current.form, current.parts, current.sum
	return next, nil
}

// aged is the set of a snapshot with the lives that have ended here.
func (s *Shared) aged(of *snapshot) []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := slices.Clone(of.set)
	s.lives.end(set, s.now())
	return set
}

// put keeps a snapshot, provided that what is kept is at a sequence number, 0 for nothing.
func (s *Shared) put(ctx context.Context, next *snapshot, at uint64) error {
	fresh, err := s.putParts(ctx, next)
	if err != nil {
		s.hub.took(ctx, s.keys.Bucket(), err)
		s.purge(ctx, fresh)
		return s.hub.unavailable("write the faults", err)
	}
	text, err := next.root()
	if err != nil {
		return err
	}
	began := time.Now()
	limit, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	s.mine.Store(xxhash.Sum64(text))
	next.sequence, err = s.keys.Update(limit, stateKey, text, at)
	s.hub.took(ctx, s.keys.Bucket(), err)
	if conflicts(err) {
		s.purge(limit, fresh)
		return errConflict
	}
	if err != nil {
		s.doubt.Store(true)
		return s.hub.unavailable("write the faults", err)
	}
	s.confirm(began)
	s.hub.mark.reach(s.hub.stateStream(), next.sequence)
	return nil
}

func conflicts(err error) bool {
	// A stream with replicas has a code of its own for it.
	var api jetstream.JetStreamError
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) ||
		errors.As(err, &api) && api.APIError() != nil &&
			(api.APIError().ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
				api.APIError().ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// confirm notes that what this node knows was the newest at some time after began.
func (s *Shared) confirm(began time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if began.After(s.confirmed) {
		s.confirmed = began
	}
}

// putParts keeps what is too large for the root, and returns under which keys it was put anew.
func (s *Shared) putParts(ctx context.Context, next *snapshot) (fresh []string, err error) {
	if len(next.form) <= mostInRoot || len(next.parts) > 0 {
		return nil, nil
	}
	change := nuid.Next()
	for from := 0; from < len(next.form); from += partSize {
		key := fmt.Sprintf("%s%s.%d", partPrefix, change, len(fresh))
		if _, err := s.keys.Put(ctx, key, next.form[from:min(from+partSize, len(next.form))]); err != nil {
			return fresh, err
		}
		fresh = append(fresh, key)
	}
	next.parts = fresh
	return fresh, nil
}

// purge removes parts that no root names, without a mark in the place of each, which nobody would ever take away. What is
// left behind takes room and does no harm.
func (s *Shared) purge(ctx context.Context, parts []string) {
	if len(parts) == 0 {
		return
	}
	stream, err := s.hub.js.Stream(ctx, s.hub.stateStream())
	if err != nil {
		return
	}
	for _, key := range parts {
		_ = stream.Purge(ctx, jetstream.WithPurgeSubject("$KV."+s.hub.stateBucket()+"."+key))
	}
}

// putInForce puts what was kept in force, and takes it back if the engine refuses it.
func (s *Shared) putInForce(ctx context.Context, before, next *snapshot) error {
	if err := s.install(next); err != nil {
		again := *before
		if undone := s.put(ctx, &again, next.sequence); undone != nil {
			return errors.Join(err, undone)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.current = &again
		return err
	}
	s.dropParts(ctx, before, next)
	return nil
}

// dropParts removes the parts that nobody needs any more.
func (s *Shared) dropParts(ctx context.Context, before, next *snapshot) {
	if before.sum == next.sum {
		return
	}
	s.purge(ctx, before.parts)
}
