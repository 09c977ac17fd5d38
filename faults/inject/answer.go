package inject

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Request is what an answer depends on besides its fault.
type Request struct {
	// Method is the method as sent: an answer to HEAD has no body.
	Method string
	// Endpoint is what the request addresses, the zero value for a target outside the contract.
	Endpoint groove.Endpoint
	// Wanted is the representation that the client asks for.
	Wanted groove.Wanted
	// Now is the moment of the answer.
	Now time.Time
}

// Field is one line of a header section.
type Field struct{ Name, Value string }

// Response is a whole answer, ready to be written.
type Response struct {
	// Status is the status code, Phrase the documented reason phrase.
	Status int
	Phrase string
	// Header is complete but for what belongs to the connection. It always
	// says the length.
	Header []Field
	// Body is nil in an answer to HEAD, whatever Content-Length says.
	Body []byte
}

// Value returns the value of a field by its name without regard to case, ""
// for none.
func (r Response) Value(name string) string {
	if i := index(r.Header, name); i >= 0 {
		return r.Header[i].Value
	}
	return ""
}

// Answer makes the answer that a asks for. A status without an error code of
// its own (503) has no body: it comes from a front end that sheds load and
// knows nothing of Groove's Error object.
func Answer(a faults.Answer, r Request) Response {
	code := a.ErrorCode
	status := a.Status
	if status == 0 {
		info, _ := groove.ErrorCodeByName(string(code))
		status = cmp.Or(info.Status, http.StatusInternalServerError)
	}
	if code == "" {
		code = groove.DefaultErrorCode(r.Endpoint, status)
	}
	document := answerBody(a, code, r)
	response := Response{Status: status, Header: answerHeader(a, document, r.Now)}
	if row, ok := groove.StatusByCode(status); ok {
		response.Phrase = row.Phrase
	}
	if r.Method != http.MethodHead {
		response.Body = document.Body
	}
	return response
}

// answerBody renders the Error object, or takes the fault's own body, which is
// sent byte for byte and so never compressed.
func answerBody(a faults.Answer, code groove.ErrorCode, r Request) groove.Document {
	if a.Body == nil && code == "" {
		return groove.Document{}
	}
	wanted := r.Wanted
	wanted.Gzip = wanted.Gzip && a.Body == nil
	document := groove.RenderError(wanted, cmp.Or(r.Endpoint.Answer, "ContentResponse"), groove.NewError(code, a.Message))
	if a.Body != nil {
		document.Body = []byte(*a.Body)
	}
	return document
}

// answerHeader puts the fields together. The fault's own come last and replace
// ours, but for Content-Length, which follows from the body. One of ours
// without a value is left out, one of the fault's is sent empty.
func answerHeader(a faults.Answer, document groove.Document, now time.Time) []Field {
	var fields []Field
	set := func(name, value string) {
		if i := index(fields, name); i >= 0 {
			fields[i].Value = value
		} else {
			fields = append(fields, Field{Name: name, Value: value})
		}
	}
	for _, ours := range []Field{
		{"Date", now.UTC().Format(http.TimeFormat)},
		{"Content-Type", document.ContentType},
		{"Content-Encoding", document.ContentEncoding},
		{"Retry-After", retryAfter(a.RetryAfter, now)},
	} {
		if ours.Value != "" {
			set(ours.Name, ours.Value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		set(name, a.Headers[name])
	}
	set("Content-Length", strconv.Itoa(len(document.Body)))
	return fields
}

// retryAfter writes the field value, "" for an absent field. A date is rounded
// up to the whole second, so that whoever waits for it has waited DateIn.
func retryAfter(after *faults.RetryAfter, now time.Time) string {
	switch {
	case after == nil:
		return ""
	case after.Seconds != nil:
		return strconv.FormatUint(*after.Seconds, 10)
	case after.DateIn != nil:
		date := now.Add(*after.DateIn)
		if date.Nanosecond() > 0 {
			date = date.Truncate(time.Second).Add(time.Second)
		}
		return date.UTC().Format(http.TimeFormat)
	case after.Raw != nil:
		return *after.Raw
	default:
		return ""
	}
}

func index(fields []Field, name string) int {
	return slices.IndexFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}
