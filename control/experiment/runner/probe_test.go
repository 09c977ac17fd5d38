package runner

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestView(t *testing.T) {
	t.Parallel()
	json := func(status int, body string) reply {
		return reply{status: status, body: []byte(body), header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, took: time.Second}
	}
	told := experiment.Told{
		Error: "$.error", Code: "$.error.code", Category: "$.error.kind", Items: "$.items[*]", Partial: "$.incomplete",
		ErrorText: "went wrong", EmptyText: "nothing here", PartialText: "may be missing",
	}
	tests := map[string]struct {
		got   reply
		want  experiment.Want
		wrong []string
		kind  observe.OutcomeKind
		code  string
	}{
		"a result":                   {json(200, `{"items":[1]}`), experiment.Want{JSON: map[string]string{"$.items[0]": "1"}}, nil, observe.OutcomeSuccess, ""},
		"no items":                   {json(200, `{"items":[]}`), experiment.Want{JSON: map[string]string{"$.items[0]": "*"}}, []string{`$.items[0] is not there, want "*"`}, observe.OutcomeEmpty, ""},
		"a part":                     {json(200, `{"items":[1],"incomplete":true}`), experiment.Want{}, nil, observe.OutcomePartial, ""},
		"not a part":                 {json(200, `{"items":[1],"incomplete":false,"error":null}`), experiment.Want{}, nil, observe.OutcomeSuccess, ""},
		"an error behind a 200":      {json(200, `{"error":{"code":"CATALOG_UNAVAILABLE","kind":"catalog"}}`), experiment.Want{}, nil, observe.OutcomeError, "CATALOG_UNAVAILABLE/catalog"},
		"an error in words":          {json(200, `Something went wrong`), experiment.Want{Contains: []string{"sorry"}}, []string{`body lacks "sorry"`}, observe.OutcomeError, ""},
		"nothing in words":           {json(200, `nothing here`), experiment.Want{}, nil, observe.OutcomeEmpty, ""},
		"a part in words":            {json(200, `some may be missing`), experiment.Want{Lacks: []string{"missing"}}, []string{`body has "missing"`}, observe.OutcomePartial, ""},
		"a bad status":               {json(502, `{}`), experiment.Want{}, []string{"status is 502, want below 400"}, observe.OutcomeError, ""},
		"a bad status that is right": {json(503, `{}`), experiment.Want{Status: []int{200, 503}}, nil, observe.OutcomeError, ""},
		"a status that is not":       {json(204, ``), experiment.Want{Status: []int{200, 503}}, []string{"status is 204, want 200 or 503"}, observe.OutcomeSuccess, ""},
		"too late":                   {json(200, `{"items":[1]}`), experiment.Want{Within: 500 * time.Millisecond}, []string{"took 1s, want at most 500ms"}, observe.OutcomeSuccess, ""},
		"another value":              {json(200, `{"items":["x"]}`), experiment.Want{JSON: map[string]string{"$.items[*]": "y*"}}, []string{`$.items[*] is "x", want "y*"`}, observe.OutcomeSuccess, ""},
		"no JSON":                    {json(200, `<html>`), experiment.Want{JSON: map[string]string{"$.a": "*"}}, []string{`body is no JSON, want $.a to be "*"`}, observe.OutcomeSuccess, ""},
		"a header":                   {json(200, `{"items":[1]}`), experiment.Want{Headers: map[string]string{"content-type": "application/json*"}}, nil, observe.OutcomeSuccess, ""},
		"another header":             {json(200, `{"items":[1]}`), experiment.Want{Headers: map[string]string{"x-cache": "*"}}, []string{`header x-cache is "", want "*"`}, observe.OutcomeSuccess, ""},
		"no answer":                  {reply{err: fmt.Errorf("no whole answer within 1s"), took: time.Second}, experiment.Want{}, []string{"no whole answer within 1s"}, observe.OutcomeError, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newView(&test.got)
			if diff := cmp.Diff(test.wrong, v.wrong(&test.want)); diff != "" {
				t.Errorf("what is wrong (-want +got):\n%s", diff)
			}
			o := v.outcome(&told)
			code := strings.Trim(o.Code+"/"+o.Category, "/")
			if o.Kind != test.kind || code != test.code {
				t.Errorf("the user was told of %s %s, want %s %s", o.Kind, code, test.kind, test.code)
			}
			o.Trace = strings.Repeat("a", 32)
			if problems := o.Validate(); len(problems) > 0 {
				t.Errorf("the outcome is refused: %v", problems)
			}
		})
	}
}

// A service that swallows errors is found out by its probe, whether or not it passes traceparent on.
func TestProbesTellTheJudge(t *testing.T) {
	t.Parallel()
	for name, passes := range map[string]bool{"by the trace": true, "by the request": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace()
			begun := time.Now()
			var calls atomic.Int64
			url := door(t, func(w http.ResponseWriter, r *http.Request) {
				a := failed("/1/content/music/search?q=x")
				a.Received, a.Answered = time.Since(begun), time.Since(begun)
				number := calls.Add(1)
				a.Sequence = uint64(number)
				if !passes { // Else nothing but the trace tells the calls apart.
					a.CallID, a.CallIDHeader = strconv.Itoa(int(number)), observe.CallHeader
				}
				if passes {
					a.Trace = strings.Split(r.Header.Get("Traceparent"), "-")[1]
				}
				p.attempts.Record(a)
				_, _ = w.Write([]byte(`{"items":[]}`))
			})
			e := parse(t, "[[phases]]\nname = \"a\"\nduration = \"1m\"\n[[phases.faults]]\nname = \"down\"\nanswer.status = 503\n"+
				"[[probes]]\nname = \"front\"\nurl = \""+url+"/\"\nevery = \"50ms\"\nupstream = \"GET /1/content/music/search?q=x\"\n"+
				"[probes.told]\nitems = \"$.items[*]\"\n[[expect.probes]]\nprobe = \"front\"\n[[expect.findings]]\ncheck = \"error-surfaced\"\n")
			e.Phases[0].Rounds = 4 // However long they take.
			r := newRun(t, Options{Site: p.Site, Experiment: e})
			r.Do(t.Context())
			outcomes, _ := r.o.Outcomes.All()
			if len(outcomes) != 4 {
				t.Fatalf("%d outcomes, want 4", len(outcomes))
			}
			for _, o := range outcomes {
				if o.Kind != observe.OutcomeEmpty || (o.Trace != "") != passes || (o.Target != "") == passes || o.Took <= 0 {
					t.Errorf("got %+v, want an empty result tied %s", o, name)
				}
			}
			c := r.Judge()
			if len(c.Met) != 2 || c.Met[0].Result != verdict.Fail || !strings.Contains(c.Met[0].Figure, "it is fail: ") {
				t.Errorf("met: %+v, want error-surfaced to fail", c.Met)
			}
			if c.Met[1].Result != verdict.Pass || c.Result != verdict.Fail {
				t.Errorf("met: %+v, result %s; want the probe to be right and the run to fail", c.Met[1], c.Result)
			}
		})
	}
}

// Only the traces of probes are kept, and those only until what they are about is known.
func TestTracesOfOthersAreNotKept(t *testing.T) {
	t.Parallel()
	f := newFront(parse(t, "[[phases]]\nname = \"a\"\nduration = \"1s\"\n[[probes]]\nname = \"front\"\nurl = \"http://127.0.0.1:1/\"\n"), nil)
	for range 100 {
		trace, _ := f.newTrace() // As of the load.
		f.saw(trace)
		f.saw("0123456789abcdef0123456789abcdef")
	}
	sent, _ := f.newTrace()
	f.await(sent)
	f.saw(sent)
	f.keepAnswer(experiment.Answer{}, observe.Outcome{Trace: sent, Kind: observe.OutcomeError}, "GET /a")
	lost, _ := f.newTrace() // It is not passed on.
	f.await(lost)
	f.keepAnswer(experiment.Answer{}, observe.Outcome{Trace: lost, Kind: observe.OutcomeError}, "GET /a")
	if ripe := f.ripe(time.Now(), true); len(ripe) != 2 || ripe[0].Trace != sent || ripe[1].Trace != "" {
		t.Errorf("got %+v, want one outcome tied by its trace and one by its target", ripe)
	}
	if len(f.traces) != 0 {
		t.Errorf("%d traces are kept, want none", len(f.traces))
	}
}

// failed is an attempt that a fault answered.
func failed(target string) *observe.Attempt {
	return &observe.Attempt{
		Time: time.Now(), Client: "c", Method: "GET", Target: target, Counter: observe.NoCounter, BodyComplete: true, Status: 503,
		Class: "failure", Origin: observe.OriginInjected, End: observe.EndComplete, Fault: "a.down",
	}
}
