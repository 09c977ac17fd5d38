package store

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// AnswerAge is how long an answer is kept under its request.
	AnswerAge = 10 * time.Minute
	// mostAnswers and mostAnswerBytes bound the answers that are kept, longestAnswer one of them, deflated.
	mostAnswers, mostAnswerBytes, longestAnswer = 10_000, 64 << 20, 512 << 10
)

// SharedAnswers keeps the answers to requests that may come again, for a while: to any node, and also after a restart. It
// is safe for concurrent use.
type SharedAnswers struct {
	hub  *Hub
	keys jetstream.KeyValue
}

// answers is the bucket of the answers. The oldest go first.
func (h *Hub) answers() jetstream.StreamConfig {
	c := h.bucket(h.answerBucket(), AnswerAge)
	c.MaxMsgs, c.MaxBytes, c.Discard = mostAnswers, mostAnswerBytes, jetstream.DiscardOld
	return c
}

// Answers opens the answers.
func (h *Hub) Answers(ctx context.Context) (*SharedAnswers, error) {
	keys, err := h.js.KeyValue(ctx, h.answerBucket())
	if err != nil {
		return nil, h.unavailable("open the answers", err)
	}
	return &SharedAnswers{hub: h, keys: keys}, nil
}

// Answer returns what is kept under a name, nil for nothing. The error is an *UnavailableError.
func (s *SharedAnswers) Answer(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	entry, err := s.keys.Get(ctx, tokenKey(name))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, s.hub.unavailable("look for an earlier answer", err)
	}
	return unpack(entry.Value())
}

// Keep keeps an answer under a name. The error is an *UnavailableError, or says that it is too large.
func (s *SharedAnswers) Keep(ctx context.Context, name string, answer []byte) error {
	form, err := pack(answer)
	if err != nil {
		return err
	}
	if len(form) > longestAnswer {
		return errAnswerSize
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	// It is not noted in the watermark: see fleeting.
	if _, err := s.keys.Put(ctx, tokenKey(name), form); err != nil {
		return s.hub.unavailable("keep an answer", err)
	}
	return nil
}

// errAnswerSize says that an answer is too large to be kept for other nodes and for a restart.
var errAnswerSize = errors.New("keep an answer: it has more than 512 KiB, deflated")
