package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// failure is an answer that is no success.
type failure struct {
	code    int
	status  codes.Code
	message string
	fields  []field
	details map[string]json.RawMessage
	// retryAfter is how long to wait before another try, 0 for not said.
	retryAfter time.Duration
}

// field is what is wrong with one field or parameter.
type field struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// fieldsFailure says what is wrong with fields, and where they were.
func fieldsFailure(place string, fields []field) *failure {
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = f.Field + " " + f.Description
	}
	f := badRequest(place + ": " + strings.Join(texts, "; "))
	f.fields = fields
	return f
}

func badRequest(message string) *failure {
	return &failure{code: http.StatusBadRequest, status: codes.InvalidArgument, message: message}
}

// failureOf renders what a service or the gateway returned.
func failureOf(err error) failure {
	httpStatus := 0
	if withStatus, ok := errors.AsType[*runtime.HTTPStatusError](err); ok {
		httpStatus, err = withStatus.HTTPStatus, withStatus.Err
	}
	st := status.Convert(err)
	f := failure{code: httpStatus, status: st.Code(), message: st.Message()}
	if f.code == 0 {
		f.code = httpCode(st.Code())
	}
	for _, detail := range st.Details() {
		f.add(detail)
	}
	return f
}

// httpCode is the gateway's mapping but for FAILED_PRECONDITION, which it takes
// for bad input: see the package comment.
func httpCode(c codes.Code) int {
	if c == codes.FailedPrecondition {
		return http.StatusConflict
	}
	return runtime.HTTPStatusFromCode(c)
}

// add takes in one detail. One of an unknown type cannot be shown and is left
// out: the message has to do.
func (f *failure) add(detail any) {
	message, ok := detail.(proto.Message)
	if !ok {
		return
	}
	if bad, ok := message.(*errdetails.BadRequest); ok {
		for _, v := range bad.GetFieldViolations() {
			f.fields = append(f.fields, field{Field: v.GetField(), Description: v.GetDescription()})
		}
		return
	}
	if retry, ok := message.(*errdetails.RetryInfo); ok {
		f.retryAfter = retry.GetRetryDelay().AsDuration()
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		return
	}
	if f.details == nil {
		f.details = make(map[string]json.RawMessage)
	}
	f.details[string(message.ProtoReflect().Descriptor().FullName())] = text
}

// write sends the failure. Fields of an answer that was never begun are dropped.
func (f failure) write(w http.ResponseWriter) {
	text, err := f.text()
	if err != nil {
		http.Error(w, "the error cannot be written", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Length", "ETag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	challenge(h, f.code)
	if f.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(f.retryAfter.Seconds())), 10))
	}
	w.WriteHeader(f.code)
	_, _ = w.Write(append(text, '\n')) // If the client is gone, nobody is left to be told.
}

// challenge tells whoever is not known how to say who they are (RFC 9110, 11.6.1).
func challenge(h http.Header, code int) {
	if code == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="groovechaos"`)
	}
}

// text is the failure in JSON, on one line.
func (f failure) text() ([]byte, error) {
	type body struct {
		Code    int                        `json:"code"`
		Status  string                     `json:"status"`
		Message string                     `json:"message"`
		Fields  []field                    `json:"fields,omitempty"`
		Details map[string]json.RawMessage `json:"details,omitempty"`
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(map[string]body{"error": {
		Code:    f.code,
		Status:  code.Code(f.status).String(), //nolint:gosec // Codes are small.
		Message: f.message,
		Fields:  f.fields,
		Details: f.details,
	}})
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
