package store

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// Token is a bearer token as it is kept: of its secret there is only a hash.
type Token struct {
	// ID names the token in lists and for its removal. It is no secret.
	ID string
	// Name says in words whose it is.
	Name string
	// Role is what it permits: viewer, operator or admin.
	Role string
	// Hash is that of the secret, as package auth computes it.
	Hash []byte
	// Created and Expires are wall clock times; Expires is zero for never.
	Created, Expires time.Time
}

// Expired reports whether the token is of no use any more.
func (t *Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Tokens keeps bearer tokens in memory. The zero value is ready for use; it is safe for concurrent use.
// Its methods do not look at their context: nothing in them waits for long.
type Tokens struct {
	mu   sync.Mutex
	kept map[string]Token
}

// Put keeps a token, in place of the one with its ID. It keeps nothing that the caller may change.
func (s *Tokens) Put(_ context.Context, t Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = make(map[string]Token)
	}
	t.Hash = bytes.Clone(t.Hash)
	s.kept[t.ID] = t
	return nil
}

// Delete removes a token. It returns a *TokenMissingError if there is none of that ID.
func (s *Tokens) Delete(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.kept[id]; !known {
		return &TokenMissingError{ID: id}
	}
	delete(s.kept, id)
	return nil
}

// List returns the tokens in the order of their creation, those created at the same moment in the order of their IDs;
// expired ones too. The caller owns the slice and what it points to.
func (s *Tokens) List(context.Context) ([]Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := make([]Token, 0, len(s.kept))
	for _, t := range s.kept {
		t.Hash = bytes.Clone(t.Hash)
		tokens = append(tokens, t)
	}
	sortTokens(tokens)
	return tokens, nil
}

// sortTokens puts tokens in the order of List.
func sortTokens(tokens []Token) {
	slices.SortFunc(tokens, func(a, b Token) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// TokenMissingError says that there is no token of an ID.
type TokenMissingError struct{ ID string }

func (e *TokenMissingError) Error() string { return "there is no token " + quoted(e.ID) }
