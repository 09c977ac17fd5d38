package inject

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Plan is how the faults of one decision spoil one answer: first those that change
// the document (soft_error, then corrupt json), then bits, then the declared
// length, then truncate, then throttle, whatever their order was. It belongs to one
// exchange. A data path
//
//  1. makes it when the head of the upstream's answer is there (NewPlan);
//  2. where Whole says so, reads up to faults.MaxSpoiled bytes of the body and
//     hands them to Rewrite;
//  3. sends the head, with Content-Length in the place of its framing where
//     Length says so;
//  4. sends the body as Stream says;
//  5. calls Fire for what Struck returns, and records it and what Missed returns.
//
// Nothing else of the head changes: fields such as ETag, Content-MD5, Digest and
// Repr-Digest stay as the upstream sent them, so that a client that checks them
// can tell that the body was spoiled.
type Plan struct {
	reply Reply
	tasks []*task
	// length is how much body there is, -1 for unknown; ahead is how much was
	// read of it, -1 for nothing.
	length, ahead int64
	// declared is the length to declare, -1 for the framing of the upstream.
	declared int64
}

// Miss is a fault that could not be applied, and why.
type Miss struct {
	Fault *faults.Active
	// Why is for the record: "the status is 503, not 200".
	Why string
}

// stage is a step of spoiling. They apply in this order.
type stage int

const (
	stageSoftError stage = iota
	stageJSON
	stageBits
	stageLength
	stageTruncate
	stageThrottle
)

// task is one fault of a plan.
type task struct {
	faults.Spoil
	stage  stage
	struck bool
	// missed says why the fault cannot be applied, nil as long as it can.
	missed error
}

func (t *task) open() bool { return t.missed == nil }

// document reports whether the task changes the body as a document.
func (t *task) document() bool { return t.stage == stageSoftError || t.stage == stageJSON }

// NewPlan makes the plan for an answer. Without spoils there is no need for one.
func NewPlan(spoils []faults.Spoil, reply Reply) *Plan {
	p := &Plan{reply: reply, length: reply.Length, ahead: -1, declared: reply.Length}
	for _, s := range spoils {
		t := &task{Spoil: s, stage: stageOf(&s.Fault.Fault)}
		t.missed = p.obstacle(t)
		p.tasks = append(p.tasks, t)
	}
	slices.SortStableFunc(p.tasks, func(a, b *task) int { return cmp.Compare(a.stage, b.stage) })
	if !p.Whole() {
		p.settle()
	}
	return p
}

func stageOf(f *faults.Fault) stage {
	switch {
	case f.SoftError != nil:
		return stageSoftError
	case f.Truncate != nil:
		return stageTruncate
	case f.Throttle != nil:
		return stageThrottle
	case f.Corrupt != nil && f.Corrupt.How == faults.CorruptJSON:
		return stageJSON
	case f.Corrupt != nil && f.Corrupt.How == faults.CorruptLength:
		return stageLength
	default:
		return stageBits
	}
}

var (
	errGone   = errors.New("the fault went before it struck")
	errNoBody = errors.New("the answer has no body")
	errBroken = errors.New("the body broke off")
	errCut    = errors.New("the body ends before")
	errFast   = errors.New("the body had nothing to wait for")
)

// obstacle says why a task cannot be carried out, as far as the head shows.
func (p *Plan) obstacle(t *task) error {
	r := &p.reply
	switch {
	case gone(t.Fault) || expired(t.Fault, r.Now):
		return errGone
	case !r.body():
		return errNoBody
	case !t.document():
		return nil
	case t.stage == stageSoftError && r.Status != http.StatusOK:
		return fmt.Errorf("the status is %d, not 200", r.Status)
	case !r.kind(t.stage):
		return fmt.Errorf("the content type is %.60q", r.ContentType)
	case codingOf(r.ContentEncoding) == codingUnknown:
		return errCoding(r.ContentEncoding)
	case r.Length > faults.MaxSpoiled:
		return errTooLong
	default:
		return nil
	}
}

// Whole reports whether the body must be read ahead: all of it, but no more than
// faults.MaxSpoiled bytes.
func (p *Plan) Whole() bool {
	return p.ahead < 0 && slices.ContainsFunc(p.tasks, func(t *task) bool {
		switch {
		case !t.open():
			return false
		case t.stage == stageLength:
			return p.reply.Length < 0
		case t.stage == stageTruncate:
			return p.reply.Length < 0 && t.Fault.Fault.Truncate.Share != nil
		default:
			return t.document()
		}
	})
}

// Rewrite changes the body that was read ahead, and returns what is to be sent
// in its place; complete says that it is all. What follows an incomplete one, of
// over faults.MaxSpoiled bytes, is sent as well. One that is shorter broke off. It is to be called once, where
// Whole asks for it.
func (p *Plan) Rewrite(body []byte, complete bool) []byte {
	for _, t := range p.tasks {
		if !t.open() || !t.document() {
			continue
		}
		if !complete {
			t.missed = p.cutOff(body)
			continue
		}
		var changed []byte
		if changed, t.missed = p.document(t, body); t.open() {
			body, t.struck = changed, true
		}
	}
	p.ahead = int64(len(body))
	if complete {
		p.length = p.ahead
		if p.declared >= 0 {
			p.declared = p.ahead
		}
	}
	p.settle()
	return body
}

// cutOff says why a body is not complete.
func (p *Plan) cutOff(body []byte) error {
	if len(body) < faults.MaxSpoiled {
		return errBroken
	}
	return errTooLong
}

// document changes the body as a document.
func (p *Plan) document(t *task, body []byte) ([]byte, error) {
	switch {
	case gone(t.Fault):
		return nil, errGone
	case len(body) == 0:
		return nil, errNoBody
	case t.stage == stageJSON:
		return InvalidJSON(p.reply.ContentEncoding, body)
	default:
		return SoftError(t.Fault.Fault.SoftError, t.Key, Message{
			Endpoint:        p.reply.Endpoint,
			ContentEncoding: p.reply.ContentEncoding,
			Marker:          p.reply.Marker,
			Body:            body,
		})
	}
}

// settle decides what depends on the length of the body.
func (p *Plan) settle() {
	for _, t := range p.tasks {
		if !t.open() {
			continue
		}
		switch t.stage {
		case stageLength:
			p.settleLength(t)
		case stageTruncate:
			if _, cuts := p.cut(t); !cuts {
				t.missed = errCut
			}
		default:
		}
		if p.length == 0 && !t.struck {
			t.missed = errNoBody
		}
	}
}

func (p *Plan) settleLength(t *task) {
	switch {
	case p.length < 0 && p.ahead < faults.MaxSpoiled:
		t.missed = errBroken
	case p.length < 0:
		t.missed = errTooLong
	case p.length > 0:
		if p.declared < 0 {
			p.declared = p.length
		}
		p.declared, t.struck = WrongLength(p.declared), true
	}
}

// cut returns where a truncate ends the body.
func (p *Plan) cut(t *task) (at int64, cuts bool) {
	truncate := t.Fault.Fault.Truncate
	if p.length < 0 && truncate.Bytes == nil {
		at, _ = TruncateAt(truncate, p.ahead)
		return at, true
	}
	return TruncateAt(truncate, p.length)
}

// Length is the Content-Length to declare, which replaces any other framing; -1
// to keep the framing of the upstream. It holds once the body was rewritten,
// where that is asked for. Under corrupt length it is less than the body that
// follows; HTTP/2 has no place for the rest, which is left out there.
func (p *Plan) Length() int64 { return p.declared }

// Struck returns the faults that have changed what goes out, in the order in
// which they apply. It holds once the head has gone out, and grows with the stream.
func (p *Plan) Struck() []*faults.Active {
	var struck []*faults.Active
	for _, t := range p.tasks {
		if t.struck {
			struck = append(struck, t.Fault)
		}
	}
	return struck
}

// Marker returns Reply.Marker if an Error that was put into the document carries it, else "".
func (p *Plan) Marker() string {
	if slices.ContainsFunc(p.tasks, func(t *task) bool { return t.struck && t.stage == stageSoftError }) {
		return p.reply.Marker
	}
	return ""
}

// Missed returns the faults that could not be applied. Those that the exchange did not
// get to, because it ended early, are not among them.
func (p *Plan) Missed() []Miss {
	var missed []Miss
	for _, t := range p.tasks {
		if !t.struck && !t.open() {
			missed = append(missed, Miss{t.Fault, t.missed.Error()})
		}
	}
	return missed
}

// gone reports whether a fault was removed, changed, disabled or braked.
func gone(a *faults.Active) bool {
	select {
	case <-a.Gone():
		return true
	default:
		return false
	}
}

// expired reports whether the lifetime of a fault is over.
func expired(a *faults.Active, now time.Time) bool {
	expiry := a.Fault.ExpiresAt
	return !expiry.IsZero() && !now.Before(expiry)
}
