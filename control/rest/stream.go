package rest

import (
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// ndjson is the media type of streams: one JSON value a line.
const ndjson = "application/x-ndjson"

// marshaler writes messages as the API has them, and errors within a stream in the one shape of an error.
type marshaler struct{ runtime.JSONPb }

func newMarshaler() *marshaler {
	return &marshaler{runtime.JSONPb{
		MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true},
	}}
}

// StreamContentType is that of a stream.
func (*marshaler) StreamContentType(any) string { return ndjson }

// Marshal writes a value.
func (m *marshaler) Marshal(v any) ([]byte, error) {
	chunk, _ := v.(map[string]proto.Message)
	if st, isStatus := chunk["error"].(*spb.Status); isStatus {
		return failureOf(status.FromProto(st).Err()).text()
	}
	return m.JSONPb.Marshal(v)
}

// streamTime bounds each write of a stream: a reader that takes nothing for so long is gone.
const streamTime = time.Minute

// streaming prepares an answer that may go on for hours, and say nothing for as long: the server's own bounds are for calls.
// Each write may take so long. A writer that has no bounds needs none.
func streaming(w http.ResponseWriter, each time.Duration) http.ResponseWriter {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
	return &streamWriter{ResponseWriter: w, control: control, each: each}
}

// streamWriter bounds each write by itself.
type streamWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	each    time.Duration
}

// WriteHeader begins the answer.
func (w *streamWriter) WriteHeader(code int) {
	challenge(w.Header(), code)
	w.ResponseWriter.WriteHeader(code)
}

// Write writes within the time that one write may take.
func (w *streamWriter) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.each))
	return w.ResponseWriter.Write(p)
}

// FlushError flushes within the time that one write may take. Then nothing is being written that could take too long: over
// HTTP/2 a deadline ends the stream when it passes, whether anything is being written or not.
func (w *streamWriter) FlushError() error {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.each))
	err := w.control.Flush()
	_ = w.control.SetWriteDeadline(time.Time{})
	return err
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
