package api

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// Reasons why a configuration is not put in force.
const (
	// ReasonConfigInvalid says that the file cannot be used.
	ReasonConfigInvalid = "CONFIG_INVALID"
	// ReasonConfigMissing says that there is no file.
	ReasonConfigMissing = "CONFIG_MISSING"
	// ReasonRestartNeeded says that something is changed that takes a restart.
	ReasonRestartNeeded = "RESTART_NEEDED"
)

// ReloadError says why a configuration was not put in force. Nothing has changed then.
type ReloadError struct {
	// Reason is one of the above.
	Reason string
	// Keys are those that take a restart.
	Keys []string
	// Err says it in words.
	Err error
}

func (e *ReloadError) Error() string { return "reload configuration: " + e.Err.Error() }

// Unwrap is the words alone.
func (e *ReloadError) Unwrap() error { return e.Err }

func (e *ReloadError) status() error {
	var metadata map[string]string
	if len(e.Keys) > 0 {
		metadata = map[string]string{"keys": strings.Join(e.Keys, " ")}
	}
	return because(codes.FailedPrecondition, e.Reason, e, metadata)
}

func (s *systemService) Reload(ctx context.Context, _ *pb.ReloadRequest) (*pb.ReloadResponse, error) {
	if s.options.Reload == nil {
		return nil, &ReloadError{Reason: ReasonConfigMissing, Err: errors.New("this groovechaos was started without a file")}
	}
	done, err := s.options.Reload(ctx)
	if err != nil {
		return nil, err
	}
	return ReloadMessage(&done), nil
}

// ReloadMessage writes what a reload changed.
func ReloadMessage(r *Reloaded) *pb.ReloadResponse {
	return &pb.ReloadResponse{
		WrittenFaults: r.Written, RemovedFaults: r.Removed, UnchangedFaults: int32(r.Unchanged), Sections: r.Sections, //nolint:gosec // Bounded by faults.MaxFaults.
	}
}
