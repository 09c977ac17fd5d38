package backoff_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// recorded is what the test wants of one line of the recordings.
type recorded struct {
	Run        int     `json:"run"`
	Client     string  `json:"client"`
	Scenario   string  `json:"scenario"`
	Call       string  `json:"call"`
	Number     int     `json:"attempt"`
	Received   float64 `json:"received_s"`
	Answered   float64 `json:"answered_s"`
	RetryAfter string  `json:"retry_after"`
	DateIn     *int    `json:"retry_after_date_in_s"`
}

// recordedCall names a call as the truth does.
type recordedCall struct {
	run                    int
	client, scenario, call string
}

// loadCalls reads the recordings and groups them by the truth, since grouping is not what is tested here.
func loadCalls(t *testing.T) map[recordedCall]backoff.Call {
	t.Helper()
	file, err := os.Open("../observe/testdata/known-clients.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	attempts := map[recordedCall][]recorded{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		key := recordedCall{r.Run, r.Client, r.Scenario, r.Call}
		attempts[key] = append(attempts[key], r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	calls := map[recordedCall]backoff.Call{}
	for key, tries := range attempts {
		calls[key] = callOf(tries)
	}
	return calls
}

func callOf(tries []recorded) backoff.Call {
	slices.SortFunc(tries, func(a, b recorded) int { return a.Number - b.Number })
	var c backoff.Call
	for i := 1; i < len(tries); i++ {
		before := tries[i-1]
		wait := time.Duration((tries[i].Received - before.Answered) * float64(time.Second))
		c.Gaps = append(c.Gaps, backoff.Gap{Index: i, Wait: max(wait, 0), AfterRetryAfter: before.RetryAfter != "" || before.DateIn != nil})
	}
	return c
}

// pin is what must be said of a recorded client.
type pin struct {
	// runs are those that the sentence is pinned for, together: all but where it says otherwise.
	runs           []int
	sentence       string
	grows, jitters backoff.Answer
	// law is the truth, for the figures.
	law backoff.Law
}

const (
	yes, no, unknown = backoff.Yes, backoff.No, backoff.Unknown
	second           = time.Second
)

// pins are the clients of the catalogue with the laws that their source shows. In run 2 the clients on Node started together in
// processes so busy that their first waits were up to 2.6 s late, each call alike: ky with its two gaps is pinned without it.
var pins = map[string]pin{
	"cli-curl-retry5":         {nil, "exponential ×2 from 1 s, no jitter", yes, no, plain(backoff.Exponential, second, 2)},
	"cli-curl-retryall3":      {nil, "exponential ×2 from 1 s, no jitter", yes, no, plain(backoff.Exponential, second, 2)},
	"cli-wget-roh":            {nil, "linear 1 s", yes, no, plain(backoff.Linear, second, 0)},
	"go-azcore":               {nil, "0.83 s × (2^k − 1) ± 25 %", yes, yes, jittered(backoff.LessOne, backoff.Proportional, 840*time.Millisecond, 2)},
	"go-cenkalti5":            {nil, "×1.5 ± 50 % from 0.5 s", yes, yes, jittered(backoff.Exponential, backoff.Proportional, second/2, 1.5)},
	"go-failsafehttp-backoff": {nil, "×2 ± 25 % from 0.2 s", yes, yes, jittered(backoff.Exponential, backoff.Proportional, second/5, 2)},
	"go-nethttp":              {nil, "no wait of its own was seen", unknown, unknown, backoff.Law{}},
	"go-resty3-cond":          {nil, "equal jitter on 0.2 s ×2", yes, yes, jittered(backoff.Exponential, backoff.Equal, second/5, 2)},
	"go-retryablehttp":        {nil, "exponential ×2 from 1 s, no jitter", yes, no, plain(backoff.Exponential, second, 2)},
	"js-got":                  {nil, "no law to be named: two gaps cannot tell", yes, unknown, backoff.Law{}},
	"js-got-limit5":           {nil, "1 s ×2 + up to ", yes, yes, added(second, second/10)},
	"js-ky":                   {[]int{3}, "exponential ×2 from 0.3 s or linear 0.3 s: two gaps cannot tell", yes, no, plain(backoff.Exponential, 300*time.Millisecond, 2)},
	"js-superagent-retry3":    {nil, "no delay", no, no, plain(backoff.NoDelay, 0, 0)},
	"js-undici-retryagent":    {nil, "exponential ×2 from 0.5 s, no jitter", yes, no, plain(backoff.Exponential, second/2, 2)},
	"js-wretch-retry":         {nil, "linear 0.5 s", yes, no, plain(backoff.Linear, second/2, 0)},
	"py-requests-retry":       {nil, "at once, then exponential ×2 from 1 s, no jitter", yes, no, plain(backoff.Exponential, second, 2)},
}

func plain(curve backoff.Curve, base time.Duration, factor float64) backoff.Law {
	return jittered(curve, backoff.NoJitter, base, factor)
}

func jittered(curve backoff.Curve, jitter backoff.Jitter, base time.Duration, factor float64) backoff.Law {
	return backoff.Law{Family: backoff.Family{Curve: curve, Jitter: jitter}, Base: base, Factor: factor}
}

func added(base, extra time.Duration) backoff.Law {
	law := jittered(backoff.Exponential, backoff.Additive, base, 2)
	law.Extra = extra
	return law
}

func TestRecordedClients(t *testing.T) {
	t.Parallel()
	byClient := map[string][]backoff.Call{}
	for key, call := range loadCalls(t) {
		want, ok := pins[key.client]
		if !ok {
			t.Fatalf("got the client %q, want one that is pinned", key.client)
		}
		if want.runs == nil || slices.Contains(want.runs, key.run) {
			byClient[key.client] = append(byClient[key.client], call)
		}
	}
	for client, want := range pins {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			fit := backoff.Classify(byClient[client], backoff.Options{})
			// How much is added is seen through timers that are late by as much.
			if got := fit.String(); got != want.sentence && (want.law.Extra == 0 || !strings.HasPrefix(got, want.sentence)) {
				t.Errorf("got %q, want %q", got, want.sentence)
			}
			if fit.Grows != want.grows || fit.Jitters != want.jitters {
				t.Errorf("got grows %q, jitters %q, want %q, %q", fit.Grows, fit.Jitters, want.grows, want.jitters)
			}
			if fit.CapSeen {
				t.Errorf("got a cap that was seen in %v, want none: no recorded call is so long", fit.Laws)
			}
			if len(fit.Laws) > 0 {
				checkFigures(t, fit.Laws[0], want.law)
			}
		})
	}
}

// checkFigures holds a law to the truth: its base within 3 %, with jitter 5 %, what is added within 30 %, its factor exactly.
func checkFigures(t *testing.T, got, want backoff.Law) {
	t.Helper()
	if got.Family != want.Family || got.Factor != want.Factor {
		t.Errorf("got %+v, want the family and factor of %+v", got, want)
	}
	tolerance := 0.03
	if want.Jitter != backoff.NoJitter {
		tolerance = 0.05
	}
	if off := got.Base.Seconds() - want.Base.Seconds(); max(off, -off) > tolerance*want.Base.Seconds() {
		t.Errorf("got a base of %v, want %v within %v %%", got.Base, want.Base, 100*tolerance)
	}
	if off := got.Extra - want.Extra; max(off, -off) > want.Extra*3/10 {
		t.Errorf("got up to %v added, want %v within 30 %%", got.Extra, want.Extra)
	}
}

// TestRecordedRunsAreNeverMisnamed classifies each run by itself, the swamped one included: what is named is the truth or leaves it open.
func TestRecordedRunsAreNeverMisnamed(t *testing.T) {
	t.Parallel()
	type run struct {
		client string
		number int
	}
	byRun := map[run][]backoff.Call{}
	for key, call := range loadCalls(t) {
		byRun[run{key.client, key.run}] = append(byRun[run{key.client, key.run}], call)
	}
	for r, calls := range byRun {
		fit := backoff.Classify(calls, backoff.Options{})
		truth := pins[r.client].law
		if r.client == "js-got" {
			truth = pins["js-got-limit5"].law
		}
		if len(fit.Laws) > 0 && !slices.ContainsFunc(fit.Laws, func(l backoff.Law) bool { return l.Family == truth.Family }) {
			t.Errorf("%s in run %d: got %v, want %v or nothing", r.client, r.number, fit, truth.Family)
		}
	}
}
