package auth

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

func unauthenticated(reason, message string) error {
	return withDetail(codes.Unauthenticated, message, &errdetails.ErrorInfo{Reason: reason, Domain: "groovechaos"})
}

func withDetail(code codes.Code, message string, detail protoadapt.MessageV1) error {
	s := status.New(code, message)
	if detailed, err := s.WithDetails(detail); err == nil {
		s = detailed
	}
	return s.Err()
}
