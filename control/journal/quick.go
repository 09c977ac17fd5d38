package journal

import (
	"bytes"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// quick reads lines that have an attempt as we write it, field by field and without reflection, which takes a third of the time.
type quick struct {
	from    bytes.Reader
	decoder *jsontext.Decoder
}

func newQuick() *quick {
	q := &quick{}
	q.decoder = jsontext.NewDecoder(&q.from)
	return q
}

// attempt reads a line. It reports false for whatever is out of the common: that is read again with encoding/json, which then decides and says
// what is wrong.
func (q *quick) attempt(text []byte) (*observe.Attempt, bool) {
	q.from.Reset(text)
	d := q.decoder
	d.Reset(&q.from)
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, false
	}
	a := &observe.Attempt{Counter: observe.NoCounter}
	for d.PeekKind() == '"' {
		name, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		read := fields[string(name)]
		if read == nil || !read(d, a) {
			return nil, false
		}
	}
	t, err := d.ReadToken()
	return a, err == nil && t.Kind() == '}' && d.InputOffset() == int64(len(text))
}

// fieldReader reads the value of one field into an attempt, and reports false if it is not as we write it.
type fieldReader func(*jsontext.Decoder, *observe.Attempt) bool

// fields has the fields of an attempt by their names, as they stand in a line.
var fields = map[string]fieldReader{
	`"kind"`:            readKind,
	`"time"`:            readTime,
	`"sequence"`:        unsigned(func(a *observe.Attempt) *uint64 { return &a.Sequence }),
	`"conn"`:            unsigned(func(a *observe.Attempt) *uint64 { return &a.Conn }),
	`"conn_use"`:        unsigned(func(a *observe.Attempt) *uint64 { return &a.ConnUse }),
	`"multiplexed"`:     truth(func(a *observe.Attempt) *bool { return &a.Multiplexed }),
	`"received_ns"`:     signed(func(a *observe.Attempt) *time.Duration { return &a.Received }),
	`"answered_ns"`:     signed(func(a *observe.Attempt) *time.Duration { return &a.Answered }),
	`"delay_ns"`:        signed(func(a *observe.Attempt) *time.Duration { return &a.Delay }),
	`"body_length"`:     signed(func(a *observe.Attempt) *int64 { return &a.BodyLength }),
	`"counter"`:         signed(func(a *observe.Attempt) *int { return &a.Counter }),
	`"status"`:          signed(func(a *observe.Attempt) *int { return &a.Status }),
	`"upstream_status"`: signed(func(a *observe.Attempt) *int { return &a.UpstreamStatus }),
	`"body_complete"`:   truth(func(a *observe.Attempt) *bool { return &a.BodyComplete }),
	`"forwarded"`:       truth(func(a *observe.Attempt) *bool { return &a.Forwarded }),
	`"single_flight"`:   truth(func(a *observe.Attempt) *bool { return &a.SingleFlight }),
	`"client"`:          word(func(a *observe.Attempt) *string { return &a.Client }),
	`"credential"`:      word(func(a *observe.Attempt) *string { return &a.Credential }),
	`"user_agent"`:      word(func(a *observe.Attempt) *string { return &a.UserAgent }),
	`"address"`:         word(func(a *observe.Attempt) *string { return &a.Address }),
	`"node"`:            word(func(a *observe.Attempt) *string { return &a.Node }),
	`"endpoint"`:        word(func(a *observe.Attempt) *string { return &a.Endpoint }),
	`"method"`:          word(func(a *observe.Attempt) *string { return &a.Method }),
	`"host"`:            word(func(a *observe.Attempt) *string { return &a.Host }),
	`"target"`:          word(func(a *observe.Attempt) *string { return &a.Target }),
	`"body_digest"`:     word(func(a *observe.Attempt) *string { return &a.BodyDigest }),
	`"call_id"`:         word(func(a *observe.Attempt) *string { return &a.CallID }),
	`"call_id_header"`:  word(func(a *observe.Attempt) *string { return &a.CallIDHeader }),
	`"idempotency_key"`: word(func(a *observe.Attempt) *string { return &a.IdempotencyKey }),
	`"request_id"`:      word(func(a *observe.Attempt) *string { return &a.RequestID }),
	`"trace"`:           word(func(a *observe.Attempt) *string { return &a.Trace }),
	`"trace_parent"`:    word(func(a *observe.Attempt) *string { return &a.TraceParent }),
	`"headers"`:         word(func(a *observe.Attempt) *string { return &a.Headers }),
	`"retry_after"`:     word(func(a *observe.Attempt) *string { return &a.RetryAfter }),
	`"fault"`:           word(func(a *observe.Attempt) *string { return &a.Fault }),
	`"marker"`:          word(func(a *observe.Attempt) *string { return &a.Marker }),
	`"reason"`:          word(func(a *observe.Attempt) *string { return &a.Reason }),
	`"class"`:           word(func(a *observe.Attempt) *groove.Class { return &a.Class }),
	`"error_code"`:      word(func(a *observe.Attempt) *groove.ErrorCode { return &a.ErrorCode }),
	`"origin"`:          word(func(a *observe.Attempt) *observe.Origin { return &a.Origin }),
	`"end"`:             word(func(a *observe.Attempt) *observe.End { return &a.End }),
	`"break"`:           word(func(a *observe.Attempt) *faults.BreakKind { return &a.Break }),
	`"break_at"`:        word(func(a *observe.Attempt) *faults.BreakPoint { return &a.BreakAt }),
	`"delayed_by"`:      words(func(a *observe.Attempt) *[]string { return &a.DelayedBy }),
	`"spoiled_by"`:      words(func(a *observe.Attempt) *[]string { return &a.SpoiledBy }),
}

// text reads a text, false for anything else.
func text(d *jsontext.Decoder) (string, bool) {
	v, err := d.ReadValue()
	switch {
	case err != nil || v.Kind() != '"':
		return "", false
	case bytes.IndexByte(v, '\\') < 0:
		return string(v[1 : len(v)-1]), true
	}
	unquoted, err := jsontext.AppendUnquote(nil, v)
	return string(unquoted), err == nil
}

func word[S ~string](of func(*observe.Attempt) *S) fieldReader {
	return func(d *jsontext.Decoder, a *observe.Attempt) bool {
		word, ok := text(d)
		*of(a) = S(word)
		return ok
	}
}

func words(of func(*observe.Attempt) *[]string) fieldReader {
	return func(d *jsontext.Decoder, a *observe.Attempt) bool {
		if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
			return false
		}
		list := []string{}
		for d.PeekKind() == '"' {
			word, ok := text(d)
			if !ok {
				return false
			}
			list = append(list, word)
		}
		*of(a) = list
		t, err := d.ReadToken()
		return err == nil && t.Kind() == ']'
	}
}

func unsigned(of func(*observe.Attempt) *uint64) fieldReader {
	return func(d *jsontext.Decoder, a *observe.Attempt) bool {
		v, err := d.ReadValue()
		if err != nil {
			return false
		}
		*of(a), err = strconv.ParseUint(string(v), 10, 64)
		return err == nil
	}
}

func signed[N ~int64 | ~int](of func(*observe.Attempt) *N) fieldReader {
	return func(d *jsontext.Decoder, a *observe.Attempt) bool {
		v, err := d.ReadValue()
		if err != nil {
			return false
		}
		n, err := strconv.ParseInt(string(v), 10, 64)
		*of(a) = N(n)
		return err == nil && int64(N(n)) == n
	}
}

func truth(of func(*observe.Attempt) *bool) fieldReader {
	return func(d *jsontext.Decoder, a *observe.Attempt) bool {
		v, err := d.ReadValue()
		if err != nil {
			return false
		}
		*of(a) = v.Kind() == 't'
		return v.Kind() == 't' || v.Kind() == 'f'
	}
}

func readTime(d *jsontext.Decoder, a *observe.Attempt) bool {
	v, err := d.ReadValue()
	return err == nil && v.Kind() == '"' && a.Time.UnmarshalJSON(v) == nil
}

func readKind(d *jsontext.Decoder, _ *observe.Attempt) bool {
	kind, ok := text(d)
	return ok && kind == kindAttempt
}
