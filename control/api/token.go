package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

const (
	// longestTokenName bounds the name of a token, in bytes.
	longestTokenName = 100
	// mostTokens bounds the tokens that are kept: each call compares with all of them.
	mostTokens = 10_000
)

type tokenService struct {
	pb.UnimplementedTokenServiceServer
	options Options
}

func (s *tokenService) CreateToken(ctx context.Context, r *pb.CreateTokenRequest) (*pb.CreateTokenResponse, error) {
	if problems := tokenProblems(r); len(problems) > 0 {
		return nil, invalid(problems...)
	}
	kept, err := s.options.Tokens.List(ctx)
	if err != nil {
		return nil, err
	}
	if len(kept) >= mostTokens {
		return nil, because(codes.ResourceExhausted, "TOKENS_TOO_MANY", fmt.Errorf("there are %d tokens: revoke some first", len(kept)), nil)
	}
	secret, now := auth.NewSecret(), s.options.Now()
	token := store.Token{ID: auth.NewID(), Name: r.GetName(), Role: r.GetRole(), Hash: auth.Hash(secret), Created: now}
	if r.GetTtl() != nil {
		token.Expires = now.Add(r.GetTtl().AsDuration())
	}
	if err := s.options.Tokens.Put(ctx, token); err != nil {
		return nil, err
	}
	return &pb.CreateTokenResponse{Token: tokenMessage(&token), Secret: secret}, nil
}

func tokenProblems(r *pb.CreateTokenRequest) (problems faults.Problems) {
	if name := r.GetName(); name == "" || len(name) > longestTokenName {
		problems = append(problems, faults.Problem{Field: "name", Text: fmt.Sprintf("has %d bytes, want 1 to %d", len(name), longestTokenName)})
	}
	if _, err := auth.ParseRole(r.GetRole()); err != nil {
		problems = append(problems, faults.Problem{Field: "role", Text: err.Error()})
	}
	if ttl := r.GetTtl(); ttl != nil && (ttl.CheckValid() != nil || ttl.AsDuration() < time.Second) {
		problems = append(problems, faults.Problem{Field: "ttl", Text: "is below a second, want one or more, or none at all"})
	}
	return problems
}

func (s *tokenService) ListTokens(ctx context.Context, r *pb.ListTokensRequest) (*pb.ListTokensResponse, error) {
	tokens, err := s.options.Tokens.List(ctx)
	if err != nil {
		return nil, err
	}
	messages := make([]*pb.Token, 0, len(tokens)+1)
	if s.options.TokenFile != nil {
		message := tokenMessage(s.options.TokenFile)
		message.FromFile = true
		messages = append(messages, message)
	}
	for i := range tokens {
		messages = append(messages, tokenMessage(&tokens[i]))
	}
	page, next, err := paged(messages, r)
	if err != nil {
		return nil, err
	}
	return &pb.ListTokensResponse{Tokens: page, NextPageToken: next}, nil
}

func (s *tokenService) DeleteToken(ctx context.Context, r *pb.DeleteTokenRequest) (*emptypb.Empty, error) {
	if s.options.TokenFile != nil && s.options.TokenFile.ID == r.GetId() {
		return nil, because(codes.FailedPrecondition, "TOKEN_FROM_FILE",
			fmt.Errorf("token %s comes from [control.auth] token_file: remove the file and restart to be rid of it", r.GetId()), nil)
	}
	tokens, err := s.options.Tokens.List(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(tokens, func(t store.Token) bool { return t.ID == r.GetId() }); i >= 0 {
		noteBefore(ctx, tokenMessage(&tokens[i]))
	}
	if err := s.options.Tokens.Delete(ctx, r.GetId()); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// tokenMessage leaves out the hash, too: nobody has a use for it.
func tokenMessage(t *store.Token) *pb.Token {
	return &pb.Token{Id: t.ID, Name: validText(t.Name), Role: t.Role, CreateTime: timestamp(t.Created), ExpireTime: timestamp(t.Expires)}
}
