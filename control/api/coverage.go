package api

import (
	"context"
	"slices"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func (s *observationService) GetCoverage(_ context.Context, r *pb.GetCoverageRequest) (*pb.Coverage, error) {
	start, end, problems := spanOf(r)
	if len(problems) > 0 {
		return nil, invalid(problems...)
	}
	attempts := slices.DeleteFunc(s.recent(r), func(a observe.Attempt) bool { return !within(a.Time, start, end) })
	return coverageMessage(coverage.Of(verdict.Of(attempts), coverage.Options{Client: r.GetClient()})), nil
}

func coverageMessage(m coverage.Matrix) *pb.Coverage {
	message := &pb.Coverage{
		Version: coverage.Version, Tally: tallyMessage(m.Tally), Basis: m.Basis,
		Attempts: m.Attempts, Outside: m.Outside, Ours: m.Ours,
	}
	for _, k := range m.Kinds {
		message.Kinds = append(message.Kinds, &pb.CoverageKind{Kind: string(k.Kind), Tally: tallyMessage(k.Tally)})
	}
	for i := range m.Endpoints {
		e := &m.Endpoints[i]
		message.Endpoints = append(message.Endpoints, &pb.CoverageEndpoint{
			Endpoint: e.Endpoint, Attempts: e.Attempts, Tally: tallyMessage(e.Tally), Errors: cellMessages(e.Errors), Beyond: cellMessages(e.Beyond),
		})
	}
	return message
}

func tallyMessage(t coverage.Tally) *pb.CoverageTally {
	return &pb.CoverageTally{Covered: uint32(t.Covered), Of: uint32(t.Of), Share: t.Share} //nolint:gosec // Counts that the contract bounds.
}

func cellMessages(cells []coverage.Cell) []*pb.CoverageError {
	var messages []*pb.CoverageError
	for i := range cells {
		c := &cells[i]
		messages = append(messages, &pb.CoverageError{Kind: string(c.Kind), Name: validText(c.Name), Attempts: c.Attempts, Injected: c.Injected})
	}
	return messages
}

// Coverage reads what GetCoverage answered.
func Coverage(m *pb.Coverage) coverage.Matrix {
	matrix := coverage.Matrix{
		Version: int(m.GetVersion()), Tally: tallyOf(m.GetTally()), Basis: m.GetBasis(), Kinds: []coverage.KindTally{}, Endpoints: []coverage.Endpoint{},
		Attempts: m.GetAttempts(), Outside: m.GetOutside(), Ours: m.GetOurs(),
	}
	for _, k := range m.GetKinds() {
		matrix.Kinds = append(matrix.Kinds, coverage.KindTally{Kind: coverage.Kind(k.GetKind()), Tally: tallyOf(k.GetTally())})
	}
	for _, e := range m.GetEndpoints() {
		matrix.Endpoints = append(matrix.Endpoints, coverage.Endpoint{
			Endpoint: e.GetEndpoint(), Attempts: e.GetAttempts(), Tally: tallyOf(e.GetTally()), Errors: cells(e.GetErrors()), Beyond: cells(e.GetBeyond()),
		})
	}
	return matrix
}

func tallyOf(m *pb.CoverageTally) coverage.Tally {
	return coverage.Tally{Covered: int(m.GetCovered()), Of: int(m.GetOf()), Share: m.GetShare()}
}

func cells(messages []*pb.CoverageError) []coverage.Cell {
	var list []coverage.Cell
	for _, m := range messages {
		e := coverage.Error{Kind: coverage.Kind(m.GetKind()), Name: m.GetName()}
		list = append(list, coverage.Cell{Error: e, Attempts: m.GetAttempts(), Injected: m.GetInjected()})
	}
	return list
}
