package experiment

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Machine plays an experiment. It is not safe for concurrent use.
type Machine struct {
	e *Experiment
	// place is the index of the phase under way, -1 before the first, len(Phases) behind the last.
	place int
	// stepped counts the steps of the phase's ramp.
	stepped int
	// active is when something that counts for the phase came last, held how long the command took to start before its first
	// attempt in the phase, and silent that there was none yet.
	active, held time.Duration
	silent       bool
	// rounded reports that the rounds of the phase are over.
	rounded bool
	// bar is how many of the calls that were struck must be over, 0 before those are that the phase counts.
	bar    int
	calls  *callCounter
	window *window
	work   work
	end    End
	// begun reports that the workload was launched, over that the machine has finished.
	begun, over bool
	now         time.Duration
	todo        []Action
}

// NewMachine makes the machine of an experiment that has passed its validation. It must not be changed meanwhile.
func NewMachine(e *Experiment) *Machine {
	m := &Machine{e: e, place: -1, calls: newCallCounter(), window: newWindow(&e.Guard), end: End{State: StateRunning}}
	for i := range e.Phases {
		m.end.Phases = append(m.end.Phases, PhaseState{Name: e.Phases[i].Name})
	}
	return m
}

// never is a time at which nothing is due.
const never = time.Duration(1<<63 - 1)

// Step tells the machine what has happened until now, counted from the run's beginning, in the order in which it did. It
// returns what is to be done, in this order, and when Step is to be called again although nothing has happened. The last
// action ever is a Finish; after it Step does nothing.
func (m *Machine) Step(now time.Duration, events ...Event) (todo []Action, wake time.Duration) {
	if m.silent && m.starting() {
		m.held = min(m.held+max(now-m.now, 0), longestStart)
	}
	m.now, m.todo = max(now, m.now), nil
	if !m.begun {
		m.begun = true
		m.do(Launch{})
		if m.e.Workload.Ready == "" {
			m.enter(0)
		}
	}
	for _, e := range events {
		if _, seen := e.(*Seen); !seen {
			m.guard()
		}
		if !m.over {
			m.hear(e)
		}
	}
	m.guard()
	if !m.over {
		m.advance()
	}
	if m.over {
		return m.todo, never
	}
	return m.todo, m.wake()
}

// End says how far the run is.
func (m *Machine) End() End {
	end := m.end
	end.Phases = slices.Clone(m.end.Phases)
	return end
}

// Counts says how many attempts and calls were seen.
func (m *Machine) Counts() (attempts, calls int) { return m.calls.attempts, m.calls.calls }

func (m *Machine) do(a Action) { m.todo = append(m.todo, a) }

// phase is the one under way, nil for none.
func (m *Machine) phase() *Phase {
	if m.place < 0 || m.place >= len(m.e.Phases) {
		return nil
	}
	return &m.e.Phases[m.place]
}

func (m *Machine) enter(place int) {
	m.place, m.stepped, m.active, m.held, m.silent, m.bar = place, 0, m.now, 0, true, 0
	m.rounded = false
	p := m.phase()
	if p == nil {
		m.work.past, m.work.due = true, m.now+lastWords
		return
	}
	state := &m.end.Phases[place]
	state.Reached, state.Begin = true, m.now
	m.calls.enter(p.Name)
	m.do(Enter{Phase: place, Faults: ramped(p, m.placed(p), 0)})
}

// longestStart bounds the time that a command may take for its start before a phase's own time begins.
const longestStart = 10 * time.Second

// placed are the faults of a phase as they are put in force. Where a command may hold the phase up they live that much longer.
func (m *Machine) placed(p *Phase) []faults.Fault {
	set := p.Placed()
	for i := range set {
		if m.e.Workload.Repeat && set[i].TTL == p.Duration+margin {
			set[i].TTL += longestStart
		}
	}
	return set
}

// leave ends the phase under way.
func (m *Machine) leave(why string) {
	if m.phase() == nil {
		return
	}
	state := &m.end.Phases[m.place]
	state.End, state.Why, state.Over = m.now, why, why != whyStop && why != whyWorkload
	m.do(Leave{Phase: m.place})
}

// Words of PhaseState.Why.
const (
	whyCalls, whyRounds, whyIdle, whyDuration, whyWorkload, whyStop = "calls", "rounds", "idle", "duration", "workload", "stop"
)

// hear takes in one event.
func (m *Machine) hear(e Event) {
	switch e := e.(type) {
	case *Seen:
		m.seen(e)
	case Ended:
		m.ended(e)
	case Probed:
		if reason := m.window.probed(&e, m.e.Probes[e.Probe].Name); reason != "" {
			m.stop(StateStopped, reason)
		}
	case Rounded:
		m.rounded = m.rounded || e.Phase == m.place
	case Braked:
		if !m.e.Guard.NoBrake {
			m.stop(StateStopped, "stop_when.brake: "+withReason("the brake was pulled", e.Reason))
		}
	case Asked:
		m.stop(StateStopped, withReason("it was asked to stop", e.Reason))
	case Ready:
		if m.place < 0 {
			m.enter(0)
		}
	case Failed:
		m.stop(StateFailed, e.Err.Error())
	}
}

func withReason(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + ": " + reason
}

func (m *Machine) seen(e *Seen) {
	begins, call := m.calls.take(e.Attempt, m.now)
	m.window.take(e.Attempt, call, m.now)
	m.work.attempts++
	m.work.marred = m.work.marred || struck(e.Attempt) && lasting(e.Attempt)
	m.silent = false
	if p := m.phase(); p != nil {
		state := &m.end.Phases[m.place]
		counts := m.calls.hit(e.Attempt)
		if len(p.Faults) == 0 && begins {
			state.Calls++
		} else if len(p.Faults) > 0 {
			state.Calls = m.calls.struck
		}
		if counts || len(p.Faults) == 0 {
			m.active = m.now
		}
	}
}

// guard stops the run if what was seen so far asks for it.
func (m *Machine) guard() {
	if m.over {
		return
	}
	if reason := m.window.alarm(m.now); reason != "" {
		m.stop(StateStopped, reason)
	}
}

// stop ends the run before its time.
func (m *Machine) stop(state State, reason string) {
	m.end.Reason = reason
	m.finish(state, whyStop)
}

func (m *Machine) finish(state State, why string) {
	m.leave(why)
	if !m.work.gone {
		m.do(Halt{})
	}
	m.over, m.end.State, m.end.Quiet = true, state, m.work.gone
	m.do(Finish{End: m.End()})
}

// advance does what is due.
func (m *Machine) advance() {
	if m.now >= m.e.TimeLimit || m.place < 0 && m.now >= readyTime {
		m.late()
		return
	}
	for p := m.phase(); p != nil && !m.over; p = m.phase() {
		why := m.done(p)
		if why == "" {
			m.ramp(p)
			return
		}
		m.leave(why)
		m.enter(m.place + 1)
	}
	if m.work.past && !m.over && m.idleWork() {
		m.finish(StateFinished, whyDuration)
	}
}

// done says why the phase is over, "" for not yet.
func (m *Machine) done(p *Phase) string {
	state := &m.end.Phases[m.place]
	if settled, _ := m.calls.settled(m.now, 0); !settled || m.starting() {
		m.active = m.now // Whoever still waits, or has to start first, is not idle.
	}
	switch {
	case m.now >= state.Begin+p.Duration+m.held:
		return whyDuration
	case p.Calls > 0 && state.Calls >= p.Calls && m.counted(p):
		return whyCalls
	case p.Rounds > 0 && m.rounded:
		return whyRounds
	case p.Idle > 0 && m.now >= m.active+p.Idle:
		return whyIdle
	}
	return ""
}

// counted reports that the calls which the phase counts are over, and those that its faults had struck by then: what is under way
// beside them would meet the faults of the next phase. Those that are struck since need not be over.
func (m *Machine) counted(p *Phase) bool {
	settled, _ := m.calls.settled(m.now, max(m.bar, p.Calls))
	if settled && m.bar == 0 {
		m.bar = max(m.calls.struck, p.Calls)
		settled, _ = m.calls.settled(m.now, m.bar)
	}
	return settled
}

// wake is when something is due.
func (m *Machine) wake() time.Duration {
	due := m.e.TimeLimit
	p := m.phase()
	switch {
	case m.place < 0:
		return min(due, readyTime)
	case p == nil && m.e.Workload.Repeat:
		return min(due, m.work.due)
	case p == nil:
		return due
	}
	due = min(due, m.end.Phases[m.place].Begin+p.Duration+m.held)
	if p.Idle > 0 && m.active+p.Idle > m.now {
		due = min(due, m.active+p.Idle)
	}
	for _, most := range []int{0, p.Calls, m.bar} {
		if settled, at := m.calls.settled(m.now, most); !settled {
			due = min(due, at)
		}
	}
	if p.Ramp != nil {
		due = min(due, m.end.Phases[m.place].Begin+time.Duration(m.stepped+1)*p.Ramp.Every)
	}
	return max(due, m.now)
}

// ramp makes the step of the ramp that is due.
func (m *Machine) ramp(p *Phase) {
	if p.Ramp == nil {
		return
	}
	step := int((m.now - m.end.Phases[m.place].Begin) / p.Ramp.Every)
	if step > m.stepped {
		m.stepped = step
		m.do(Change{Phase: m.place, Faults: ramped(p, m.placed(p), time.Duration(step)*p.Ramp.Every)})
	}
}

// ramped sets the shares that a ramp has come to.
func ramped(p *Phase, set []faults.Fault, at time.Duration) []faults.Fault {
	if p.Ramp == nil {
		return set
	}
	part := min(float64(at)/float64(max(p.Duration-p.Ramp.Every, 1)), 1)
	share := p.Ramp.From + (p.Ramp.To-p.Ramp.From)*part
	for i := range set {
		set[i].Trigger.Share = &share
	}
	return set
}

// unreached are the phases that did not begin and that matter.
func (m *Machine) unreached() []string {
	var names []string
	for i := range m.end.Phases {
		if !m.end.Phases[i].Reached && !m.e.Phases[i].Optional {
			names = append(names, m.end.Phases[i].Name)
		}
	}
	return names
}

func (m *Machine) note(unmet bool, format string, args ...any) {
	m.end.Notes = append(m.end.Notes, Note{Text: fmt.Sprintf(format, args...), Unmet: unmet})
}
