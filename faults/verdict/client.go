package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// client is what is known of a client over all chapters.
type client struct {
	name string
	// calls and attempts count what was seen, healthy the calls that succeeded at once.
	calls, attempts, healthy int
	// throttled is when the first 429 was delivered, -1 for never.
	throttled time.Duration
	// baseline reports that enough calls succeeded at once to know the client by, busy a runtime whose timers are known to be late.
	baseline, busy bool
	// agent is the User-Agent that was seen last.
	agent  string
	policy Policy
	// stray are the outcomes that name the client and fit no call: a caller may answer without asking Groove at all.
	stray []*observe.Outcome
	// tokens are the requests for a token, by anybody; nil where nobody keeps count.
	tokens *tokens
	// seen is the latest arrival of the chapters before.
	seen time.Duration
	laws laws
	// fits are the laws that were found, by the checksum of the waits.
	fits map[uint64]backoff.Fit
	// whole judges everything, endpoints and statuses the calls to one endpoint and those that first met one status.
	whole     *docket
	endpoints map[string]*docket
	statuses  map[int]*docket
}

func newClient(name string, p Policy) *client {
	who := &client{name: name, throttled: -1, policy: p, endpoints: map[string]*docket{}, statuses: map[int]*docket{}}
	who.whole = newDocket(who, false)
	return who
}

// take judges a chapter.
func (w *client) take(s *subject) {
	w.laws.take(s.about(traitAgain))
	w.whole.take(s)
	for _, part := range s.byEndpoint() {
		if part.key != "" {
			docketOf(w.endpoints, part.key, w).take(part.subject)
		}
	}
	for _, part := range split(s, s.about(traitFailed).calls, firstFailure) {
		if part.key != 0 {
			docketOf(w.statuses, part.key, w).take(part.subject)
		}
	}
}

// sees takes in a User-Agent.
func (w *client) sees(agent string) {
	if agent != w.agent {
		w.agent = agent
		w.busy = w.busy || lateRuntime(agent)
	}
}

// firstFailure is the status of the first failed answer of a call, 0 for none.
func firstFailure(c *call) int {
	at := slices.IndexFunc(c.Attempts, (*observe.Attempt).Failed)
	if at < 0 {
		return 0
	}
	return c.Attempts[at].Status
}

// doubt says what would make it certain that the repeats are repeats.
func (w *client) doubt() string {
	if w.baseline {
		return fmt.Sprintf("needs repeats that one caller alone makes, with gaps that rise or with none; or a call id in %s", observe.CallHeader)
	}
	return fmt.Sprintf("needs repeats that are no polling: a healthy baseline of %d calls, saw %d; distinct requests; or a call id in %s",
		leastBaseline, w.healthy, observe.CallHeader)
}
