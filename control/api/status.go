package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// domain names this API in error details.
const domain = "groovechaos"

// mostProblems bounds the fields that one error tells of: statuses travel in
// trailers, which clients bound.
const mostProblems = 20

// invalid is a request that cannot be used: INVALID_ARGUMENT with the fields.
func invalid(problems ...faults.Problem) error {
	told := faults.Problems(problems[:min(len(problems), mostProblems)])
	message := told.Error()
	if more := len(problems) - len(told); more > 0 {
		message += fmt.Sprintf("; and %d more", more)
	}
	violations := make([]*errdetails.BadRequest_FieldViolation, len(told))
	for i, problem := range told {
		violations[i] = &errdetails.BadRequest_FieldViolation{Field: problem.Field, Description: problem.Text}
	}
	return withDetails(codes.InvalidArgument, message, &errdetails.BadRequest{FieldViolations: violations})
}

func withDetails(code codes.Code, message string, detail protoadapt.MessageV1) error {
	s := status.New(code, message)
	if detailed, err := s.WithDetails(detail); err == nil {
		s = detailed
	}
	return s.Err()
}

// because is an error with a machine-readable reason.
func because(code codes.Code, reason string, err error, metadata map[string]string) error {
	return withDetails(code, err.Error(), &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata})
}

// statusOf maps an error of the domain to a gRPC status. What is a status
// already stays as it is.
func statusOf(err error) error {
	var (
		exists  *store.ExistsError
		missing *store.MissingError
		moved   *store.MovedError
		braked  *store.BrakedError
		wrong   *store.InvalidError
		token   *store.TokenMissingError
		reload  *ReloadError
		away    *store.UnavailableError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reload):
		return reload.status()
	case errors.As(err, &wrong):
		return invalid(wrong.Problems...)
	case errors.As(err, &exists):
		return because(codes.AlreadyExists, "FAULT_EXISTS", err, map[string]string{"name": exists.Name})
	case errors.As(err, &missing):
		return because(codes.NotFound, "FAULT_MISSING", err, map[string]string{"name": fmt.Sprintf("%.80s", missing.Name)})
	case errors.As(err, &token):
		return because(codes.NotFound, "TOKEN_MISSING", err, map[string]string{"id": fmt.Sprintf("%.80s", token.ID)})
	case errors.As(err, &moved):
		return because(codes.Aborted, "REVISION_MOVED", err, map[string]string{"name": moved.Name, "revision": strconv.FormatUint(moved.Current, 10)})
	case errors.As(err, &braked):
		return because(codes.FailedPrecondition, "BRAKE_PULLED", err, nil)
	case errors.As(err, &away):
		return because(codes.Unavailable, "STORE_UNAVAILABLE", err, nil)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.Error(codes.Internal, err.Error())
}

// withStatus maps what the services return.
func withStatus(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	answer, err := handle(ctx, request)
	return answer, statusOf(err)
}

// withStatusStream is withStatus for streams.
func withStatusStream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return statusOf(handle(server, stream))
}

// recovered turns the panic of a handler into INTERNAL and a line in the log.
func recovered(logger *slog.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				err = panicked(ctx, logger, info.FullMethod, cause)
			}
		}()
		return handle(ctx, request)
	}
}

// recoveredStream is recovered for streams.
func recoveredStream(logger *slog.Logger) grpc.StreamServerInterceptor {
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
		defer func() {
			if cause := recover(); cause != nil {
				err = panicked(stream.Context(), logger, info.FullMethod, cause)
			}
		}()
		return handle(server, stream)
	}
}

func panicked(ctx context.Context, logger *slog.Logger, method string, cause any) error {
	logger.ErrorContext(ctx, "handler panicked",
		slog.String("method", method), slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
	return status.Error(codes.Internal, "internal error: see the log")
}
