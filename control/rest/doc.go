// Package rest is the control API over HTTP and JSON: the gRPC services through
// grpc-gateway on a gorilla/mux router, with the OpenAPI document and a page to
// browse it.
//
// # JSON
//
// Names are snake_case. Fields at their default are shown, so that "disabled":
// false can be read; messages and optional fields that are not set are left out.
// 64-bit numbers are strings, as in every JSON form of protobuf.
//
// One path has no JSON: /v1/ca.pem is the certificate of the authority as a file.
//
// # Strict at the door
//
// An unknown field, a field given twice, an unknown query parameter, a body
// where none belongs, anything behind the JSON value: each is refused and named
// before the call reaches a service. grpc-gateway alone lets most of them pass.
//
// # One shape of error
//
// Whatever goes wrong, routing included, the answer is
//
//	{"error":{"code":409,"status":"ALREADY_EXISTS","message":"…",
//	  "fields":[{"field":"fault.share","description":"is 1.2, want 0 to 1"}],
//	  "details":{"google.rpc.ErrorInfo":{…}}}}
//
// with fields from google.rpc.BadRequest, and other details under their names.
// Only what net/http refuses before it has a request is worded by net/http.
//
// Codes are those of google.rpc.Code, with one exception: FAILED_PRECONDITION is
// 409 and not 400. The request was right, it is the state that stands against it,
// a pulled brake for one; so 400 always means that the request has to change.
//
// # Updates
//
// A PATCH without update_mask changes the parts that its body names, each of
// them as a whole: {"share":0.2} sets the share, {"share":null} clears it,
// {"answer":{"status":503}} replaces the answer. The name and the revision
// identify what is changed and are never in the mask made here. A mask that is
// given stays as it is: with update_mask=answer.status the rest of the answer stays.
//
// # Browsers
//
// Any page in any browser can send requests to a loopback port. So a request
// must name this host (DNS rebinding cannot), must not come from another origin,
// and its body must be application/json, which no web form can send. There are
// no CORS headers. The page and its scripts come from the binary alone, and its
// content security policy lets nothing else in.
package rest
