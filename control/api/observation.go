package api

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type observationService struct {
	pb.UnimplementedObservationServiceServer
	options Options
}

func (s *observationService) ListAttempts(_ context.Context, r *pb.ListAttemptsRequest) (*pb.ListAttemptsResponse, error) {
	limit, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, err
	}
	if r.GetFrom() > 0 && r.GetPageToken() != "" {
		return nil, invalid(faults.Problem{Field: "from", Text: "is given beside page_token, want one of them"})
	}
	position, err := pagePosition(r)
	if err != nil {
		return nil, err
	}
	filter, err := filterOf(r)
	if err != nil {
		return nil, err
	}
	position = max(position, r.GetFrom())
	answer := &pb.ListAttemptsResponse{}
	for len(answer.GetAttempts()) < limit {
		page, next := s.options.Attempts.Page(position, limit-len(answer.GetAttempts()))
		if len(page) == 0 {
			break
		}
		for i := range page {
			if filter.takes(&page[i]) {
				answer.Attempts = append(answer.Attempts, attemptMessage(&page[i]))
			}
		}
		position = next
	}
	total, dropped := s.options.Attempts.Counts()
	if system := &s.options.System; system.Alone && r.GetStartTime() != nil && !r.GetStartTime().AsTime().Before(system.Started) {
		dropped = s.options.Attempts.RecentDropped()
	}
	answer.Dropped, answer.Next = dropped, min(position, total)
	if position < total {
		answer.NextPageToken = pageToken(r, position)
	}
	return answer, nil
}

func (s *observationService) ListCalls(_ context.Context, r *pb.ListCallsRequest) (*pb.ListCallsResponse, error) {
	filter, err := filterOf(r)
	if err != nil {
		return nil, err
	}
	calls := observe.Group(s.recent(r), false)
	calls = slices.DeleteFunc(calls, func(c observe.Call) bool { return !filter.takesCall(&c) })
	page, next, err := paged(calls, r)
	if err != nil {
		return nil, err
	}
	answer := &pb.ListCallsResponse{NextPageToken: next}
	for i := range page {
		answer.Calls = append(answer.Calls, callMessage(&page[i]))
	}
	return answer, nil
}

func (s *observationService) ListClients(_ context.Context, r *pb.ListClientsRequest) (*pb.ListClientsResponse, error) {
	seen, err := s.seen(r)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(clients(observe.Group(seen.attempts, false)), r)
	if err != nil {
		return nil, err
	}
	return &pb.ListClientsResponse{Clients: page, NextPageToken: next}, nil
}

// clients sums up calls by client, sorted by name.
func clients(calls []observe.Call) []*pb.Client {
	byName := make(map[string]*pb.Client)
	for i := range calls {
		call := &calls[i]
		client := byName[call.Client]
		if client == nil {
			client = &pb.Client{Name: validText(call.Client)}
			byName[call.Client] = client
		}
		client.Calls++
		client.Attempts += uint64(len(call.Attempts))
		for j := range call.Attempts {
			widen(client, call.Attempts[j])
		}
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *pb.Client) int { return cmp.Compare(a.GetName(), b.GetName()) })
}

// widen stretches the time in which a client was seen over an attempt.
func widen(client *pb.Client, a *observe.Attempt) {
	if client.GetFirstTime() == nil || a.Time.Before(client.GetFirstTime().AsTime()) {
		client.FirstTime = timestamp(a.Time)
	}
	if client.GetLastTime() == nil || a.Time.After(client.GetLastTime().AsTime()) {
		client.LastTime = timestamp(a.Time)
	}
}
