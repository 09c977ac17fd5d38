package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// Answers keeps answers to requests that may come again, to another node or after a restart.
type Answers interface {
	// Answer returns what is kept under a name, nil for nothing.
	Answer(ctx context.Context, name string) ([]byte, error)
	// Keep keeps an answer under a name, for store.AnswerAge.
	Keep(ctx context.Context, name string, answer []byte) error
}

// name is what an answer is kept under. None of its parts holds the byte between them.
func (k answerKey) name() string { return k.caller + "\x00" + k.method + "\x00" + k.id }

// earlier returns the answer that another node or an earlier process gave to a request, nil for none. Where nobody can say,
// the request is as good as new: a brake must be pulled whatever the store does.
func (c chain) earlier(ctx context.Context, key answerKey, digest [sha256.Size]byte) (proto.Message, error) {
	if c.options.Answers == nil {
		return nil, nil
	}
	form, err := c.ask(ctx, key)
	if err != nil {
		c.options.Logger.WarnContext(ctx, "earlier answers cannot be read", slog.String("method", key.method), slog.Any("error", err))
		form = nil
	}
	if len(form) < sha256.Size {
		return nil, nil
	}
	if !bytes.Equal(form[:sha256.Size], digest[:]) {
		return nil, invalid(faults.Problem{Field: "request_id", Text: "was given to another request already, want one of its own"})
	}
	var packed anypb.Any
	if err := proto.Unmarshal(form[sha256.Size:], &packed); err != nil {
		return nil, err
	}
	return packed.UnmarshalNew()
}

// brakeAskTime bounds the look for an earlier answer to who pulls the brake. A store that takes longer has it pulled again, which
// changes nothing unless it was released in between.
const brakeAskTime = 20 * time.Millisecond

// ask looks for an earlier answer.
func (c chain) ask(ctx context.Context, key answerKey) ([]byte, error) {
	if key.method == pb.BrakeService_PullBrake_FullMethodName {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, brakeAskTime)
		defer cancel()
	}
	return c.options.Answers.Answer(ctx, key.name())
}

// keep keeps an answer for other nodes and for later processes. What failed is not kept.
func (c chain) keep(ctx context.Context, key answerKey, digest [sha256.Size]byte, reply proto.Message, failed error) {
	if c.options.Answers == nil || failed != nil || reply == nil {
		return
	}
	packed, err := anypb.New(reply)
	if err == nil {
		var form []byte
		if form, err = proto.Marshal(packed); err == nil {
			err = c.options.Answers.Keep(context.WithoutCancel(ctx), key.name(), append(digest[:], form...))
		}
	}
	if err != nil {
		c.options.Logger.WarnContext(ctx, "an answer is remembered by this process alone", slog.String("method", key.method), slog.Any("error", err))
	}
}
