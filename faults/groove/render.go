package groove

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"strings"
	"sync"
)

// Namespaces of the XML representation: that of the data contract in the
// current SDK, and that of the nil attribute.
const (
	XMLNamespace         = "http://schemas.microsoft.com/groovemusic/2016/09/api"
	XMLInstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"
)

// Response types that are no data contract.
const (
	answerToken = "TokenResponse"
	answerImage = "image"
)

// Error is the object that any answer may embed.
type Error struct {
	Code        ErrorCode
	Description string
	// Message is optional and contextual.
	Message string
}

// NewError makes the Error object of a code, with the description of the
// reference. A code that is not documented gets a general one, for an Error
// object always has a description.
func NewError(code ErrorCode, message string) Error {
	e := Error{Code: code, Description: "Unknown error", Message: message}
	if info, ok := ErrorCodeByName(string(code)); ok {
		e.Description = info.Description
	}
	return e
}

// Marked returns e with a marker at the end of its Description, and of its Message where there is one, as in "Service
// unavailable (ref gc-1a2b3c4d5e)". Without a marker it is e.
func (e Error) Marked(marker string) Error {
	if marker == "" {
		return e
	}
	mark := " (ref " + marker + ")"
	e.Description += mark
	if e.Message != "" {
		e.Message += mark
	}
	return e
}

// Document is a rendered body with the fields that describe it.
type Document struct {
	ContentType string
	// ContentEncoding is "gzip" or empty.
	ContentEncoding string
	Body            []byte
}

// RenderError writes an answer that holds nothing but e, as the response type
// root (Endpoint.Answer), in the wanted representation. The same arguments
// give the same bytes.
//
// Two roots are no data contract. The token endpoint is an OAuth server on
// another host than the API's, and its request and its answer are those of
// RFC 6749, 4.4: an error there is written as section 5.2 has it, always in
// JSON, which is what a client of such an endpoint reads. The reference says
// nothing of it; the choice is ours. The image host documents no body for
// errors at all: it, and an empty root, get the Error object of the API, as a
// ContentResponse.
func RenderError(w Wanted, root string, e Error) Document {
	if root == answerToken {
		return Wanted{Gzip: w.Gzip}.Pack(tokenError(e))
	}
	if w.Format == FormatXML {
		return w.Pack(xmlError(root, e))
	}
	return w.Pack(jsonError(e))
}

// Pack wraps a body that is already written in XML (FormatXML) or JSON (any
// other format) as w wants it: padded with the callback for JSONP, compressed
// for Gzip, its Content-Type named. JSONP with a callback that Negotiate would
// have refused comes out as plain JSON.
func (w Wanted) Pack(body []byte) Document {
	d := Document{ContentType: "application/json; charset=utf-8", Body: body}
	switch {
	case w.Format == FormatXML:
		d.ContentType = "application/xml; charset=utf-8"
	case w.Format == FormatJSONP && isCallback(w.Callback):
		d.ContentType = "application/javascript; charset=utf-8"
		d.Body = pad(w.Callback, body)
	}
	if w.Gzip {
		d.ContentEncoding = "gzip"
		d.Body = compress(d.Body)
	}
	return d
}

// pad makes a script that calls callback with the JSON text body. The line
// separators U+2028 and U+2029 are escaped: JSON allows them in strings, older
// JavaScript does not.
func pad(callback string, body []byte) []byte {
	body = bytes.ReplaceAll(body, []byte("\u2028"), []byte(`\u2028`))
	body = bytes.ReplaceAll(body, []byte("\u2029"), []byte(`\u2029`))
	script := make([]byte, 0, len(callback)+len(body)+len("();"))
	script = append(script, callback...)
	script = append(script, '(')
	script = append(script, body...)
	return append(script, ");"...)
}

// compressors keeps the writers, which cost about a megabyte each to make.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w := compressors.Get().(*gzip.Writer)
	defer compressors.Put(w)
	w.Reset(&out)
	_, err := w.Write(body)
	if err == nil {
		err = w.Close()
	}
	return written(out.Bytes(), err)
}

// written returns what was written into memory, which cannot go wrong.
func written(body []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return body
}

// jsonError writes the members in the order of the reference's samples.
func jsonError(e Error) []byte {
	type members struct {
		ErrorCode   ErrorCode
		Description string
		Message     string `json:",omitempty"`
	}
	return encodeJSON(struct{ Error members }{members{e.Code, e.Description, e.Message}})
}

// tokenError writes an error as RFC 6749, 5.2, has it.
func tokenError(e Error) []byte {
	description := e.Description
	if e.Message != "" {
		description += ": " + e.Message
	}
	return encodeJSON(struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{tokenErrorCode(e.Code), strings.Map(tokenErrorRune, description)})
}

// tokenErrorCode translates a code of the reference. Section 5.2 names none
// for a server in trouble; those of section 4.1.2.1 are in use for it.
func tokenErrorCode(code ErrorCode) string {
	info, _ := ErrorCodeByName(string(code))
	switch {
	case info.Status == 401:
		return "invalid_client"
	case info.Status == 403:
		return "unauthorized_client"
	case info.Status == 429:
		return "temporarily_unavailable"
	case info.Status >= 500:
		return "server_error"
	default:
		return "invalid_request"
	}
}

// tokenErrorRune replaces what section 5.2 keeps out of a description.
func tokenErrorRune(r rune) rune {
	if r < ' ' || r > '~' || r == '"' || r == '\\' {
		return '?'
	}
	return r
}

// encodeJSON writes what a JSON text of the service looks like: no line end,
// and no escapes for the sake of HTML.
func encodeJSON(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return written(bytes.TrimSuffix(out.Bytes(), []byte("\n")), err)
}

// xmlError writes what a data-contract serializer writes: no declaration, and
// the members in alphabetical order, which is the order its reader insists on.
// Characters that XML forbids become U+FFFD.
func xmlError(root string, e Error) []byte {
	type members struct {
		Description string
		ErrorCode   ErrorCode
		Message     string `xml:",omitempty"`
	}
	if root == "" || root == answerImage {
		root = "ContentResponse"
	}
	return written(xml.Marshal(struct {
		XMLName  xml.Name
		Instance string `xml:"xmlns:i,attr"`
		Error    members
	}{
		XMLName:  xml.Name{Space: XMLNamespace, Local: root},
		Instance: XMLInstanceNamespace,
		Error:    members{e.Description, e.Code, e.Message},
	}))
}
