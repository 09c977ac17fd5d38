package api

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestContract holds that the lists are those of the contract, whole and in order.
func TestContract(t *testing.T) {
	t.Parallel()
	contract := pb.NewContractServiceClient(serve(t).conn)
	for range 2 {
		endpoints, err := contract.ListEndpoints(t.Context(), &pb.ListEndpointsRequest{})
		if err != nil || len(endpoints.GetEndpoints()) != len(groove.Endpoints()) {
			t.Fatalf("got %d endpoints, %v, want %d", len(endpoints.GetEndpoints()), err, len(groove.Endpoints()))
		}
		for i, want := range groove.Endpoints() {
			got := endpoints.GetEndpoints()[i]
			if got.GetName() != want.Name || got.GetMethod() != want.Method || got.GetPath() != want.Template || got.GetHost() != want.Host {
				t.Errorf("endpoint %d is %v, want %v", i, got, want)
			}
			if got.GetRepeat() == pb.Endpoint_REPEAT_UNSPECIFIED || (got.GetRepeat() == pb.Endpoint_REPEAT_SAFE) != (want.Method == "GET") {
				t.Errorf("%s is %v to repeat", got.GetName(), got.GetRepeat())
			}
			for _, code := range got.GetErrorCodes() {
				if !want.Fits(groove.ErrorCode(code)) {
					t.Errorf("%s lists %s, which does not fit", got.GetName(), code)
				}
			}
		}
		errorCodes, err := contract.ListErrorCodes(t.Context(), &pb.ListErrorCodesRequest{})
		if err != nil || len(errorCodes.GetErrorCodes()) != len(groove.ErrorCodes()) {
			t.Fatalf("got %d error codes, %v, want %d", len(errorCodes.GetErrorCodes()), err, len(groove.ErrorCodes()))
		}
		for i, want := range groove.ErrorCodes() {
			got := errorCodes.GetErrorCodes()[i]
			if got.GetCode() != string(want.Code) || got.GetCategory() != string(want.Category) || int(got.GetStatus()) != want.Status || got.GetDescription() != want.Description {
				t.Errorf("error code %d is %v, want %v", i, got, want)
			}
		}
		statuses, err := contract.ListStatusCodes(t.Context(), &pb.ListStatusCodesRequest{})
		if err != nil || len(statuses.GetStatusCodes()) != len(groove.Statuses()) {
			t.Fatalf("got %d status codes, %v, want %d", len(statuses.GetStatusCodes()), err, len(groove.Statuses()))
		}
		for i, want := range groove.Statuses() {
			got := statuses.GetStatusCodes()[i]
			if int(got.GetCode()) != want.Code || got.GetPhrase() != want.Phrase || got.GetMeaning() != want.Meaning || got.GetTransient() != want.Transient {
				t.Errorf("status code %d is %v, want %v", i, got, want)
			}
		}
	}
}
