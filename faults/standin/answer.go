package standin

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// buffers keep what answers are written in, some 70 kB each.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// sendAnswer writes an answer in the wanted representation, as the response
// type root.
func sendAnswer(w http.ResponseWriter, wanted groove.Wanted, root string, answer any) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var err error
	if wanted.Format == groove.FormatXML {
		*buffer, err = datacontract.XML(root, answer)
	} else {
		*buffer, err = datacontract.AppendJSON((*buffer)[:0], answer)
	}
	if err != nil {
		// The answer types can all be written; this is unreachable.
		panic(err)
	}
	send(w, http.StatusOK, wanted.Pack(*buffer))
}

// send writes a rendered answer. An error while writing means that the client
// is gone, and there is nobody to tell.
func send(w http.ResponseWriter, status int, d groove.Document) {
	h := w.Header()
	h.Set("Content-Type", d.ContentType)
	h.Set("Content-Length", strconv.Itoa(len(d.Body)))
	h.Set("Vary", "Accept, Accept-Encoding, Authorization, Origin")
	if d.ContentEncoding != "" {
		h.Set("Content-Encoding", d.ContentEncoding)
	}
	w.WriteHeader(status)
	_, _ = w.Write(d.Body)
}

// sendProblem writes an answer that is nothing but an error.
func sendProblem(w http.ResponseWriter, wanted groove.Wanted, root string, p *problem) {
	send(w, p.Status(), groove.RenderError(wanted, root, groove.NewError(p.Code, p.Message)))
}

// wantedBy reads the representation that a request asks for.
func wantedBy(r *http.Request) groove.Wanted {
	return groove.Negotiate(r.Header.Get("Accept"), r.Header.Get("Accept-Encoding"), r.URL.RawQuery)
}
