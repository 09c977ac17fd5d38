package proxy

import (
	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// accepted carries out the fault that breaks a connection when it is accepted.
// It is false when the connection is over. Such a connection carries no
// exchange, so nothing of it is in the journal; the fault counts it.
func (s *session) accepted() bool {
	c := s.server.proxy.core
	// The tracker counts the connections of each address, and forgets as it does
	// of calls; nothing else has such a fingerprint.
	fingerprint := xxhash.Sum64String("connection from " + s.address)
	decision := c.engine.DecideConnection(c.tracker.Begin(fingerprint, "", observe.NoCounter, c.clock()), c.now())
	a := decision.Terminal
	if a == nil {
		return true
	}
	defer decision.Release()
	s.core = c
	switch a.Fault.Break.How {
	case faults.BreakHang:
		return s.hangAccepted(a)
	case faults.BreakReset:
		a.Fire()
		s.reset()
	case faults.BreakClose:
		a.Fire()
		s.finishClient()
	}
	return false
}

// hangAccepted reads nothing until the fault goes or the client does.
func (s *session) hangAccepted(a *faults.Active) bool {
	return s.holdBy(a, 0, false) != abandoned
}
