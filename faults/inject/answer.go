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
	// RetryAfter is faults.Decision.RetryAfter: how long a client has to wait
	// that a quota struck, 0 for no quota.
	RetryAfter time.Duration
	// Marker is a text to put into the Error object, by which it is known again; "" for none. What carries one is
	// not kept for another exchange.
	Marker string
	// Connection is the field lines that belong to the connection, each with its
	// line end ("Connection: close\r\n"), "" for none. Only Answers.Append
	// writes them.
	Connection string
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

// quotaAnswer is what a fault with a quota and no effect of its own answers.
var quotaAnswer faults.Answer

// AnswerOf returns the answer of a fault that answers: its own, or the empty
// one of a fault that has nothing but a quota. It must not be changed.
func AnswerOf(f *faults.Fault) *faults.Answer {
	if f.Answer == nil {
		return &quotaAnswer
	}
	return f.Answer
}

// Answer makes the answer that a asks for. A status without an error code of
// its own (503) has no body: it comes from a front end that sheds load and
// knows nothing of Groove's Error object. An answer with neither is that of a
// quota: 429 with TOO_MANY_REQUESTS.
//
// Where a quota struck and the fault says nothing of Retry-After, it is the wait
// in seconds, rounded up and at least 1.
func Answer(a faults.Answer, r Request) Response {
	l := newLayout(&a, &r)
	return l.response(&r, r.Now.UTC().Format(http.TimeFormat), l.infoFor(&a, &r).RetryAfter)
}

// response completes a layout. It shares nothing with it that can be changed.
func (l *layout) response(r *Request, date, wait string) Response {
	response := Response{Status: l.info.Status, Phrase: l.phrase, Header: slices.Clone(l.fields)}
	if l.date >= 0 {
		response.Header[l.date].Value = date
	}
	if l.wait >= 0 {
		response.Header[l.wait].Value = wait
	}
	if r.Method != http.MethodHead && l.body != "" {
		response.Body = []byte(l.body)
	}
	return response
}

// layout is an answer without what differs from one moment to the next. It
// does not depend on the method.
type layout struct {
	// info is what the record needs, but for what differs.
	info   Info
	phrase string
	// fields is the header; those at date and wait, -1 for none, still lack
	// their values.
	fields     []Field
	date, wait int
	body       string
}

func newLayout(a *faults.Answer, r *Request) *layout {
	code, status := resolve(a, r)
	document, plain := answerBody(a, code, r)
	l := &layout{date: -1, wait: -1, body: document.body}
	marker := r.Marker
	if a.Body != nil || l.body == "" {
		marker = ""
	}
	class := groove.Classify(status, plain)
	l.info = Info{Status: status, Class: class.Class, Code: class.Code, Marker: marker}
	if row, ok := groove.StatusByCode(status); ok {
		l.phrase = row.Phrase
	}
	l.arrange(a, r, document)
	return l
}

// resolve completes status and code by each other.
func resolve(a *faults.Answer, r *Request) (groove.ErrorCode, int) {
	code, status := a.ErrorCode, a.Status
	if code == "" && status == 0 {
		code = groove.CodeTooManyRequests
	}
	if status == 0 {
		info, _ := groove.ErrorCodeByName(string(code))
		status = cmp.Or(info.Status, http.StatusInternalServerError)
	}
	if code == "" {
		code = groove.DefaultErrorCode(r.Endpoint, status)
	}
	return code, status
}

// document is a body with the fields that describe it.
type document struct{ contentType, contentEncoding, body string }

// answerBody renders the Error object, or takes the fault's own body, which is
// sent byte for byte and so never compressed. It returns the body also as it
// is without a coding.
func answerBody(a *faults.Answer, code groove.ErrorCode, r *Request) (document, []byte) {
	if a.Body == nil && code == "" {
		return document{}, nil
	}
	wanted := r.Wanted
	wanted.Gzip = false
	rendered := groove.RenderError(wanted, cmp.Or(r.Endpoint.Answer, "ContentResponse"), groove.NewError(code, a.Message).Marked(r.Marker))
	switch {
	case a.Body != nil:
		return document{contentType: rendered.ContentType, body: *a.Body}, []byte(*a.Body)
	case r.Wanted.Gzip:
		packed := groove.Wanted{Gzip: true}.Pack(rendered.Body)
		return document{rendered.ContentType, packed.ContentEncoding, string(packed.Body)}, rendered.Body
	default:
		return document{contentType: rendered.ContentType, body: string(rendered.Body)}, rendered.Body
	}
}

// arrange puts the fields together. The fault's own come last and replace
// ours, but for Content-Length, which follows from the body. One of ours
// without a value is left out, one of the fault's is sent empty.
func (l *layout) arrange(a *faults.Answer, r *Request, d document) {
	l.date = l.set("Date", "")
	if d.contentType != "" {
		l.set("Content-Type", d.contentType)
	}
	if d.contentEncoding != "" {
		l.set("Content-Encoding", d.contentEncoding)
	}
	switch fixed := fixedWait(a.RetryAfter); {
	case fixed != "":
		l.set("Retry-After", fixed)
		l.info.RetryAfter = fixed
	case waits(a.RetryAfter, r):
		l.wait = l.set("Retry-After", "")
	}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		l.own(name, a.Headers[name])
	}
	l.set("Content-Length", strconv.Itoa(len(l.body)))
}

// own sets a field of the fault, which is no longer for us to fill in.
func (l *layout) own(name, value string) {
	at := l.set(name, value)
	if at == l.date {
		l.date = -1
	}
	if at == l.wait {
		l.wait = -1
	}
	if strings.EqualFold(name, "Retry-After") {
		l.info.RetryAfter = value
	}
}

// set gives a field its value and returns where it stands.
func (l *layout) set(name, value string) int {
	i := index(l.fields, name)
	if i < 0 {
		l.fields = append(l.fields, Field{Name: name, Value: value})
		return len(l.fields) - 1
	}
	l.fields[i].Value = value
	return i
}

// fixedWait is the value of a Retry-After that does not depend on the moment,
// "" for none.
func fixedWait(after *faults.RetryAfter) string {
	switch {
	case after == nil:
		return ""
	case after.Seconds != nil:
		return strconv.FormatUint(*after.Seconds, 10)
	case after.DateIn == nil && after.Raw != nil:
		return *after.Raw
	default:
		return ""
	}
}

// waits reports whether there is a Retry-After that depends on the moment.
func waits(after *faults.RetryAfter, r *Request) bool {
	if after == nil {
		return r.RetryAfter > 0
	}
	return after.Seconds == nil && after.DateIn != nil
}

// waitText writes a Retry-After that depends on the moment. A date is rounded
// up to the whole second, so that whoever waits for it has waited DateIn.
func waitText(after *faults.RetryAfter, r *Request) string {
	if after == nil {
		return strconv.FormatInt(roundUp(r.RetryAfter), 10)
	}
	date := r.Now.Add(*after.DateIn)
	if date.Nanosecond() > 0 {
		date = date.Truncate(time.Second).Add(time.Second)
	}
	return date.UTC().Format(http.TimeFormat)
}

// roundUp returns a wait above 0 in whole seconds, which is never 0.
func roundUp(wait time.Duration) int64 {
	seconds := int64(wait / time.Second)
	if wait%time.Second > 0 {
		seconds++
	}
	return seconds
}

func index(fields []Field, name string) int {
	return slices.IndexFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}
