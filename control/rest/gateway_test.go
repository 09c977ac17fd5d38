package rest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/groovechaos/groovechaos/control/auth"
	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// calls has an entry for each route; a test holds that.
var calls = map[string]struct {
	method, target, body string
	rpc                  string
	want                 proto.Message
	answer               string
}{
	"POST /v1/faults": {
		http.MethodPost, "/v1/faults", `{"name":"slow","share":0,"delay":{"fixed":"1.5s"}}`, "CreateFault",
		&groovechaosv1.CreateFaultRequest{Fault: &groovechaosv1.Fault{
			Name: "slow", Share: proto.Float64(0),
			Delay: &groovechaosv1.Delay{Fixed: &durationpb.Duration{Seconds: 1, Nanos: 500_000_000}},
		}},
		`{"name":"slow","disabled":false,"share":0,"first":"0","every":"0","attempts":"0","limit":"0","max_active":"0",
		  "delay":{"fixed":"1.500s","at":""},"revision":"0","state":"STATE_UNSPECIFIED","warnings":[],"nodes":[]}`,
	},
	"GET /v1/faults/{name}": {
		http.MethodGet, "/v1/faults/slow", "", "GetFault", &groovechaosv1.GetFaultRequest{Name: "slow"},
		`{"name":"slow","disabled":false,"first":"0","every":"0","attempts":"0","limit":"0","max_active":"0",
		  "revision":"7","state":"STATE_UNSPECIFIED","warnings":[],"nodes":[]}`,
	},
	"GET /v1/faults": {
		http.MethodGet, "/v1/faults?page_size=5&page_token=x", "", "ListFaults",
		&groovechaosv1.ListFaultsRequest{PageSize: 5, PageToken: "x"},
		`{"faults":[],"next_page_token":""}`,
	},
	"PATCH /v1/faults/{fault.name}": {
		http.MethodPatch, "/v1/faults/slow", `{"disabled":false}`, "UpdateFault",
		&groovechaosv1.UpdateFaultRequest{
			Fault:      &groovechaosv1.Fault{Name: "slow"},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"disabled"}},
		},
		`{"name":"slow","disabled":false,"first":"0","every":"0","attempts":"0","limit":"0","max_active":"0",
		  "revision":"0","state":"STATE_UNSPECIFIED","warnings":[],"nodes":[]}`,
	},
	"POST /v1/faults:apply": {
		http.MethodPost, "/v1/faults:apply", `{"faults":[]}`, "ApplyFaults", &groovechaosv1.ApplyFaultsRequest{},
		`{"faults":[]}`,
	},
	"DELETE /v1/faults/{name}": {
		http.MethodDelete, "/v1/faults/slow?revision=3", "", "DeleteFault",
		&groovechaosv1.DeleteFaultRequest{Name: "slow", Revision: 3}, `{}`,
	},
	"POST /v1/faults/{name}:enable": {
		http.MethodPost, "/v1/faults/slow:enable", "", "EnableFault", &groovechaosv1.EnableFaultRequest{Name: "slow"},
		`{"name":"slow","disabled":false,"first":"0","every":"0","attempts":"0","limit":"0","max_active":"0",
		  "revision":"0","state":"STATE_UNSPECIFIED","warnings":[],"nodes":[]}`,
	},
	"POST /v1/faults/{name}:disable": {
		http.MethodPost, "/v1/faults/slow:disable", "{}", "DisableFault", &groovechaosv1.DisableFaultRequest{Name: "slow"},
		`{"name":"slow","disabled":true,"first":"0","every":"0","attempts":"0","limit":"0","max_active":"0",
		  "revision":"0","state":"STATE_UNSPECIFIED","warnings":[],"nodes":[]}`,
	},
	"GET /v1/brake": {
		http.MethodGet, "/v1/brake", "", "GetBrake", &groovechaosv1.GetBrakeRequest{}, `{"pulled":false,"reason":"","actor":""}`,
	},
	"POST /v1/brake:pull": {
		http.MethodPost, "/v1/brake:pull", `{"reason":"enough"}`, "PullBrake",
		&groovechaosv1.PullBrakeRequest{Reason: "enough"}, `{"pulled":true,"reason":"enough","actor":""}`,
	},
	"POST /v1/brake:release": {
		http.MethodPost, "/v1/brake:release", `{"reason":"go on"}`, "ReleaseBrake",
		&groovechaosv1.ReleaseBrakeRequest{Reason: "go on"}, `{"pulled":false,"reason":"go on","actor":""}`,
	},
	"GET /v1/endpoints": {
		http.MethodGet, "/v1/endpoints", "", "ListEndpoints", &groovechaosv1.ListEndpointsRequest{}, `{"endpoints":[]}`,
	},
	"GET /v1/error_codes": {
		http.MethodGet, "/v1/error_codes", "", "ListErrorCodes", &groovechaosv1.ListErrorCodesRequest{}, `{"error_codes":[]}`,
	},
	"GET /v1/status_codes": {
		http.MethodGet, "/v1/status_codes", "", "ListStatusCodes", &groovechaosv1.ListStatusCodesRequest{}, `{"status_codes":[]}`,
	},
	"GET /v1/attempts": {
		http.MethodGet, "/v1/attempts?client=a%26b&from=7", "", "ListAttempts", &groovechaosv1.ListAttemptsRequest{Client: "a&b", From: 7},
		`{"attempts":[],"next_page_token":"","dropped":"0","next":"0"}`,
	},
	"POST /v1/attempts:judge": {
		http.MethodPost, "/v1/attempts:judge", `{"ended":true,"policies":[{"severity":"warn","limits":{"final":[400],"quick":"0.005s"}}]}`, "JudgeAttempts",
		&groovechaosv1.JudgeAttemptsRequest{Ended: true, Policies: []*groovechaosv1.PolicyRule{{
			Severity: "warn", Limits: &groovechaosv1.PolicyLimits{Final: []int32{400}, Quick: &durationpb.Duration{Nanos: 5_000_000}},
		}}},
		`{"version":0,"result":"pass","reasons":[],"clients":[],"faults":[],"findings":[],"notes":[]}`,
	},
	"GET /v1/journal": {
		http.MethodGet, "/v1/journal", "", "GetJournal", &groovechaosv1.GetJournalRequest{},
		`{"groovechaos":"test","attempts":"0","dropped":"0","faults":[],"checks":[],"policies":[]}`,
	},
	"POST /v1/outcomes": {
		http.MethodPost, "/v1/outcomes", `{"call_id":"c1","kind":"error","code":"X","took":"1s"}`, "ReportOutcome",
		&groovechaosv1.ReportOutcomeRequest{Outcome: &groovechaosv1.Outcome{CallId: "c1", Kind: "error", Code: "X", Took: &durationpb.Duration{Seconds: 1}}},
		`{"client":"","call_id":"c1","trace":"","method":"","target":"","attempt":"0","kind":"error","code":"X","category":"","status":0,
		  "text":"","took":"1s","call":"","doubt":"","node":""}`,
	},
	"GET /v1/outcomes": {
		http.MethodGet, "/v1/outcomes?page_size=2&client=a", "", "ListOutcomes", &groovechaosv1.ListOutcomesRequest{PageSize: 2, Client: "a"},
		`{"outcomes":[],"next_page_token":"","dropped":"0"}`,
	},
	"GET /v1/calls": {
		http.MethodGet, "/v1/calls?page_token=t", "", "ListCalls", &groovechaosv1.ListCallsRequest{PageToken: "t"},
		`{"calls":[],"next_page_token":""}`,
	},
	"GET /v1/clients": {
		http.MethodGet, "/v1/clients", "", "ListClients", &groovechaosv1.ListClientsRequest{},
		`{"clients":[],"next_page_token":""}`,
	},
	"GET /v1/verdict": {
		http.MethodGet, "/v1/verdict?checks=backs-off&checks=grows&ended=true", "", "GetVerdict",
		&groovechaosv1.GetVerdictRequest{Checks: []string{"backs-off", "grows"}, Ended: true},
		`{"version":0,"result":"pass","reasons":[],"clients":[],"faults":[],"findings":[],"notes":[]}`,
	},
	"GET /v1/coverage": {
		http.MethodGet, "/v1/coverage?client=importer", "", "GetCoverage", &groovechaosv1.GetCoverageRequest{Client: "importer"},
		`{"version":1,"basis":"nothing","kinds":[],"endpoints":[],"attempts":"0","outside":"0","ours":"0"}`,
	},
	"GET /v1/status": {
		http.MethodGet, "/v1/status", "", "GetStatus", &groovechaosv1.GetStatusRequest{},
		`{"version":"test","proxy_address":"","upstream":"","standin_address":"","grpc_address":"","rest_address":"",
		  "braked":false,"faults":0,"attempts":"0","dropped_attempts":"0",
		  "listeners":[],"ca_fingerprint":"","single_flight":false,"not_ready":""}`,
	},
	"GET /v1/faults:watch": {
		http.MethodGet, "/v1/faults:watch?revision=3", "", "WatchFaults", &groovechaosv1.WatchFaultsRequest{Revision: 3},
		`{"result":{"complete":false,"faults":[],"removed":[],"revision":"4"}}`,
	},
	"GET /v1/attempts:watch": {
		http.MethodGet, "/v1/attempts:watch?from=3&status=503", "", "WatchAttempts", &groovechaosv1.WatchAttemptsRequest{From: 3, Status: 503},
		`{"result":{"attempts":[],"next":"9","missed":"0"}}`,
	},
	"GET /v1/audit": {
		http.MethodGet, "/v1/audit?actor=ci&after=7", "", "ListAuditEntries", &groovechaosv1.ListAuditEntriesRequest{Actor: "ci", After: 7},
		`{"entries":[],"next_page_token":""}`,
	},
	"POST /v1/config:reload": {
		http.MethodPost, "/v1/config:reload", `{"request_id":"r1"}`, "Reload", &groovechaosv1.ReloadRequest{RequestId: "r1"},
		`{"written_faults":[],"removed_faults":[],"unchanged_faults":2,"sections":[]}`,
	},
	"POST /v1/tokens": {
		http.MethodPost, "/v1/tokens", `{"name":"ci","role":"viewer","ttl":"60s"}`, "CreateToken",
		&groovechaosv1.CreateTokenRequest{Name: "ci", Role: "viewer", Ttl: &durationpb.Duration{Seconds: 60}},
		`{"token":{"id":"t1","name":"ci","role":"viewer","from_file":false},"secret":"s"}`,
	},
	"GET /v1/tokens": {
		http.MethodGet, "/v1/tokens", "", "ListTokens", &groovechaosv1.ListTokensRequest{}, `{"tokens":[],"next_page_token":""}`,
	},
	"DELETE /v1/tokens/{id}": {
		http.MethodDelete, "/v1/tokens/t1", "", "DeleteToken", &groovechaosv1.DeleteTokenRequest{Id: "t1"}, `{}`,
	},
	"GET /v1/nodes": {
		http.MethodGet, "/v1/nodes?page_size=2", "", "ListNodes", &groovechaosv1.ListNodesRequest{PageSize: 2}, `{"nodes":[],"next_page_token":""}`,
	},
	"GET /v1/ca": {
		http.MethodGet, "/v1/ca", "", "GetCACertificate", &groovechaosv1.GetCACertificateRequest{},
		`{"pem":"-----BEGIN","fingerprint":"AB:CD","subject":"CN=us"}`,
	},
	"POST /v1/experiments:check": {
		http.MethodPost, "/v1/experiments:check", `{"toml":"[[phases]]"}`, "CheckExperiment", &groovechaosv1.CheckExperimentRequest{Toml: "[[phases]]"},
		`{"name":"x","phases":["a"],"command":false}`,
	},
	"POST /v1/runs": {
		http.MethodPost, "/v1/runs", `{"toml":"x"}`, "StartRun", &groovechaosv1.StartRunRequest{Toml: "x"}, strings.Replace(emptyRun, "STATE_UNSPECIFIED", "STATE_RUNNING", 1),
	},
	"POST /v1/runs/{id}:stop": {
		http.MethodPost, "/v1/runs/x-1:stop", `{"reason":"enough"}`, "StopRun", &groovechaosv1.StopRunRequest{Id: "x-1", Reason: "enough"}, emptyRun,
	},
	"GET /v1/runs/{id}": {
		http.MethodGet, "/v1/runs/x-1", "", "GetRun", &groovechaosv1.GetRunRequest{Id: "x-1"}, emptyRun,
	},
	"GET /v1/runs": {
		http.MethodGet, "/v1/runs?page_size=2", "", "ListRuns", &groovechaosv1.ListRunsRequest{PageSize: 2}, `{"runs":[],"next_page_token":""}`,
	},
	"GET /v1/runs/{id}:watch": {
		http.MethodGet, "/v1/runs/x-1:watch", "", "WatchRun", &groovechaosv1.WatchRunRequest{Id: "x-1"}, `{"result":` + emptyRun + `}`,
	},
	"GET /v1/runs/{id}/report": {
		http.MethodGet, "/v1/runs/x-1/report", "", "GetReport", &groovechaosv1.GetReportRequest{Id: "x-1"},
		`{"result":"pass","reasons":[],"expectations":[]}`,
	},
}

// emptyRun is a run of which nothing is known.
const emptyRun = `{"id":"x-1","experiment":"","state":"STATE_UNSPECIFIED","reason":"","phase":"","phases":[],"attempts":0,"calls":0,
	"answers":0,"right_answers":0,"load":0,"failed_load":0,"result":""}`

func TestEveryRouteReachesItsService(t *testing.T) {
	t.Parallel()
	for route := range bindings() {
		if _, ok := calls[route]; !ok {
			t.Errorf("no call for %s", route)
		}
	}
	for route, call := range calls {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			f := new(fake)
			h := handler(t, f)
			for range 2 {
				w := play(h, request(call.method, call.target, call.body))
				if w.Code != http.StatusOK {
					t.Fatalf("code: got %d, want 200; body %s", w.Code, w.Body)
				}
				if diff := cmp.Diff(decoded(t, call.answer), decoded(t, w.Body.String())); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
			}
			rpcs, requests := f.seen()
			if diff := cmp.Diff([]string{call.rpc, call.rpc}, rpcs); diff != "" {
				t.Errorf("methods (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]proto.Message{call.want, call.want}, requests, protocmp.Transform()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
	return value
}

func TestServiceErrorsHaveTheOneShape(t *testing.T) {
	t.Parallel()
	with := func(code codes.Code, message string, details ...any) error {
		st := status.New(code, message)
		for _, detail := range details {
			switch detail := detail.(type) {
			case *errdetails.BadRequest:
				st, _ = st.WithDetails(detail)
			case *errdetails.ErrorInfo:
				st, _ = st.WithDetails(detail)
			}
		}
		return st.Err()
	}
	tests := map[string]struct {
		err     error
		code    int
		status  string
		fields  []field
		details any
	}{
		"name taken": {err: with(codes.AlreadyExists, "a"), code: 409, status: "ALREADY_EXISTS"},
		"revision moved": {
			err: with(codes.Aborted, "a", &errdetails.ErrorInfo{
				Reason: "REVISION_MOVED", Domain: "groovechaos", Metadata: map[string]string{"revision": "7"},
			}),
			code: 409, status: "ABORTED",
			details: map[string]any{"google.rpc.ErrorInfo": map[string]any{
				"reason": "REVISION_MOVED", "domain": "groovechaos", "metadata": map[string]any{"revision": "7"},
			}},
		},
		"invalid fields": {
			err: with(codes.InvalidArgument, "a", &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
				{Field: "fault.share", Description: "is 1.2, want 0 to 1"},
				{Field: "fault.name", Description: "is empty"},
			}}),
			code: 400, status: "INVALID_ARGUMENT",
			fields: []field{{"fault.share", "is 1.2, want 0 to 1"}, {"fault.name", "is empty"}},
		},
		"no such fault": {err: with(codes.NotFound, "a"), code: 404, status: "NOT_FOUND"},
		"braked":        {err: with(codes.FailedPrecondition, "a"), code: 409, status: "FAILED_PRECONDITION"},
		"going down":    {err: with(codes.Unavailable, "a"), code: 503, status: "UNAVAILABLE"},
		"broken":        {err: with(codes.Internal, "a <b>"), code: 500, status: "INTERNAL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler(t, &fake{err: test.err})
			for range 2 {
				w := play(h, request(http.MethodGet, "/v1/faults/x", ""))
				if !strings.Contains(w.Body.String(), status.Convert(test.err).Message()) {
					t.Errorf("body: got %s, want the message in it", w.Body)
				}
				got := wantError(t, w, test.code, test.status)
				if diff := cmp.Diff(test.fields, got.Error.Fields); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
				if test.details == nil {
					test.details = map[string]any(nil)
				}
				var details map[string]any
				for key, value := range got.Error.Details {
					details = map[string]any{key: decoded(t, string(value))}
				}
				if diff := cmp.Diff(test.details, any(details)); diff != "" {
					t.Errorf("details (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestRoutingErrorsHaveTheOneShape(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, target string
		code           int
		status, allow  string
	}{
		"nothing there":            {http.MethodGet, "/nothing", 404, "NOT_FOUND", ""},
		"no such resource":         {http.MethodGet, "/v1/nothing", 404, "NOT_FOUND", ""},
		"the version alone":        {http.MethodGet, "/v1", 404, "NOT_FOUND", ""},
		"a slash more":             {http.MethodGet, "/v1//faults", 404, "NOT_FOUND", ""},
		"a slash at the end":       {http.MethodGet, "/v1/faults/x/", 404, "NOT_FOUND", ""},
		"a slash in a name":        {http.MethodGet, "/v1/faults/a%2Fb", 404, "NOT_FOUND", ""},
		"no such file of the page": {http.MethodGet, "/docs/oauth2-redirect.html", 404, "NOT_FOUND", ""},
		"source of the page":       {http.MethodGet, "/docs/embed.go", 404, "NOT_FOUND", ""},
		"wrong method on a list":   {http.MethodPut, "/v1/faults", 405, "UNIMPLEMENTED", "GET, HEAD, POST"},
		"wrong method on one":      {http.MethodPost, "/v1/faults/x", 405, "UNIMPLEMENTED", "DELETE, GET, HEAD, PATCH"},
		"wrong method on a verb":   {http.MethodDelete, "/v1/brake:pull", 405, "UNIMPLEMENTED", "POST"},
		"HEAD without GET":         {http.MethodHead, "/v1/brake:pull", 405, "UNIMPLEMENTED", "POST"},
		"OPTIONS":                  {http.MethodOptions, "/v1/brake", 405, "UNIMPLEMENTED", "GET, HEAD"},
		"POST on a document":       {http.MethodPost, "/openapi.json", 405, "UNIMPLEMENTED", "GET, HEAD"},
		"POST on the page":         {http.MethodPost, "/docs/", 405, "UNIMPLEMENTED", "GET, HEAD"},
		"an overridden method":     {http.MethodPost, "/v1/status", 405, "UNIMPLEMENTED", "GET, HEAD"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := new(fake)
			h := handler(t, f)
			for range 2 {
				r := request(test.method, test.target, "")
				r.Header.Set("X-HTTP-Method-Override", http.MethodGet)
				w := play(h, r)
				wantError(t, w, test.code, test.status)
				if got := w.Header().Get("Allow"); got != test.allow {
					t.Errorf("allow: got %q, want %q", got, test.allow)
				}
			}
			if rpcs, _ := f.seen(); len(rpcs) > 0 {
				t.Errorf("services: got %v, want no call", rpcs)
			}
		})
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(handler(t, new(fake)))
	defer server.Close()
	for _, path := range []string{"/v1/faults/x", "/v1/status", "/openapi.json", "/healthz", "/docs/", "/docs/swagger-ui-bundle.js"} {
		for range 2 {
			get := fetch(t, server, http.MethodGet, path)
			head := fetch(t, server, http.MethodHead, path)
			if get.code != http.StatusOK || head.code != http.StatusOK {
				t.Errorf("%s: got %d to GET and %d to HEAD, want 200", path, get.code, head.code)
			}
			if get.body == "" || head.body != "" {
				t.Errorf("%s: got %d bytes to GET and %d to HEAD, want some and none", path, len(get.body), len(head.body))
			}
			if get.mediaType != head.mediaType {
				t.Errorf("%s: got %q to GET and %q to HEAD, want the same type", path, get.mediaType, head.mediaType)
			}
		}
	}
}

func TestNoMetadataPassesBetweenHTTPAndGRPC(t *testing.T) {
	t.Parallel()
	f := new(fake)
	h := handler(t, f)
	r := request(http.MethodGet, "/v1/status", "")
	for _, name := range []string{"Cookie", "Accept", "Grpc-Metadata-Role", "Role", "Grpcgateway-Host", "X-Groovechaos-Remote", "X-Groovechaos-Subject", "Grpc-Metadata-X-Groovechaos-Remote", "Grpc-Metadata-X-Groovechaos-Subject"} {
		r.Header.Set(name, "x")
	}
	w := play(h, r)
	for name := range w.Header() {
		if strings.HasPrefix(name, "Grpc") {
			t.Errorf("answer carries %s", name)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.metadata {
		switch name {
		case ":authority", "content-type", "user-agent", "x-forwarded-host", "x-forwarded-for", "grpc-accept-encoding":
		case auth.MetadataRemote: // What is believed is what we say.
		default:
			t.Errorf("service was sent %s", name)
		}
	}
	if got := f.metadata.Get(auth.MetadataRemote); len(got) != 1 || got[0] != r.RemoteAddr {
		t.Errorf("service was told of %q, want the remote address %s", got, r.RemoteAddr)
	}
}
