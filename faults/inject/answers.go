package inject

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Info is what the record of an exchange needs to know of an answer.
type Info struct {
	// Status is the status code.
	Status int
	// Class and Code are how the client is to read the answer, as
	// groove.Classify says of what it gets.
	Class groove.Class
	Code  groove.ErrorCode
	// RetryAfter is the Retry-After field as sent, "" for none.
	RetryAfter string
	// Marker is Request.Marker if the body carries it, else "".
	Marker string
	// Body is where the body begins in what Append returned.
	Body int
}

// Bounds of what an Answers keeps.
const (
	// maxForms bounds the answers kept, maxWeight the bytes in them.
	maxForms  = 4096
	maxWeight = 16 << 20
)

// Answers writes answers as HTTP/1.1 has them on the wire, and keeps what does
// not change from one exchange to the next. The zero value is ready for use;
// it must not be copied. It is safe for concurrent use.
//
// What is kept belongs to one *faults.Answer, which never changes: a fault
// that was changed has another, so that nothing outdated is ever sent. What
// belongs to faults that are gone stays until 4096 answers or 16 MB are kept;
// then all are dropped, and made again as they are needed.
type Answers struct {
	kept sync.Map // *faults.Answer to *forms

	mu            sync.Mutex
	count, weight int

	date atomic.Pointer[stamp]
}

// forms are the answers of one fault. The slice is replaced, never changed.
type forms struct{ list atomic.Pointer[[]form] }

// form is one answer of a fault, and what it was made for.
type form struct {
	of   formKey
	text *wireText
}

// formKey is all of a Request that an answer depends on, but for the moment
// and for what is not kept: JSONP, whose callback is the client's to choose, and what carries a marker.
type formKey struct {
	endpoint    string
	format      groove.Format
	gzip, quota bool
}

// wireText is a layout in writing: before, the date, between, the wait, after, then
// what belongs to the connection, an empty line and the body.
type wireText struct {
	*layout
	before, between, after string
}

// stamp is a Date in writing.
type stamp struct {
	second int64
	text   string
}

// Append appends the whole answer of a, or of a quota for nil, to dst: status line,
// header, what r.Connection says, an empty line and the body, which HEAD does
// not get. It says the same as Answer, byte for byte.
func (s *Answers) Append(dst []byte, a *faults.Answer, r *Request) ([]byte, Info) {
	if a == nil {
		a = &quotaAnswer
	}
	text := s.text(a, r)
	info := text.infoFor(a, r)
	dst = append(dst, text.before...)
	if text.date >= 0 {
		dst = append(dst, s.dateText(r.Now)...)
	}
	dst = append(dst, text.between...)
	if text.wait >= 0 {
		dst = append(dst, info.RetryAfter...)
	}
	dst = append(dst, text.after...)
	dst = append(dst, r.Connection...)
	dst = append(dst, "\r\n"...)
	info.Body = len(dst)
	if r.Method != http.MethodHead {
		dst = append(dst, text.body...)
	}
	return dst, info
}

// Answer makes the answer of a, or of a quota for nil, as the function Answer does,
// for a data path that does not write HTTP/1.1 itself. Info.Body is 0.
func (s *Answers) Answer(a *faults.Answer, r Request) (Response, Info) {
	if a == nil {
		a = &quotaAnswer
	}
	l := s.text(a, &r).layout
	info := l.infoFor(a, &r)
	return l.response(&r, s.dateText(r.Now), info.RetryAfter), info
}

// infoFor completes what the record needs.
func (l *layout) infoFor(a *faults.Answer, r *Request) Info {
	info := l.info
	if l.wait >= 0 {
		info.RetryAfter = waitText(a.RetryAfter, r)
	}
	if r.Method == http.MethodHead {
		class := groove.Classify(info.Status, nil)
		info.Class, info.Code, info.Marker = class.Class, class.Code, ""
	}
	return info
}

// text finds the answer or makes it.
func (s *Answers) text(a *faults.Answer, r *Request) *wireText {
	if r.Wanted.Format == groove.FormatJSONP || r.Marker != "" && a.Body == nil {
		return write(newLayout(a, r))
	}
	key := formKey{r.Endpoint.Name, r.Wanted.Format, r.Wanted.Gzip && a.Body == nil, r.RetryAfter > 0}
	if known, ok := s.kept.Load(a); ok {
		for _, f := range *known.(*forms).list.Load() {
			if f.of == key {
				return f.text
			}
		}
	}
	text := write(newLayout(a, r))
	s.keep(a, form{key, text})
	return text
}

// keep adds a form to those of its answer.
func (s *Answers) keep(a *faults.Answer, f form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	weight := len(f.text.before) + len(f.text.between) + len(f.text.after)
	if a.Body == nil {
		weight += len(f.text.body)
	}
	if s.count == maxForms || s.weight+weight > maxWeight {
		s.kept.Clear()
		s.count, s.weight = 0, 0
	}
	fresh := &forms{}
	fresh.list.Store(&[]form{})
	known, _ := s.kept.LoadOrStore(a, fresh)
	list := known.(*forms).list.Load()
	for _, other := range *list {
		if other.of == f.of {
			return // somebody was quicker
		}
	}
	longer := slices.Concat(*list, []form{f})
	known.(*forms).list.Store(&longer)
	s.count++
	s.weight += weight
}

// write puts a layout in writing.
func write(l *layout) *wireText {
	text := &wireText{layout: l}
	var out strings.Builder
	part := func() string {
		defer out.Reset()
		return out.String()
	}
	out.WriteString("HTTP/1.1 " + strconv.Itoa(l.info.Status) + " " + l.phrase + "\r\n")
	for i, field := range l.fields {
		out.WriteString(field.Name + ": " + field.Value)
		switch i {
		case l.date:
			text.before = part()
		case l.wait:
			text.between = part()
		}
		out.WriteString("\r\n")
	}
	text.after = part()
	if l.wait < 0 {
		text.between, text.after = text.after, ""
	}
	return text
}

// dateText writes a Date, and formats each second once.
func (s *Answers) dateText(now time.Time) string {
	second := now.Unix()
	if known := s.date.Load(); known != nil && known.second == second {
		return known.text
	}
	text := make([]byte, 0, len(http.TimeFormat)) // Format has room for more, which some client's stack would grow by
	fresh := &stamp{second, string(now.UTC().AppendFormat(text, http.TimeFormat))}
	s.date.Store(fresh)
	return fresh.text
}
