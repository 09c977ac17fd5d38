package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestSubjectLeavesOutWhatIsNoRepeat(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		second try
		first  try
		want   int
	}{
		"after a failure":                 {try{after: ms, status: 200}, try{status: 503}, 1},
		"after a lost answer":             {try{after: ms, status: 200}, try{end: observe.EndBroken}, 1},
		"before the answer, as a hedge":   {try{after: -ms / 2, status: 200}, try{status: 503}, 0},
		"after a success":                 {try{after: ms, status: 200}, try{status: 200}, 0},
		"after a failure of our own":      {try{after: ms, status: 200}, try{status: 502, origin: observe.OriginOurs}, 0},
		"by the HTTP stack of the client": {try{after: ms, status: 200, stack: true}, try{end: observe.EndBroken}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTape(0).add(op{grouping: observe.GroupingExplicit, tries: []try{tt.first, tt.second}})
			if got := len(newSubjects(p.calls)[0].calls[0].repeats); got != tt.want {
				t.Errorf("repeats are %d, want %d", got, tt.want)
			}
		})
	}
}

func TestSubjectKnowsTheFirst429(t *testing.T) {
	t.Parallel()
	limited := op{tries: fails(429)}
	p := newTape(1)
	if got := newSubjects(p.calls)[0].throttled; got != -1 {
		t.Errorf("throttled at %v without a 429, want -1", got)
	}
	p.add(limited.as(observe.GroupingAmbiguous)).add(limited).add(limited)
	if got, want := newSubjects(p.calls)[0].throttled, p.calls[2].Attempts[0].Answered; got != want {
		t.Errorf("throttled at %v, want %v", got, want)
	}
}

func TestSubjectsPassOverEmptyCalls(t *testing.T) {
	t.Parallel()
	if got := newSubjects([]observe.Call{{Client: "nobody"}}); len(got) != 0 {
		t.Errorf("made %d subjects of a call without attempts, want none", len(got))
	}
}

func TestLateRuntime(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]bool{
		"node": true, "got (https://github.com/sindresorhus/got)": true, "axios/1.7.2": true, "undici": true,
		"node-superagent/9.0.2": true, "python-requests/2.28.1": true, "Python-urllib/3.11": true, "python-httpx/0.27": true,
		"Go-http-client/1.1": false, "curl/7.88.1": false, "Wget/1.21.3": false, "": false,
	} {
		if got := lateRuntime(agent); got != want {
			t.Errorf("late runtime of %q is %v, want %v", agent, got, want)
		}
	}
}
