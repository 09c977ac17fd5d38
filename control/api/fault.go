package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// tries bounds how often a change that names no revision is made again because
// another came in between.
const tries = 16

type faultService struct {
	pb.UnimplementedFaultServiceServer
	options Options
}

func (s *faultService) CreateFault(ctx context.Context, r *pb.CreateFaultRequest) (*pb.Fault, error) {
	if r.GetFault() == nil {
		return nil, invalid(faults.Problem{Field: "fault", Text: "is missing"})
	}
	fault, problems := readFault(r.GetFault())
	if len(problems) > 0 {
		return nil, invalid(problems.Prefix("fault.")...)
	}
	return s.write(ctx, store.Write{Fault: fault, Create: true})
}

func (s *faultService) GetFault(ctx context.Context, r *pb.GetFaultRequest) (*pb.Fault, error) {
	f, err := s.find(ctx, r.GetName())
	if err != nil {
		return nil, err
	}
	return s.showOne(ctx, f)
}

func (s *faultService) ListFaults(ctx context.Context, r *pb.ListFaultsRequest) (*pb.ListFaultsResponse, error) {
	set, err := s.options.Faults.Faults(ctx)
	if err != nil {
		return nil, err
	}
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := filterFaults(set, r, v)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(kept, r)
	if err != nil {
		return nil, err
	}
	return &pb.ListFaultsResponse{Faults: v.faults(page), NextPageToken: next}, nil
}

func (s *faultService) UpdateFault(ctx context.Context, r *pb.UpdateFaultRequest) (*pb.Fault, error) {
	by := r.GetFault()
	if by == nil {
		return nil, invalid(faults.Problem{Field: "fault", Text: "is missing"})
	}
	fields, err := maskedFields(r.GetUpdateMask(), by)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, by.GetName(), by.GetRevision(), func(f faults.Fault) (store.Write, error) {
		merged := Fault(&f)
		replaceFields(merged, withinParts(merged, by, r.GetUpdateMask()), fields)
		fault, problems := readFault(merged)
		if len(problems) > 0 {
			return store.Write{}, invalid(problems.Prefix("fault.")...)
		}
		return store.Write{Fault: fault}, nil
	})
}

func (s *faultService) ApplyFaults(ctx context.Context, r *pb.ApplyFaultsRequest) (*pb.ApplyFaultsResponse, error) {
	writes, err := replacements(r.GetFaults())
	if err != nil {
		return nil, err
	}
	if err := s.noteSet(ctx, writes); err != nil {
		return nil, err
	}
	written, err := s.options.Faults.Write(ctx, writes)
	if err != nil {
		return nil, err
	}
	shown, err := s.show(ctx, written...)
	return &pb.ApplyFaultsResponse{Faults: shown}, err
}

// noteSet notes what a change is about to replace.
func (s *faultService) noteSet(ctx context.Context, writes []store.Write) error {
	set, err := s.options.Faults.Faults(ctx)
	if err != nil {
		return err
	}
	written := make(map[string]bool, len(writes))
	for i := range writes {
		written[writes[i].Fault.Name] = true
	}
	before := &pb.ApplyFaultsResponse{}
	for i := range set {
		if written[set[i].Name] {
			before.Faults = append(before.Faults, storedFault(&set[i]))
		}
	}
	noteBefore(ctx, before)
	return nil
}

// replacements reads the faults of one change, no two of the same name.
func replacements(messages []*pb.Fault) ([]store.Write, error) {
	if len(messages) > faults.MaxFaults {
		return nil, invalid(faults.Problem{Field: "faults", Text: fmt.Sprintf("are %d, want at most %d", len(messages), faults.MaxFaults)})
	}
	writes := make([]store.Write, len(messages))
	taken := make(map[string]bool, len(messages))
	var problems faults.Problems
	for i, message := range messages {
		fault, unreadable := readFault(message)
		prefix := fmt.Sprintf("faults[%d].", i)
		problems = append(problems, unreadable.Prefix(prefix)...)
		if taken[fault.Name] {
			problems = append(problems, faults.Problem{Field: prefix + "name", Text: fmt.Sprintf("is %.80q, which is there twice", fault.Name)})
		}
		taken[fault.Name] = true
		writes[i] = store.Write{Fault: fault}
	}
	if len(problems) > 0 {
		return nil, invalid(problems...)
	}
	return writes, nil
}

func (s *faultService) DeleteFault(ctx context.Context, r *pb.DeleteFaultRequest) (*emptypb.Empty, error) {
	f, err := s.find(ctx, r.GetName())
	if err != nil {
		return nil, err
	}
	noteBefore(ctx, storedFault(&f))
	if err := s.options.Faults.Delete(ctx, r.GetName(), r.GetRevision()); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

func (s *faultService) EnableFault(ctx context.Context, r *pb.EnableFaultRequest) (*pb.Fault, error) {
	return s.change(ctx, r.GetName(), 0, func(f faults.Fault) (store.Write, error) {
		f.Disabled = false
		return store.Write{Fault: f, Restart: true}, nil
	})
}

func (s *faultService) DisableFault(ctx context.Context, r *pb.DisableFaultRequest) (*pb.Fault, error) {
	return s.change(ctx, r.GetName(), 0, func(f faults.Fault) (store.Write, error) {
		f.Disabled = true
		return store.Write{Fault: f}, nil
	})
}

// change reads a fault, edits it and writes it back, provided that it is at the
// revision, 0 for any. When another change came in between, it does so again.
func (s *faultService) change(ctx context.Context, name string, revision uint64, edit func(faults.Fault) (store.Write, error)) (*pb.Fault, error) {
	for try := 1; ; try++ {
		f, err := s.find(ctx, name)
		if err != nil {
			return nil, err
		}
		if revision != 0 && f.Revision != revision {
			return nil, &store.MovedError{Name: name, Want: revision, Current: f.Revision}
		}
		w, err := edit(f.Fault)
		if err != nil {
			return nil, err
		}
		w.Revision = f.Revision
		noteBefore(ctx, storedFault(&f))
		answer, err := s.write(ctx, w)
		if _, moved := errors.AsType[*store.MovedError](err); !moved || try == tries {
			return answer, err
		}
	}
}

// write makes one change. What the store says of "faults[0]" is told of "fault".
func (s *faultService) write(ctx context.Context, w store.Write) (*pb.Fault, error) {
	written, err := s.options.Faults.Write(ctx, []store.Write{w})
	if wrong, ok := errors.AsType[*store.InvalidError](err); ok {
		problems := slices.Clone(wrong.Problems)
		for i := range problems {
			if field, ok := strings.CutPrefix(problems[i].Field, "faults[0]."); ok {
				problems[i].Field = "fault." + field
			}
		}
		return nil, invalid(problems...)
	}
	if err != nil {
		return nil, err
	}
	return s.showOne(ctx, written[0])
}

func (s *faultService) find(ctx context.Context, name string) (store.Fault, error) {
	set, err := s.options.Faults.Faults(ctx)
	if err != nil {
		return store.Fault{}, err
	}
	i := slices.IndexFunc(set, func(f store.Fault) bool { return f.Name == name })
	if i < 0 {
		return store.Fault{}, &store.MissingError{Name: name}
	}
	return set[i], nil
}
