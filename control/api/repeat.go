package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

const (
	// answerTime is how long an answer is remembered under its request_id: as long as the store keeps it for the others.
	answerTime = store.AnswerAge
	// mostAnswers bounds the answers that are remembered, mostAnswerBytes their size together; the oldest go first.
	mostAnswers, mostAnswerBytes = 10_000, 16 << 20
	// longestRequestID is that of a request_id, in bytes.
	longestRequestID = 128
)

// repeat answers a request that comes again under its request_id as it was answered the first time (AIP-155).
func (c chain) repeat(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	id := requestID(request)
	if id == "" {
		return handle(ctx, request)
	}
	if problem := requestIDProblem(id); problem != "" {
		return nil, invalid(faults.Problem{Field: "request_id", Text: problem})
	}
	key := answerKey{caller: auth.FromContext(ctx).Key, method: info.FullMethod, id: id}
	a, first, err := c.answers.open(ctx, key, digestOf(request))
	if err != nil {
		return nil, err
	}
	if !first {
		return again(a.reply)
	}
	return c.answer(ctx, request, handle, opened{key, a})
}

// opened is the place of a request under its request_id.
type opened struct {
	key answerKey
	*answered
}

// answer answers a request that comes for the first time here. Its place is closed also by a panic, wherever that was: what was
// answered by then is remembered, and else the request is as good as new.
func (c chain) answer(ctx context.Context, request any, handle grpc.UnaryHandler, o opened) (answer any, err error) {
	var reply proto.Message
	failed := errUnanswered
	defer func() { c.answers.close(o.key, o.answered, reply, failed) }()
	if reply, failed = c.earlier(ctx, o.key, o.digest); failed != nil {
		return nil, failed
	}
	if reply != nil {
		return again(reply)
	}
	failed = errUnanswered
	answer, err = handle(ctx, request)
	reply, failed = withoutSecret(answer), err
	c.keep(ctx, o.key, o.digest, reply, err)
	return answer, err
}

// errUnanswered is what became of a request whose handling broke off.
var errUnanswered = errors.New("the request was not answered")

// withoutSecret is an answer as it is remembered, nil for nothing: a secret is shown once, and kept nowhere.
func withoutSecret(answer any) proto.Message {
	if made, ok := answer.(*pb.CreateTokenResponse); ok && made != nil {
		return &pb.CreateTokenResponse{Token: made.GetToken()}
	}
	reply, _ := answer.(proto.Message)
	return reply
}

// again is what a request is told that was answered before: the same, but for a secret.
func again(reply proto.Message) (any, error) {
	made, ok := reply.(*pb.CreateTokenResponse)
	if !ok {
		return reply, nil
	}
	id := made.GetToken().GetId()
	return nil, because(codes.AlreadyExists, "TOKEN_MADE_ALREADY", fmt.Errorf(
		"this request has made token %s already, whose secret was shown with it alone: if it is lost, revoke the token and make another", id), map[string]string{"id": id})
}

// requestID is the request_id of a request, "" for none.
func requestID(request any) string {
	if r, ok := request.(interface{ GetRequestId() string }); ok {
		return r.GetRequestId()
	}
	return ""
}

func requestIDProblem(id string) string {
	if len(id) > longestRequestID {
		return fmt.Sprintf("has %d bytes, want at most %d", len(id), longestRequestID)
	}
	for _, b := range []byte(id) {
		if b <= ' ' || b > '~' {
			return "holds more than visible ASCII characters"
		}
	}
	return ""
}

// digestOf tells requests apart.
func digestOf(request any) [sha256.Size]byte {
	message, ok := request.(proto.Message)
	if !ok {
		return [sha256.Size]byte{}
	}
	text, _ := proto.MarshalOptions{Deterministic: true}.Marshal(message) // What was unmarshalled can be marshalled.
	return sha256.Sum256(text)
}

// answerKey is what an answer is remembered under.
type answerKey struct{ caller, method, id string }

// answered is a request that was answered, or is being so.
type answered struct {
	digest [sha256.Size]byte
	// done is closed once reply is there, or the request has failed.
	done  chan struct{}
	reply proto.Message
	size  int
	until time.Time
}

// answers remembers answers for a while. It is safe for concurrent use.
type answers struct {
	now func() time.Time

	mu    sync.Mutex
	kept  map[answerKey]*answered
	order []answerKey
	bytes int
}

// open returns what is remembered under a key, once it is answered, or a new place that the caller must close.
func (s *answers) open(ctx context.Context, key answerKey, digest [sha256.Size]byte) (a *answered, first bool, err error) {
	for {
		a, first = s.place(key, digest)
		switch {
		case first:
			return a, true, nil
		case a.digest != digest:
			return nil, false, invalid(faults.Problem{Field: "request_id", Text: "was given to another request already, want one of its own"})
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if a.reply != nil {
			return a, false, nil
		}
	}
}

func (s *answers) place(key answerKey, digest [sha256.Size]byte) (a *answered, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	if a, known := s.kept[key]; known {
		return a, false
	}
	if s.kept == nil {
		s.kept = make(map[answerKey]*answered)
	}
	a = &answered{digest: digest, done: make(chan struct{})}
	s.kept[key] = a
	return a, true
}

// close remembers the answer to a request, or forgets one that failed.
func (s *answers) close(key answerKey, a *answered, reply proto.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(a.done)
	if err != nil || reply == nil {
		delete(s.kept, key)
		return
	}
	a.reply, a.size, a.until = reply, proto.Size(reply), s.now().Add(answerTime)
	s.order, s.bytes = append(s.order, key), s.bytes+a.size
	s.forget()
}

// forget drops what is too old or too much. The caller holds the lock.
func (s *answers) forget() {
	now := s.now()
	for len(s.order) > 0 {
		oldest := s.kept[s.order[0]]
		if len(s.order) <= mostAnswers && s.bytes <= mostAnswerBytes && now.Before(oldest.until) {
			return
		}
		s.bytes -= oldest.size
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
}

// fieldsCleared is a copy of a message without the named fields.
func fieldsCleared(m proto.Message, names ...protoreflect.Name) proto.Message {
	clone := proto.Clone(m)
	for _, name := range names {
		if field := clone.ProtoReflect().Descriptor().Fields().ByName(name); field != nil {
			clone.ProtoReflect().Clear(field)
		}
	}
	return clone
}
