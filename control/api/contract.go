package api

import (
	"context"

	"github.com/groovechaos/groovechaos/faults/groove"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type contractService struct {
	pb.UnimplementedContractServiceServer
}

var repeats = map[groove.Repeat]pb.Endpoint_Repeat{
	groove.RepeatSafe:     pb.Endpoint_REPEAT_SAFE,
	groove.RepeatHarmless: pb.Endpoint_REPEAT_HARMLESS,
	groove.RepeatUnsafe:   pb.Endpoint_REPEAT_UNSAFE,
}

func (*contractService) ListEndpoints(context.Context, *pb.ListEndpointsRequest) (*pb.ListEndpointsResponse, error) {
	answer := &pb.ListEndpointsResponse{}
	for _, e := range groove.Endpoints() {
		endpoint := &pb.Endpoint{Name: e.Name, Method: e.Method, Path: e.Template, Host: e.Host, Repeat: repeats[e.Repeat]}
		for _, info := range groove.ErrorCodes() {
			if e.Fits(info.Code) {
				endpoint.ErrorCodes = append(endpoint.ErrorCodes, string(info.Code))
			}
		}
		answer.Endpoints = append(answer.Endpoints, endpoint)
	}
	return answer, nil
}

func (*contractService) ListErrorCodes(context.Context, *pb.ListErrorCodesRequest) (*pb.ListErrorCodesResponse, error) {
	answer := &pb.ListErrorCodesResponse{}
	for _, c := range groove.ErrorCodes() {
		answer.ErrorCodes = append(answer.ErrorCodes, &pb.ErrorCode{
			Code: string(c.Code), Category: string(c.Category), Status: uint32(c.Status), Description: c.Description, //nolint:gosec // A documented status.
		})
	}
	return answer, nil
}

func (*contractService) ListStatusCodes(context.Context, *pb.ListStatusCodesRequest) (*pb.ListStatusCodesResponse, error) {
	answer := &pb.ListStatusCodesResponse{}
	for _, s := range groove.Statuses() {
		answer.StatusCodes = append(answer.StatusCodes, &pb.StatusCode{
			Code: uint32(s.Code), Phrase: s.Phrase, Meaning: s.Meaning, Transient: s.Transient, //nolint:gosec // A documented status.
		})
	}
	return answer, nil
}
