package standin

import (
	"net/http"
	"strconv"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// render writes an answer in the wanted representation, as the response type
// root.
func render(w groove.Wanted, root string, answer any) (groove.Document, error) {
	var body []byte
	var err error
	if w.Format == groove.FormatXML {
		body, err = datacontract.XML(root, answer)
	} else {
		body, err = datacontract.JSON(answer)
	}
	return w.Pack(body), err
}

// send writes a rendered answer. An error while writing means that the client
// is gone, and there is nobody to tell.
func send(w http.ResponseWriter, status int, d groove.Document) {
	h := w.Header()
	h.Set("Content-Type", d.ContentType)
	h.Set("Content-Length", strconv.Itoa(len(d.Body)))
	h.Set("Vary", "Accept, Accept-Encoding, Authorization")
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
