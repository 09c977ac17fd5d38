package verdict

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// hearsay is what users were told, and about which calls.
type hearsay struct {
	outcomes []observe.Outcome
	// index finds those that may be about the calls of a chapter.
	index *observe.OutcomeIndex
	// fits counts the calls that each outcome fits, over all clients and all chapters.
	fits []int
	// teller is the client of the call that each is about, "" for none so far.
	teller []string
}

// listen takes in the outcomes.
func (h *hearsay) listen(outcomes []observe.Outcome) {
	h.outcomes, h.index = outcomes, observe.IndexOutcomes(outcomes)
	h.fits, h.teller = make([]int, len(outcomes)), make([]string, len(outcomes))
}

// fitAll counts which calls of a journal the outcomes fit. That takes a pass of its own: chapters are judged one by one, and an outcome that fits
// calls of two clients is about neither.
func (h *hearsay) fitAll(j *Journal, known *observe.Knowledge) {
	if len(h.outcomes) == 0 {
		return
	}
	g := observe.NewGrouper(observe.Options{Known: known, Release: j.Release, Chapter: h.fit})
	for a := range ahead(j.each()) {
		g.Add(a)
	}
	g.Close(j.Ended)
}

// fit counts the calls of a chapter.
func (h *hearsay) fit(c *observe.Chapter) {
	for i, tied := range h.index.Attribute(c.Calls) {
		h.fits[i] += tied.Fits
	}
	c.Release()
}

// tell gives the calls of a chapter the outcomes that are about them and no other.
func (h *hearsay) tell(s *subject, c *observe.Chapter) {
	if len(h.outcomes) == 0 {
		return
	}
	told := map[string][]*observe.Outcome{}
	for i, tied := range h.index.Attribute(c.Calls) {
		if tied.Call >= 0 && h.fits[i] == 1 {
			h.teller[i] = c.Client
			id := c.Calls[tied.Call].ID
			told[id] = append(told[id], &h.outcomes[i])
		}
	}
	for _, call := range s.all {
		call.told = told[call.ID]
	}
}

// stray gives outcomes that fit no call to the clients that they name.
func (b *bar) stray() {
	for _, who := range b.clients {
		who.stray = nil
	}
	for i := range b.outcomes {
		if o := &b.outcomes[i]; b.teller[i] == "" && b.clients[o.Client] != nil {
			b.clients[o.Client].stray = append(b.clients[o.Client].stray, o)
		}
	}
}

// notes say which outcomes could not be used.
func (h *hearsay) notes() []string {
	lost := 0
	for _, client := range h.teller {
		if client == "" {
			lost++
		}
	}
	if lost == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %s fit no call, or several", lost, count(len(h.outcomes), "outcome"))}
}
