package experiment

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// work is what the machine knows of the workload.
type work struct {
	// gone reports that the command has ended and will not be started again.
	gone bool
	// past reports that the last phase is over, due when a command that is started again and again must have ended then.
	past bool
	due  time.Duration
	// marred reports that a fault struck a write, so that it is not known any more what lies upstream.
	marred bool
	// attempts counts those since the command began, starts how often it did.
	attempts, starts int
	// bad counts the commands that ended with a status that was not expected, first says how the first did, or the first that none of a
	// fault's doings explains, and place is that of the note.
	bad, place int
	first      string
	// silent counts the commands in a row that ended without an attempt.
	silent int
}

// mostSilent is how many commands in a row may end without a single attempt before it is taken for granted that no more
// will come.
const mostSilent = 3

// lastWords is how long a command that is started again and again may go on after the last phase: what is cut off says
// less than what ends by itself.
const lastWords = 10 * time.Second

// ended hears that the command has ended.
func (m *Machine) ended(e Ended) {
	if e.Err != nil {
		m.work.gone = true
		m.stop(StateFailed, e.Err.Error())
		return
	}
	if !m.e.Workload.Service {
		m.judgeExit(e)
	}
	m.calls.forget()
	m.advance() // It may have been the last that the last phase waited for.
	if m.over {
		return
	}
	m.work.silent++
	if m.work.attempts > 0 {
		m.work.silent = 0
	}
	w := &m.e.Workload
	if w.Repeat && !m.work.past && m.work.silent < mostSilent {
		m.relaunch()
		return
	}
	m.work.gone = true
	switch missing := m.unreached(); {
	case w.Repeat && m.work.silent >= mostSilent:
		m.note(false, "the command ended %d times in a row without a single attempt", mostSilent)
	case w.Repeat:
	case w.Service:
		m.note(true, "the command, which was to serve to the end, ended with %s", e.Text)
	case len(missing) > 0:
		m.note(false, "the command ended before %s: give it more to do, or set workload.repeat", strings.Join(missing, ", "))
	}
	m.finish(StateFinished, whyWorkload)
}

// starting reports that a command that is started again and again has not made an attempt yet since it was started last. On
// a busy machine a test suite takes seconds for that.
func (m *Machine) starting() bool {
	return m.e.Workload.Repeat && m.e.Workload.Command != nil && !m.work.gone && m.work.attempts == 0
}

func (m *Machine) relaunch() {
	m.work.attempts, m.work.starts = 0, m.work.starts+1
	m.do(Launch{})
}

// judgeExit holds an exit status against what is expected.
func (m *Machine) judgeExit(e Ended) {
	exit := m.e.Workload.Exit
	if e.Status == 0 || exit == ExitAny || exit == ExitUnfaulted && e.Struck {
		return
	}
	text, unmet := "the command ended with "+e.Text, true
	if exit == ExitUnfaulted {
		text += " though no fault struck it"
	}
	if exit == ExitUnfaulted && m.work.marred {
		text, unmet = text+"; one struck a write before, and what that left behind may be why", false
	}
	m.failing(text, unmet)
}

// failing takes down that a command ended badly: one note for all, with the words of the first, or of the first that is an offence.
func (m *Machine) failing(text string, unmet bool) {
	if m.work.bad++; m.work.bad == 1 {
		m.work.place, m.work.first = len(m.end.Notes), text
		m.note(unmet, "%s", text)
		return
	}
	m.end.Notes = slices.Clone(m.end.Notes) // Who watches has the old ones.
	note := &m.end.Notes[m.work.place]
	if unmet && !note.Unmet {
		note.Unmet, m.work.first = true, text
	}
	note.Text = fmt.Sprintf("%s; it failed %d times in all", m.work.first, m.work.bad)
}

// idleWork reports that nothing is to be waited for once the phases are over: a command has its say until it ends.
func (m *Machine) idleWork() bool {
	w := &m.e.Workload
	return m.work.gone || w.Command == nil || w.Service || w.Repeat && m.now >= m.work.due
}

// readyTime is how long the workload may take to answer.
const readyTime = time.Minute

// late ends a run whose time is over.
func (m *Machine) late() {
	w := &m.e.Workload
	if m.place < 0 {
		m.stop(StateFailed, fmt.Sprintf("nothing answered at %s (workload.ready)", w.Ready))
		return
	}
	if w.Command != nil && !w.Repeat && !w.Service && !m.work.gone {
		m.note(w.Exit != ExitAny, "the command did not end within %v (time_limit) and was stopped", m.e.TimeLimit)
		m.finish(StateFinished, whyDuration)
		return
	}
	if missing := m.unreached(); len(missing) > 0 {
		m.note(false, "the time limit of %v came before %s", m.e.TimeLimit, strings.Join(missing, ", "))
	}
	m.finish(StateFinished, whyDuration)
}
