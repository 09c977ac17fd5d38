package standin

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// render writes an answer in the wanted representation, as the response type
// root.
func render(w groove.Wanted, root string, answer any) (groove.Document, error) {
	var out bytes.Buffer
	var err error
	if w.Format == groove.FormatXML {
		err = xml.NewEncoder(&out).EncodeElement(answer, xml.StartElement{
			Name: xml.Name{Local: root},
			Attr: []xml.Attr{
				{Name: xml.Name{Local: "xmlns"}, Value: groove.XMLNamespace},
				{Name: xml.Name{Local: "xmlns:i"}, Value: groove.XMLInstanceNamespace},
			},
		})
	} else {
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(answer)
	}
	return w.Pack(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), err
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
	send(w, p.info().Status, groove.RenderError(wanted, root, groove.NewError(p.code, p.message)))
}

// wantedBy reads the representation that a request asks for.
func wantedBy(r *http.Request) groove.Wanted {
	return groove.Negotiate(r.Header.Get("Accept"), r.Header.Get("Accept-Encoding"), r.URL.RawQuery)
}
