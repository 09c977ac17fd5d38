package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// SharedTokens keeps bearer tokens in JetStream. It is safe for concurrent use.
type SharedTokens struct {
	hub  *Hub
	keys jetstream.KeyValue
}

// Tokens opens the tokens.
func (h *Hub) Tokens(ctx context.Context) (*SharedTokens, error) {
	keys, err := h.js.KeyValue(ctx, h.tokenBucket())
	if err != nil {
		return nil, &UnavailableError{Doing: "open the tokens", Err: err}
	}
	return &SharedTokens{hub: h, keys: keys}, nil
}

// tokenKey is where a token is kept: an ID may be anything, a key may not.
func tokenKey(id string) string {
	digest := sha256.Sum256([]byte(id))
	return hex.EncodeToString(digest[:])
}

// Put keeps a token, in place of the one with its ID.
func (s *SharedTokens) Put(ctx context.Context, t Token) error {
	text, err := json.Marshal(&t)
	if err != nil {
		return fmt.Errorf("write the token: %w", err)
	}
	sequence, err := s.keys.Put(ctx, tokenKey(t.ID), text)
	if err != nil {
		return &UnavailableError{Doing: "write the token", Err: err}
	}
	s.hub.mark.reach(streamOf(s.hub.tokenBucket()), sequence)
	return nil
}

// Delete removes a token. It returns a *TokenMissingError if there is none of that ID.
func (s *SharedTokens) Delete(ctx context.Context, id string) error {
	entry, err := s.keys.Get(ctx, tokenKey(id))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return &TokenMissingError{ID: id}
	}
	if err == nil {
		err = s.keys.Purge(ctx, tokenKey(id), jetstream.LastRevision(entry.Revision()))
	}
	if err != nil {
		return &UnavailableError{Doing: "remove the token", Err: err}
	}
	return nil
}

// List returns the tokens in the order of their creation, those created at the same moment in the order of their IDs;
// expired ones too. The caller owns the slice and what it points to.
func (s *SharedTokens) List(ctx context.Context) ([]Token, error) {
	tokens := []Token{}
	err := eachKey(ctx, s.keys, func(entry jetstream.KeyValueEntry) error {
		var t Token
		if err := strictly(entry.Value(), &t); err != nil {
			return fmt.Errorf("read the tokens: %w", err)
		}
		tokens = append(tokens, t)
		return nil
	})
	sortTokens(tokens)
	return tokens, err
}

// eachKey goes through what is in a bucket.
func eachKey(ctx context.Context, keys jetstream.KeyValue, take func(jetstream.KeyValueEntry) error) (err error) {
	watcher, err := keys.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return &UnavailableError{Doing: "read " + keys.Bucket(), Err: err}
	}
	defer func() { err = errors.Join(err, watcher.Stop()) }()
	for {
		select {
		case entry := <-watcher.Updates():
			if entry == nil {
				return nil
			}
			if err := take(entry); err != nil {
				return err
			}
		case <-ctx.Done():
			return &UnavailableError{Doing: "read " + keys.Bucket(), Err: ctx.Err()}
		}
	}
}
