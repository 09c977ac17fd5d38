package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestManyRepeatsAreOneChange sends one request a hundred times at once.
func TestManyRepeatsAreOneChange(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			made, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: answering("one", 0.1), RequestId: "r1"})
			if err != nil || made.GetRevision() != 1 {
				t.Errorf("got revision %d, %v, want the first", made.GetRevision(), err)
			}
		})
	}
	group.Wait()
	if entries, err := s.audit.List(t.Context(), 0, 10); err != nil || len(entries) != 1 {
		t.Errorf("the audit has %d entries, %v, want the one change", len(entries), err)
	}
}

// TestASecretIsToldOnce holds that a token is made once under a request_id, and that its secret is in the first answer alone.
func TestASecretIsToldOnce(t *testing.T) {
	t.Parallel()
	d := &drawer{kept: make(map[string][]byte)}
	first, second := serve(t, func(o *Options) { o.Answers = d }), serve(t, func(o *Options) { o.Answers = d })
	request := &pb.CreateTokenRequest{Name: "ci", Role: "viewer", RequestId: "r1"}
	made, err := pb.NewTokenServiceClient(first.conn).CreateToken(t.Context(), request)
	if err != nil || made.GetSecret() == "" {
		t.Fatalf("got %v, %v, want a token with its secret", made, err)
	}
	for name, s := range map[string]*served{"the same process": first, "another process": second} {
		for range 2 {
			again, err := pb.NewTokenServiceClient(s.conn).CreateToken(t.Context(), request)
			if status.Code(err) != codes.AlreadyExists || !strings.Contains(err.Error(), made.GetToken().GetId()) {
				t.Errorf("%s: got %v, %v, want ALREADY_EXISTS with the token's id", name, again, err)
			}
		}
	}
	for name, answer := range d.kept {
		if bytes.Contains(answer, []byte(made.GetSecret())) || strings.Contains(name, made.GetSecret()) {
			t.Error("the secret is kept")
		}
	}
	firsts, err := first.tokens.List(t.Context())
	seconds, failed := second.tokens.List(t.Context())
	if err != nil || failed != nil || len(firsts) != 1 || len(seconds) != 0 || len(d.kept) != 1 {
		t.Errorf("%d and %d tokens and %d answers are kept, %v, %v, want one token and its answer", len(firsts), len(seconds), len(d.kept), err, failed)
	}
}

// TestARepeatWaitsForTheFirst holds that a request which comes while the first is under way gets its answer, does the
// work itself if that failed, and leaves when its caller does.
func TestARepeatWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	s := &answers{now: func() time.Time { return epoch }}
	key := answerKey{id: "r1"}
	first, fresh, err := s.open(t.Context(), key, [32]byte{})
	if !fresh || err != nil {
		t.Fatalf("the first: got %t, %v, want a place of its own", fresh, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.open(over, key, [32]byte{}); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever left: got %v, want %v", err, context.Canceled)
	}
	next := make(chan bool, 1)
	go func() {
		_, fresh, err := s.open(t.Context(), key, [32]byte{})
		next <- fresh && err == nil
	}()
	s.close(key, first, nil, errors.New("failed"))
	if !<-next {
		t.Error("after a failure the next is not given the work")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	now := epoch
	s := &answers{now: func() time.Time { return now }}
	remember := func(i int, reply proto.Message) {
		key := answerKey{id: fmt.Sprint(i)}
		a, fresh, err := s.open(t.Context(), key, [32]byte{})
		if !fresh || err != nil {
			t.Fatalf("%d: got %t, %v, want a place of its own", i, fresh, err)
		}
		s.close(key, a, reply, nil)
	}
	for i := range 2 * mostAnswers {
		remember(i, &pb.Brake{})
	}
	if len(s.kept) != mostAnswers || len(s.order) != mostAnswers {
		t.Errorf("%d answers and %d places are kept, want %d", len(s.kept), len(s.order), mostAnswers)
	}
	large := &pb.Brake{Reason: strings.Repeat("x", 1<<20)}
	for i := range 100 {
		remember(3*mostAnswers+i, large)
		if s.bytes > mostAnswerBytes {
			t.Fatalf("%d bytes are kept, want at most %d", s.bytes, mostAnswerBytes)
		}
	}
	now = now.Add(answerTime)
	remember(0, &pb.Brake{})
	if len(s.kept) != 1 || s.bytes != 0 {
		t.Errorf("after their time %d answers of %d bytes are kept, want the newest alone", len(s.kept), s.bytes)
	}
}

// TestPageTokensBelongToOneList holds that a token is taken back with the request that it was given for and no other.
func TestPageTokensBelongToOneList(t *testing.T) {
	t.Parallel()
	one := &pb.ListAttemptsRequest{Client: "a", Status: 503}
	for _, position := range []uint64{0, 1, 127, 128, 1 << 40, 1<<64 - 1} {
		token := pageToken(one, position)
		for name, tt := range map[string]struct {
			request pager
			taken   bool
		}{
			"the same":            {&pb.ListAttemptsRequest{Client: "a", Status: 503, PageToken: token}, true},
			"another size":        {&pb.ListAttemptsRequest{Client: "a", Status: 503, PageToken: token, PageSize: 7}, true},
			"another filter":      {&pb.ListAttemptsRequest{Client: "b", Status: 503, PageToken: token}, false},
			"no filter":           {&pb.ListAttemptsRequest{PageToken: token}, false},
			"another list":        {&pb.ListCallsRequest{Client: "a", Status: 503, PageToken: token}, false},
			"cut short":           {&pb.ListAttemptsRequest{Client: "a", Status: 503, PageToken: token[:len(token)-2]}, false},
			"with something more": {&pb.ListAttemptsRequest{Client: "a", Status: 503, PageToken: token + "AA"}, false},
		} {
			got, err := pagePosition(tt.request)
			if (err == nil) != tt.taken || tt.taken && got != position {
				t.Errorf("%d, %s: got %d, %v, want it taken: %t", position, name, got, err, tt.taken)
			}
			if err != nil {
				wantInvalid(t, err, "page_token")
			}
		}
	}
}
