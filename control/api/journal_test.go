package api

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// seen is an attempt of a client, so long after the epoch.
func seen(sequence uint64, client string, at time.Duration, status int) observe.Attempt {
	a := observe.Attempt{
		Sequence: sequence, Time: epoch.Add(at), Received: at, Answered: at + 20*time.Millisecond, Conn: 1, ConnUse: sequence,
		Client: client, Endpoint: "search", Method: "GET", Host: "music.xboxlive.com", Target: "/1/content/music/search?q=" + client,
		BodyComplete: true, Counter: observe.NoCounter, Status: status, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete,
	}
	if status >= 400 {
		a.Class, a.Origin, a.Fault, a.Reason = groove.ClassFailure, observe.OriginInjected, "storm", "storm: share 0.1, draw 0.0432"
	}
	return a
}

// watchSome records a call of three clients: one repeats, one gives up, one has
// nothing to repeat.
func (s *served) watchSome() {
	for _, a := range []observe.Attempt{
		seen(1, "patient", 0, 503),
		seen(2, "quitter", time.Second, 503),
		seen(3, "patient", 2*time.Second, 200),
		seen(4, "calm", 3*time.Minute, 200),
	} {
		s.attempts.Record(&a)
	}
}
