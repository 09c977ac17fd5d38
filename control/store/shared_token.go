package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// SharedTokens keeps bearer tokens in JetStream. It is safe for concurrent use. What was heard of can be listed also while
// JetStream cannot be reached.
type SharedTokens struct {
	hub   *Hub
	keys  jetstream.KeyValue
	known *mirror

	mu sync.Mutex
	// tokens are those that were read when there had been so many changes.
	tokens  []Token
	changes uint64
}

// Tokens opens the tokens.
func (h *Hub) Tokens(ctx context.Context) (*SharedTokens, error) {
	keys, err := h.js.KeyValue(ctx, h.tokenBucket())
	if err != nil {
		return nil, h.unavailable("open the tokens", err)
	}
	known, err := h.mirror(ctx, keys)
	if err != nil {
		return nil, err
	}
	return &SharedTokens{hub: h, keys: keys, known: known}, nil
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
		return s.hub.unavailable("write the token", err)
	}
	s.known.put(tokenKey(t.ID), sequence, text)
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
		return s.hub.unavailable("remove the token", err)
	}
	s.known.put(tokenKey(id), entry.Revision(), nil)
	s.hub.reachEnd(ctx, streamOf(s.hub.tokenBucket())) // A revocation that is lost to damage would open a door again.
	return nil
}

// List returns the tokens in the order of their creation, those created at the same moment in the order of their IDs;
// expired ones too. One that cannot be read is left out, and told of in the log: it opens nothing, and locks nobody else out. The
// caller owns the slice and what it points to.
func (s *SharedTokens) List(ctx context.Context) ([]Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	values, changes := s.known.unless(s.changes)
	if changes == s.changes {
		return cloned(s.tokens), nil
	}
	tokens := make([]Token, 0, len(values))
	for _, text := range values {
		var token Token
		if err := strictly(text, &token); err != nil {
			s.hub.logger.ErrorContext(ctx, "token cannot be read: it opens nothing", slog.Any("error", err))
			continue
		}
		tokens = append(tokens, token)
	}
	sortTokens(tokens)
	s.tokens, s.changes = tokens, changes
	return cloned(tokens), nil
}

func cloned(tokens []Token) []Token {
	clone := slices.Clone(tokens)
	for i := range clone {
		clone[i].Hash = slices.Clone(clone[i].Hash)
	}
	return clone
}
