package observe

import (
	"slices"

	"github.com/cespare/xxhash/v2"
)

// FieldList is a header section that can be read field by field. A faults.Header which is one too is
// read in one pass, instead of a look-up for each name.
type FieldList interface {
	// Len counts the fields.
	Len() int
	// At returns field i, from 0, in the order in which they came. The name may have
	// any case; the value is what faults.Header.Value would return for it.
	At(i int) (name, value string)
}

// Sight is what a request tells of itself before it is answered.
type Sight struct {
	Client
	// Target is what NormaliseTarget returns.
	Target string
	// CallID, CallIDHeader and Counter are what ExplicitCall returns.
	CallID, CallIDHeader string
	Counter              int
	// IdempotencyKey and RequestID are what the functions of these names return.
	IdempotencyKey, RequestID string
	// Trace is what the function of this name returns.
	Trace string
	// TraceParent is what Attempt.TraceParent holds.
	TraceParent string
	// Headers is what Attempt.Headers holds, "" for a header section that is no FieldList.
	Headers string
}

// Scratch is the memory in which the requests of one connection are looked at. It keeps what
// the last of them gave, since the next one is mostly from the same client, and often for
// the same target. A look costs no allocation once it is warm. The zero value is ready to use; it is
// not safe for concurrent use, and takes at most some 30 kB, commonly 1 kB.
type Scratch struct {
	fields  extract
	headers knownHeaders
	client  knownClient
	// target is the first target, targets are others, nil as long as there was none.
	target  knownTarget
	targets *[targetSlots]knownTarget
	writer  normaliser
	// text holds what is not kept for another request.
	text []byte
}

const (
	// targetSlots is how many targets are kept; a power of two.
	targetSlots = 16
	// longestKept bounds the length of a kept target, as it came and as it was written together, in bytes.
	longestKept = 512
	// longestRoom bounds the memory that is kept from one request to the next, in bytes and in parameters.
	longestRoom, mostParameters = 4 << 10, 64
)

// Of looks at a request. What it leaves in sight is what Identity.Of, NormaliseTarget, ExplicitCall,
// IdempotencyKey, RequestID and Trace return for it. The strings hold until Of is called again, whatever
// becomes of those in r. It is called deep in the stacks of thousands of clients that are held back, and so
// has sight lie elsewhere.
func (s *Scratch) Of(identity *Identity, r *Request, sight *Sight) {
	s.trim()
	if s.client.identity != identity {
		s.fields.rules = ruleFields(identity)
	}
	s.fields.collect(r.Header)
	*sight = Sight{Counter: NoCounter}
	sight.Client = *s.client.of(identity, r, &s.fields)
	sight.Target = s.normal(r.Path, r.Query)
	if s.fields.naming {
		s.name(sight)
	}
	trace, span := traceContext(&s.fields)
	sight.Trace, sight.TraceParent = s.keep(trace), s.keep(span)
	if list, ok := r.Header.(FieldList); ok {
		sight.Headers = s.headers.of(list)
	}
}

// trim begins anew, without what an unusual request has taken.
func (s *Scratch) trim() {
	s.headers.trim()
	s.text = s.text[:0]
	if cap(s.text) > longestRoom {
		s.text = nil
	}
	if cap(s.writer.text) > longestRoom || cap(s.writer.parameters) > mostParameters {
		s.writer = normaliser{}
	}
}

// name reads what the request says of the call that it belongs to.
func (s *Scratch) name(sight *Sight) {
	c := sentNames(&s.fields)
	sight.CallID, sight.CallIDHeader, sight.Counter = s.keep(c.id), c.header, c.counter
	if c.key != "" {
		start := len(s.text)
		s.text = appendKeyDigest(s.text, c.key)
		sight.IdempotencyKey = view(s.text[start:])
	}
	if c.id == "" && c.key != "" {
		sight.CallID = sight.IdempotencyKey
	}
	sight.RequestID = s.keep(RequestID(&s.fields))
}

// keep copies a text that may be the request's own.
func (s *Scratch) keep(text string) string {
	start := len(s.text)
	s.text = append(s.text, text...)
	return view(s.text[start:])
}

// normal normalises a target.
func (s *Scratch) normal(path, query string) string {
	k := s.place(path, query)
	if k.holds(path, query) {
		return view(k.text[k.path+k.query:])
	}
	s.text = slices.Grow(s.text, len(path)+len("?")+len(query)) // which is mostly enough
	start := len(s.text)
	s.text = s.writer.appendTarget(s.text, path, query)
	target := s.text[start:]
	if len(path)+len(query)+len(target) > longestKept {
		return view(target)
	}
	k.path, k.query = len(path), len(query)
	k.text = slices.Grow(k.text[:0], len(path)+len(query)+len(target))
	k.text = append(append(append(k.text[:0], path...), query...), target...)
	return view(target)
}

// place is where a target is kept, or is to be. A client that asks for one thing alone takes no
// room for others.
func (s *Scratch) place(path, query string) *knownTarget {
	if s.target.holds(path, query) || s.target.text == nil {
		return &s.target
	}
	if s.targets == nil {
		s.targets = new([targetSlots]knownTarget)
	}
	return &s.targets[(xxhash.Sum64String(path)^xxhash.Sum64String(query))%targetSlots]
}
