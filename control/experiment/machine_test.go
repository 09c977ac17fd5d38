package experiment_test

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// never is a time at which nothing is due.
const never = time.Duration(1<<63 - 1)

// script is a sound experiment made of TOML.
func script(t testing.TB, text string) *experiment.Experiment {
	t.Helper()
	e, err := document.Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// attempt is one that a fault answered with 503, or for "" one that succeeded.
func attempt(target, fault string) *experiment.Seen {
	a := &observe.Attempt{Client: "c", Method: "GET", Target: target, Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream}
	if fault != "" {
		a.Status, a.Class, a.Origin, a.Fault = 503, groove.ClassFailure, observe.OriginInjected, fault
	}
	return &experiment.Seen{Attempt: a}
}

// written is an attempt at a write.
func written(fault string) *experiment.Seen {
	seen := attempt("/1/content/music/collection/add", fault)
	seen.Attempt.Method, seen.Attempt.Endpoint = "POST", groove.CollectionAdd
	return seen
}

// moment is what happens at a time.
type moment struct {
	at     time.Duration
	events []experiment.Event
}

// play steps a machine through moments and whenever it wants to be woken between them, and writes down what it does.
func play(m *experiment.Machine, moments ...moment) []string {
	var done []string
	wake := time.Duration(0)
	step := func(at time.Duration, events ...experiment.Event) {
		var todo []experiment.Action
		todo, wake = m.Step(at, events...)
		for _, a := range todo {
			done = append(done, fmt.Sprintf("%v %s", at, words(a)))
		}
	}
	for _, next := range moments {
		for wake < next.at && wake != never {
			step(wake)
		}
		step(next.at, next.events...)
	}
	return done
}

func words(a experiment.Action) string {
	name := strings.ToLower(reflect.TypeOf(a).Name())
	switch a := a.(type) {
	case experiment.Enter:
		return fmt.Sprintf("%s %d%s", name, a.Phase, faultWords(a.Faults))
	case experiment.Change:
		return fmt.Sprintf("%s %d%s", name, a.Phase, faultWords(a.Faults))
	case experiment.Leave:
		return fmt.Sprintf("%s %d", name, a.Phase)
	case experiment.Finish:
		text := name + " " + string(a.End.State)
		if a.End.Reason != "" {
			text += ": " + a.End.Reason
		}
		for _, note := range a.End.Notes {
			text += "; " + note.Text
		}
		return text
	default:
		return name
	}
}

func faultWords(set []faults.Fault) string {
	text := ""
	for _, f := range set {
		text += " " + f.Name
		if f.Trigger.Share != nil {
			text += fmt.Sprintf(" %.2f", *f.Trigger.Share)
		}
	}
	return text
}

const twoPhases = `
time_limit = "5m"
[[phases]]
name = "baseline"
duration = "10s"
[[phases]]
name = "busy"
duration = "20s"
calls = 2
[[phases.faults]]
name = "down"
answer.status = 503
`

const command = "\n[workload]\ncommand = [\"x\"]\n"

func ended(status int) experiment.Ended {
	return experiment.Ended{Status: status, Text: fmt.Sprintf("exit status %d", status)}
}

func TestMachine(t *testing.T) {
	t.Parallel()
	s := time.Second
	tests := map[string]struct {
		script  string
		moments []moment
		want    []string
	}{
		"phases follow one another by the clock": {twoPhases, []moment{{100 * s, nil}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "30s leave 1", "30s halt", "30s finish finished",
		}},
		"a phase ends when its calls are over, and not before": {twoPhases, []moment{
			{11 * s, []experiment.Event{attempt("/a", "busy.down")}},
			{11500 * time.Millisecond, []experiment.Event{attempt("/a", "busy.down"), attempt("/b", "busy.down")}},
			{12 * s, []experiment.Event{attempt("/b", "")}},
			{100 * s, nil},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "13s leave 1", "13s halt", "13s finish finished",
		}},
		"calls that have begun since are not waited for": {twoPhases, []moment{
			{11 * s, []experiment.Event{attempt("/a", "busy.down"), attempt("/a", ""), attempt("/b", "busy.down"), attempt("/b", "")}},
			{11 * s, []experiment.Event{attempt("/c", "busy.down")}},
			{100 * s, nil},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "11s leave 1", "11s halt", "11s finish finished",
		}},
		"calls that are under way beside them are waited for": {twoPhases, []moment{
			{11 * s, []experiment.Event{attempt("/a", "busy.down"), attempt("/b", "busy.down"), attempt("/c", "busy.down")}},
			{12 * s, []experiment.Event{attempt("/a", ""), attempt("/b", "")}},
			{13 * s, []experiment.Event{attempt("/d", "busy.down")}},
			{14 * s, []experiment.Event{attempt("/c", "")}},
			{100 * s, nil},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "14s leave 1", "14s halt", "14s finish finished",
		}},
		"calls that no fault of the phase struck do not count": {twoPhases, []moment{
			{11 * s, []experiment.Event{attempt("/a", ""), attempt("/b", "other.down"), attempt("/c", "busy.down")}},
			{100 * s, nil},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "30s leave 1", "30s halt", "30s finish finished",
		}},
		"the end of a command is that of the run, and what was not reached is told": {twoPhases + command, []moment{
			{3 * s, []experiment.Event{experiment.Ended{}}}, {100 * s, nil},
		}, []string{
			"0s launch", "0s enter 0", "3s leave 0", "3s finish finished; the command ended before busy: give it more to do, or set workload.repeat",
		}},
		"a command that takes longer than the phases is waited for": {twoPhases + command, []moment{
			{100 * s, []experiment.Event{experiment.Ended{Status: 2, Text: "exit status 2"}}},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "30s leave 1", "1m40s finish finished; the command ended with exit status 2",
		}},
		"but not for ever": {twoPhases + command, []moment{{600 * s, nil}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "30s leave 1", "5m0s halt",
			"5m0s finish finished; the command did not end within 5m0s (time_limit) and was stopped",
		}},
		"a command is repeated until the phases are over, and then may end": {twoPhases + command + "repeat = true\n", []moment{
			{1 * s, []experiment.Event{attempt("/a", "")}},
			{2 * s, []experiment.Event{experiment.Ended{}}},
			{3 * s, []experiment.Event{attempt("/a", "")}},
			{32 * s, []experiment.Event{experiment.Ended{}}},
		}, []string{
			"0s launch", "0s enter 0", "2s launch", "11s leave 0", "11s enter 1 busy.down", "31s leave 1", "32s finish finished",
		}},
		"one that goes on is stopped a while after": {twoPhases + command + "repeat = true\n", []moment{{1 * s, []experiment.Event{attempt("/a", "")}}, {100 * s, nil}}, []string{
			"0s launch", "0s enter 0", "11s leave 0", "11s enter 1 busy.down", "31s leave 1", "41s halt", "41s finish finished",
		}},
		"one that does not call holds no phase up for ever": {twoPhases + command + "repeat = true\n", []moment{{100 * s, nil}}, []string{
			"0s launch", "0s enter 0", "20s leave 0", "20s enter 1 busy.down", "50s leave 1", "1m0s halt", "1m0s finish finished",
		}},
		"one that never calls is not repeated for ever": {twoPhases + command + "repeat = true\n", []moment{
			{1 * s, []experiment.Event{experiment.Ended{}}}, {2 * s, []experiment.Event{experiment.Ended{}}}, {3 * s, []experiment.Event{experiment.Ended{}}},
		}, []string{
			"0s launch", "0s enter 0", "1s launch", "2s launch", "3s leave 0",
			"3s finish finished; the command ended 3 times in a row without a single attempt",
		}},
		"a fault of somebody else may have been the reason": {twoPhases + command + "exit = \"unfaulted\"\n", []moment{
			{time.Second, []experiment.Event{attempt("/a", "standing")}},
			{2 * time.Second, []experiment.Event{experiment.Ended{Status: 1, Text: "exit status 1", Struck: true}}},
		}, []string{"0s launch", "0s enter 0", "2s leave 0", "2s finish finished; the command ended before busy: give it more to do, or set workload.repeat"}},
		"failures are told once": {twoPhases + command + "repeat = true\nexit = \"zero\"\n", []moment{
			{time.Second, []experiment.Event{attempt("/a", ""), ended(1)}},
			{2 * time.Second, []experiment.Event{attempt("/a", ""), ended(2)}},
			{3 * time.Second, []experiment.Event{attempt("/a", ""), ended(2)}},
			{4 * time.Second, []experiment.Event{experiment.Asked{}}},
		}, []string{"0s launch", "0s enter 0", "1s launch", "2s launch", "3s launch", "4s leave 0", "4s halt", "4s finish stopped: it was asked to stop; the command ended with exit status 1; it failed 3 times in all"}},
		"a failure without a fault is told, one with a fault is not": {twoPhases + command + "repeat = true\nexit = \"unfaulted\"\n", []moment{
			{1 * s, []experiment.Event{attempt("/a", ""), experiment.Ended{Status: 1, Text: "exit status 1"}}},
			{12 * s, []experiment.Event{attempt("/a", "busy.down"), experiment.Ended{Status: 1, Text: "exit status 1", Struck: true}}},
			{33 * s, []experiment.Event{experiment.Ended{}}},
		}, []string{
			"0s launch", "0s enter 0", "1s launch", "11s leave 0", "11s enter 1 busy.down", "12s launch", "32s leave 1",
			"33s finish finished; the command ended with exit status 1 though no fault struck it",
		}},
		"a fault that is in force and strikes nothing excuses nothing": {twoPhases + command + "repeat = true\nexit = \"unfaulted\"\n", []moment{
			{0, []experiment.Event{attempt("/a", "")}},
			{12 * s, []experiment.Event{ended(0), attempt("/a", "")}},
			{13 * s, []experiment.Event{ended(1)}},
			{14 * s, []experiment.Event{experiment.Asked{}}},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "12s launch", "13s launch", "14s leave 1", "14s halt",
			"14s finish stopped: it was asked to stop; the command ended with exit status 1 though no fault struck it",
		}},
		"a service is ended with the phases": {twoPhases + command + "service = true\n", []moment{{100 * s, nil}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "30s leave 1", "30s halt", "30s finish finished",
		}},
		"and must not end before": {twoPhases + command + "service = true\n", []moment{{3 * s, []experiment.Event{experiment.Ended{Status: 1, Text: "exit status 1"}}}}, []string{
			"0s launch", "0s enter 0", "3s leave 0", "3s finish finished; the command, which was to serve to the end, ended with exit status 1",
		}},
		"phases wait until the workload is ready": {twoPhases + command + "service = true\nready = \"http://127.0.0.1:1/\"\n", []moment{{5 * s, []experiment.Event{experiment.Ready{}}}, {100 * s, nil}}, []string{
			"0s launch", "5s enter 0", "15s leave 0", "15s enter 1 busy.down", "35s leave 1", "35s halt", "35s finish finished",
		}},
		"and not for ever": {twoPhases + command + "service = true\nready = \"http://127.0.0.1:1/\"\n", []moment{{100 * s, nil}}, []string{
			"0s launch", "1m0s halt", "1m0s finish failed: nothing answered at http://127.0.0.1:1/ (workload.ready)",
		}},
		"what cannot be run fails the run": {twoPhases + command, []moment{{1 * s, []experiment.Event{experiment.Ended{Err: errors.New("run the command: no such file")}}}}, []string{
			"0s launch", "0s enter 0", "1s leave 0", "1s finish failed: run the command: no such file",
		}},
		"what cannot be put in force fails the run, cleanly": {twoPhases + command, []moment{{11 * s, []experiment.Event{experiment.Failed{errors.New("fault exists")}}}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "11s leave 1", "11s halt", "11s finish failed: fault exists",
		}},
		"somebody may stop it": {twoPhases, []moment{{11 * s, []experiment.Event{experiment.Asked{"enough"}}}, {12 * s, nil}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "11s leave 1", "11s halt", "11s finish stopped: it was asked to stop: enough",
		}},
		"the brake stops it": {twoPhases, []moment{{11 * s, []experiment.Event{experiment.Braked{"smoke"}, experiment.Braked{"smoke"}}}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "11s leave 1", "11s halt", "11s finish stopped: stop_when.brake: the brake was pulled: smoke",
		}},
		"unless it must not": {twoPhases + "\n[stop_when]\nbrake = false\n", []moment{{11 * s, []experiment.Event{experiment.Braked{}}}}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down",
		}},
		"a phase without calls goes on when it has been idle": {strings.Replace(twoPhases, "calls = 2", "calls = 2\nidle = \"3s\"", 1), []moment{
			{11 * s, []experiment.Event{attempt("/a", "busy.down")}}, {12 * s, []experiment.Event{attempt("/a", "")}}, {100 * s, nil},
		}, []string{
			"0s launch", "0s enter 0", "10s leave 0", "10s enter 1 busy.down", "14s leave 1", "14s halt", "14s finish finished",
		}},
		"a command that is started again is not idle until it has called": {strings.Replace(twoPhases, "calls = 2", "calls = 2\nidle = \"3s\"", 1) + command + "repeat = true\n", []moment{
			{1 * s, []experiment.Event{attempt("/a", "")}},
			{9 * s, []experiment.Event{experiment.Ended{}}},
			{16 * s, []experiment.Event{attempt("/a", "busy.down"), attempt("/a", "")}},
			{20 * s, []experiment.Event{experiment.Ended{}}},
		}, []string{
			"0s launch", "0s enter 0", "9s launch", "11s leave 0", "11s enter 1 busy.down", "19s leave 1", "20s finish finished",
		}},
		"a ramp moves the shares step by step": {`
[[phases]]
name = "up"
duration = "4s"
ramp = { from = 0, to = "30%", every = "1s" }
[[phases.faults]]
name = "down"
answer.status = 503
`, []moment{{10 * s, nil}}, []string{
			"0s launch", "0s enter 0 up.down 0.00", "1s change 0 up.down 0.10", "2s change 0 up.down 0.20", "3s change 0 up.down 0.30",
			"4s leave 0", "4s halt", "4s finish finished",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := experiment.NewMachine(script(t, test.script))
			got := play(m, test.moments...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if over := m.End().State != experiment.StateRunning; over {
				if todo, wake := m.Step(time.Hour, experiment.Asked{}); len(todo) > 0 || wake != never {
					t.Errorf("after the end it wants %v at %v", todo, wake)
				}
			}
		})
	}
}

// What a fault did to a write of an earlier start may be why a later one fails, which is no offence then. A failure before is one.
func TestWhatAFaultLeftBehind(t *testing.T) {
	t.Parallel()
	struck := ended(1)
	struck.Struck = true
	tests := map[string]struct {
		events []experiment.Event
		unmet  bool
		text   string
	}{
		"a write was struck before":      {[]experiment.Event{written("standing"), struck, attempt("/a", ""), ended(1)}, false, "exit status 1 though no fault struck it; one struck a write before"},
		"what was struck leaves nothing": {[]experiment.Event{attempt("/a", "standing"), struck, attempt("/a", ""), ended(1)}, true, "exit status 1 though no fault struck it"},
		"a write was not struck":         {[]experiment.Event{written(""), ended(0), attempt("/a", ""), ended(1)}, true, "exit status 1 though no fault struck it"},
		"it failed before that":          {[]experiment.Event{ended(2), written("standing"), struck, attempt("/a", ""), ended(1)}, true, "exit status 2 though no fault struck it; it failed 2 times in all"},
		"it was told to end with 0":      {[]experiment.Event{written("standing"), struck}, true, "exit status 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exit := map[bool]string{true: "zero", false: "unfaulted"}[name == "it was told to end with 0"]
			m := experiment.NewMachine(script(t, twoPhases+command+"repeat = true\nexit = \""+exit+"\"\n"))
			m.Step(time.Second, test.events...)
			notes := m.End().Notes
			if len(notes) != 1 || notes[0].Unmet != test.unmet || !strings.Contains(notes[0].Text, test.text) {
				t.Errorf("got %+v, want unmet %v: %s", notes, test.unmet, test.text)
			}
		})
	}
}

func TestGuardrails(t *testing.T) {
	t.Parallel()
	const guarded = "[[phases]]\nname = \"all\"\nduration = \"1m\"\n[[probes]]\nname = \"front\"\nurl = \"http://127.0.0.1:1/\"\n[stop_when]\nleast = 4\nwindow = \"10s\"\n"
	failed := func(target string, took time.Duration) *experiment.Seen {
		s := attempt(target, "")
		s.Attempt.Status, s.Attempt.Class, s.Attempt.Answered = 500, groove.ClassFailure, took
		return s
	}
	slow := func(delay time.Duration) *experiment.Seen {
		s := attempt("/a", "")
		s.Attempt.Answered, s.Attempt.Delay = 2*time.Second, delay
		return s
	}
	storm := []experiment.Event{attempt("/a", "f"), attempt("/a", "f"), attempt("/a", "f"), attempt("/a", "f")}
	var beside []experiment.Event
	for i := range 5 {
		s := attempt("/a", "f")
		s.Attempt.Received, s.Attempt.Answered = time.Duration(i)*time.Second, time.Duration(i+2)*time.Second
		beside = append(beside, s)
	}
	wrong, right := experiment.Probed{Wrong: []string{"status is 500, want below 400"}}, experiment.Probed{}
	tests := map[string]struct {
		guard  string
		events []experiment.Event
		want   string
	}{
		"probes that fail in a row":              {"probe_failures = 2", []experiment.Event{wrong, wrong}, "stop_when.probe_failures: the probe front failed 2 times in a row, last: status is 500, want below 400"},
		"probes that fail now and then":          {"probe_failures = 2", []experiment.Event{wrong, right, wrong}, ""},
		"failures without a fault":               {"error_share = \"50%\"", []experiment.Event{failed("/a", 0), failed("/b", 0), failed("/c", 0), attempt("/d", "")}, "stop_when.error_share: 3 of 4 attempts in 10s failed without a fault"},
		"failures by a fault":                    {"error_share = \"50%\"", []experiment.Event{attempt("/a", "f"), attempt("/b", "f"), attempt("/c", "f"), attempt("/d", "f")}, ""},
		"too few to say":                         {"error_share = \"50%\"", []experiment.Event{failed("/a", 0), failed("/b", 0), failed("/c", 0)}, ""},
		"slow answers":                           {"latency = \"1s\"", []experiment.Event{slow(0), slow(0), slow(0), slow(0)}, "stop_when.latency: half of 4 attempts in 10s took 2s or more without what faults held back"},
		"answers that a fault makes slow":        {"latency = \"1s\"", []experiment.Event{slow(1500 * time.Millisecond), slow(1500 * time.Millisecond), slow(1500 * time.Millisecond), slow(1500 * time.Millisecond)}, ""},
		"a storm":                                {"amplification = 3", storm, "stop_when.amplification: 4 attempts for 1 calls in 10s"},
		"like requests side by side":             {"amplification = 3", beside, ""},
		"a request that comes all the time":      {"amplification = 3", slices.Concat([]experiment.Event{attempt("/a", ""), attempt("/a", "")}, storm, storm, storm), ""},
		"calls that are many and repeat nothing": {"amplification = 3", []experiment.Event{attempt("/a", "f"), attempt("/b", "f"), attempt("/c", "f"), attempt("/d", "f")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := experiment.NewMachine(script(t, guarded+test.guard))
			play(m, moment{time.Second, test.events})
			end := m.End()
			if end.Reason != test.want || (test.want != "") != (end.State == experiment.StateStopped) {
				t.Errorf("it is %s: %q, want %q", end.State, end.Reason, test.want)
			}
		})
	}
}

// Twenty calls that come back after 8 s were begun before the window: each has one attempt in it.
func TestAmplificationCountsCallsBegunBefore(t *testing.T) {
	t.Parallel()
	m := experiment.NewMachine(script(t, "[[phases]]\nname = \"all\"\nduration = \"5m\"\n[stop_when]\nleast = 20\nwindow = \"5s\"\namplification = 2\n"))
	for i := range 5 {
		var events []experiment.Event
		for call := range 20 {
			s := attempt(fmt.Sprintf("/%d", call), "f")
			s.Attempt.CallID = fmt.Sprint(call)
			events = append(events, s)
		}
		m.Step(time.Duration(1+8*i)*time.Second, events...)
	}
	if end := m.End(); end.State != experiment.StateRunning {
		t.Errorf("it is %s: %s, want it to go on", end.State, end.Reason)
	}
}

// What a guardrail costs does not grow with the square of what comes at a time.
func TestGuardrailsLookOnceAtWhatComesTogether(t *testing.T) { //nolint:paralleltest // It measures what the process allocates.
	m := experiment.NewMachine(script(t, "[[phases]]\nname = \"all\"\nduration = \"1m\"\n[stop_when]\nlatency = \"1s\"\n"))
	events := make([]experiment.Event, 4000)
	one := attempt("/a", "")
	for i := range events {
		events[i] = one
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m.Step(time.Second, events...)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
		t.Errorf("4000 attempts at a time take %d MiB, want no copy of the window for each", took>>20)
	}
}

func TestWindowForgets(t *testing.T) {
	t.Parallel()
	m := experiment.NewMachine(script(t, "[[phases]]\nname = \"all\"\nduration = \"1m\"\n[stop_when]\nleast = 3\nwindow = \"2s\"\namplification = 2\n"))
	for i := range 10 {
		play(m, moment{time.Duration(i) * time.Second, []experiment.Event{attempt("/a", "f")}})
	}
	if end := m.End(); end.State != experiment.StateRunning && !strings.Contains(end.Reason, "3 attempts") {
		t.Errorf("it is %s: %s, want three attempts in the window at most", end.State, end.Reason)
	}
}

// Whatever happens, every phase that is entered is left, in order, the workload is halted unless it is gone, and there is one end.
func TestMachineCleansUp(t *testing.T) {
	t.Parallel()
	scripts := []*experiment.Experiment{script(t, twoPhases), script(t, twoPhases+command), script(t, twoPhases+command+"repeat = true\n")}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(scripts).Draw(t, "script")
		m := experiment.NewMachine(e)
		now := time.Duration(0)
		entered, finished, running := -1, 0, false
		next := 0
		for finished == 0 {
			var events []experiment.Event
			for _, kind := range rapid.SliceOfN(rapid.IntRange(0, 6), 0, 3).Draw(t, "events") {
				events = append(events, []experiment.Event{
					attempt("/a", "busy.down"), attempt("/b", ""), attempt("/c", "busy.down"), experiment.Braked{}, experiment.Asked{"x"}, experiment.Failed{errors.New("x")}, experiment.Ready{},
				}[kind])
			}
			if running && e.Workload.Command != nil && rapid.IntRange(0, 4).Draw(t, "ends") == 0 {
				events, running = append([]experiment.Event{experiment.Ended{Status: rapid.IntRange(0, 1).Draw(t, "status")}}, events...), false
			}
			todo, wake := m.Step(now, events...)
			for _, a := range todo {
				if finished > 0 {
					t.Fatalf("%s after the end", words(a))
				}
				switch a := a.(type) {
				case experiment.Launch:
					running = true
				case experiment.Halt:
					running = false
				case experiment.Enter:
					if entered >= 0 || a.Phase != next {
						t.Fatalf("phase %d is entered in phase %d, want %d", a.Phase, entered, next)
					}
					entered, next = a.Phase, next+1
				case experiment.Leave:
					if entered != a.Phase {
						t.Fatalf("phase %d is left in phase %d", a.Phase, entered)
					}
					entered = -1
				case experiment.Finish:
					finished++
				}
			}
			if finished == 0 && (wake < now || wake > e.TimeLimit) {
				t.Fatalf("at %v it wants to be woken at %v", now, wake)
			}
			now = max(wake, now+time.Duration(rapid.IntRange(0, 4000).Draw(t, "passes"))*time.Millisecond)
		}
		if entered >= 0 || running && e.Workload.Command != nil {
			t.Fatalf("at the end phase %d is in force, running is %v", entered, running)
		}
	})
}
