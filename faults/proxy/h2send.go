package proxy

import (
	"errors"
	"net/http"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// sendHead sends the head of the final answer, whose fields are set. It leaves
// together with what follows unless it is to go alone: only so does an answer
// without a body end with its head, as gRPC has it.
func (f *flight) sendHead(alone bool) error {
	header := f.writer.Header()
	if _, typed := header["Content-Type"]; !typed {
		header["Content-Type"] = nil // else net/http guesses
	}
	f.writer.WriteHeader(f.status)
	if !alone {
		return nil
	}
	return f.push(nil)
}

// push sends bytes of the body, and with them the head if it has not left yet.
func (f *flight) push(p []byte) error {
	f.writes.begin()
	f.answered = f.core.clock()
	err := f.write(p)
	f.writes.end()
	if err == nil {
		f.headOut = true
		return nil
	}
	f.unable()
	return err
}

func (f *flight) write(p []byte) error {
	if len(p) > 0 {
		if _, err := f.writer.Write(p); err != nil {
			return err
		}
	}
	return f.stream.Flush()
}

// errUnread ends an answer that the client does not read.
var errUnread = errors.New("the client did not read its answer")

// unable notes why the client could not be written to.
func (f *flight) unable() {
	if f.writes.tooLong() {
		f.blame(observe.OriginOurs, errUnread.Error())
		return
	}
	f.gone = true
}

// sendWhole sends an answer of ours. It is false when the client was not there
// to take it.
func (f *flight) sendWhole(body []byte) bool {
	if len(body) == 0 {
		return f.sendHead(false) == nil && f.sendEnd()
	}
	return f.sendHead(false) == nil && f.push(body) == nil
}

// sendEnd notes that the rest leaves when the handler is through, which is all
// of an answer without a body.
func (f *flight) sendEnd() bool {
	f.answered = f.core.clock()
	if f.left() {
		f.gone = true
		return false
	}
	f.headOut = true
	return true
}

// bodyLength is the length of an answer's body, -1 for unknown.
func bodyLength(method string, r *http.Response) int64 {
	switch {
	case method == http.MethodHead, r.StatusCode == http.StatusNoContent, r.StatusCode == http.StatusNotModified:
		return 0
	default:
		return r.ContentLength
	}
}
