package observe

import (
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

// maxReturning bounds the calls of a client that are remembered because they came again late.
const maxReturning = 1 << 14

// nameOf hashes the identifier of the call that a belongs to. An idempotency key names a
// call whatever else differs. An identifier from a field that is made for something else is a request id at best.
func nameOf(a *Attempt) (uint64, bool) {
	switch {
	case a.CallID != "" && namesCall(a.CallIDHeader):
		return mix(xxhash.Sum64String(a.CallIDHeader), xxhash.Sum64String(a.CallID)), true
	case a.IdempotencyKey != "":
		return mix(xxhash.Sum64String(keyFields[0]), xxhash.Sum64String(a.IdempotencyKey)), true
	}
	return 0, false
}

// namesCall reports whether a field is made to name a call.
func namesCall(field string) bool {
	return slices.Contains(callFields, field) || slices.Contains(keyFields, field)
}

// namedFlight is the latest attempt of a call with an identifier.
type namedFlight struct {
	flight
	tries int
}

// takeNamed takes in an attempt with an identifier.
func (l *learner) takeNamed(s *study, name uint64, a *Attempt) {
	key := mix(s.key, name)
	before, again := l.names.get(key)
	next := namedFlight{flightOf(a), before.tries + 1}
	l.names.put(key, next)
	switch {
	case !again:
		s.named++
		if next.succeeded {
			s.forgotten.healthy++
		}
		return
	case before.answered > a.Received:
	case before.failed && !before.repeatedBy(a):
		s.goesOn(before.tries, &before.flight, a.Received-before.answered)
		s.runs(next.tries)
	}
	s.sees(name, a, before.succeeded || a.Received > before.answered+before.least())
}

// sees takes in an attempt with a name, and whether it came again though it seemed to be over.
func (s *study) sees(name uint64, a *Attempt, again bool) {
	if again {
		s.comesAgain(name, a.Received)
	}
	if _, ok := s.returning[name]; ok {
		s.returning[name] = a.Received
	}
}

// comesAgain remembers that a call came again though it seemed to be over.
func (s *study) comesAgain(name uint64, at time.Duration) {
	if s.returning == nil {
		s.returning = map[uint64]time.Duration{}
	}
	if _, ok := s.returning[name]; ok || len(s.returning) < maxReturning {
		s.returning[name] = at
		return
	}
	s.everReturning = true
}
