package verdict

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// recorded is one line of the recordings: real attempts of known clients at a scripted server.
type recorded struct {
	Run        int               `json:"run"`
	Client     string            `json:"client"`
	Scenario   string            `json:"scenario"`
	Call       string            `json:"call"`
	Method     string            `json:"method"`
	Headers    map[string]string `json:"headers"`
	Conn       string            `json:"conn"`
	Received   float64           `json:"received_s"`
	Answered   float64           `json:"answered_s"`
	Status     int               `json:"status"`
	RetryAfter string            `json:"retry_after"`
	DateIn     *int              `json:"retry_after_date_in_s"`
	BodyLength int64             `json:"body_len"`
	BodyDigest string            `json:"body_sha256_8"`
}

// loadRecordings reads the recordings as one journal. The runs follow each other an hour apart. Of the truth the
// journal keeps only that each call has a target of its own.
func loadRecordings(t testing.TB) []observe.Attempt {
	t.Helper()
	file, err := os.Open("../observe/testdata/known-clients.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var attempts []observe.Attempt
	targets := map[string]int{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("line %d: %v", len(attempts)+1, err)
		}
		truth := fmt.Sprint(r.Run, r.Client, r.Scenario, r.Call)
		if targets[truth] == 0 {
			targets[truth] = len(targets) + 1
		}
		attempts = append(attempts, r.attempt(uint64(len(attempts)+1), fmt.Sprintf("/t/%d", targets[truth])))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return attempts
}

func (r recorded) attempt(sequence uint64, target string) observe.Attempt {
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Duration {
		return time.Duration(r.Run)*time.Hour + time.Duration(seconds*float64(time.Second))
	}
	conn, _ := strconv.ParseUint(r.Conn, 10, 64)
	a := observe.Attempt{
		Sequence: sequence, Time: start.Add(at(r.Received)), Received: at(r.Received), Answered: at(r.Answered),
		Conn: conn, Client: r.Client, UserAgent: r.Headers["User-Agent"], Method: r.Method, Target: target,
		BodyLength: r.BodyLength, BodyComplete: true, Counter: observe.NoCounter,
		Status: r.Status, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete, RetryAfter: r.RetryAfter,
	}
	if r.BodyLength > 0 {
		a.BodyDigest = r.BodyDigest
	}
	if r.Method == "POST" {
		a.Endpoint = groove.CollectionAdd
	}
	if r.Status >= 400 {
		a.Class, a.Origin = groove.ClassFailure, observe.OriginInjected
	}
	if r.DateIn != nil {
		date := start.Add(at(r.Answered)).Add(time.Duration(*r.DateIn) * time.Second)
		a.RetryAfter = date.Truncate(time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT")
	}
	return a
}

// The result of every check on every client of the table at the end of the catalogue, "503" and the like standing for transient-retried of that
// status. A check that is not named is inconclusive: the recordings hold too little for it.
//
// Each client that repeats writes did so after a 500 once, which is a warning: a second caller could have. Those that
// keep a schedule of their own in spite of Retry-After come back when it is over as well, as if another caller had been asked. Those without jitter are
// found out by keeping just the waits that they keep elsewhere (wget, wretch). Not so cenkalti, whose waits differ each time, and failsafe, whose early second
// attempt is followed by a third: what they sent could be dealt out among two or three callers of whom each came when it was told to.
var pinned = map[string]map[string]Result{
	"go-nethttp": {
		"503": Fail, "final-not-retried": Pass, "write-not-repeated": Pass, "attempts-capped": Pass,
		"retry-after-long": Pass,
	},
	"go-retryablehttp": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass,
		"retry-after-honoured": Pass, "retry-after-not-early": Pass, "attempts-capped": Pass, "body-kept": Pass,
		"grows": Pass, "jitters": Warn, "delay-capped": Pass, "retry-after-zero": Warn, "retry-after-long": Pass, "time-capped": Pass,
	},
	"go-cenkalti5": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass,
		"attempts-capped": Pass, "amplification": Fail, "body-kept": Pass,
		"grows": Pass, "jitters": Pass, "delay-capped": Pass, "delay-state": Info,
		"retry-after-zero": Pass, "time-capped": Pass, "retry-budget": Info,
	},
	"go-resty3-cond": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Pass, "backs-off": Pass,
		"retry-after-not-early": Pass, "attempts-capped": Pass, "amplification": Warn,
		"grows": Pass, "jitters": Pass, "delay-capped": Pass, "delay-state": Info,
		"retry-after-zero": Warn, "retry-after-long": Pass, "time-capped": Pass, "retry-budget": Info,
	},
	"go-failsafehttp-backoff": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass,
		"attempts-capped": Pass, "amplification": Warn, "body-kept": Pass,
		"grows": Pass, "jitters": Pass, "delay-capped": Pass, "delay-state": Info,
		"retry-after-long": Pass, "time-capped": Pass, "retry-budget": Info,
	},
	"go-azcore": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass,
		"retry-after-not-early": Pass, "attempts-capped": Pass, "amplification": Warn, "body-kept": Pass,
		"grows": Pass, "jitters": Pass, "delay-capped": Pass, "delay-state": Info,
		"retry-after-zero": Pass, "retry-after-long": Pass, "time-capped": Pass, "retry-budget": Info,
	},
	"cli-curl-retry5": {
		"no-overlap": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass,
		"retry-after-not-early": Pass, "attempts-capped": Pass, "body-kept": Pass,
		"grows": Pass, "jitters": Warn, "delay-capped": Pass, "retry-after-zero": Pass, "time-capped": Pass,
	},
	// It repeated a 400 and a 404, just as it backs off elsewhere.
	"cli-curl-retryall3": {
		"no-overlap": Pass, "final-not-retried": Fail, "backs-off": Pass, "attempts-capped": Pass,
		"grows": Pass, "delay-capped": Pass, "retry-after-zero": Pass, "time-capped": Pass,
	},
	"cli-wget-roh": {
		"no-overlap": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass,
		"attempts-capped": Pass, "body-kept": Pass,
		"retry-after-honoured": Fail, "grows": Pass, "jitters": Warn, "delay-capped": Pass, "retry-after-zero": Pass, "time-capped": Pass,
	},
	"py-requests-retry": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Pass, "backs-off": Pass,
		"retry-after-not-early": Pass, "attempts-capped": Pass,
		"grows": Pass, "jitters": Warn, "delay-capped": Pass, "retry-after-zero": Pass, "retry-after-long": Pass, "time-capped": Pass,
	},
	"js-got": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Pass, "backs-off": Pass, "attempts-capped": Pass, "amplification": Pass,
		"grows": Pass, "delay-capped": Pass, "retry-after-long": Pass, "time-capped": Pass,
	},
	// Configured to 5 retries, of POST too.
	"js-got-limit5": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Warn, "backs-off": Pass, "attempts-capped": Pass,
		"amplification": Warn, "body-kept": Pass,
		"grows": Pass, "jitters": Pass, "delay-capped": Pass, "delay-state": Info,
		"retry-after-long": Pass, "time-capped": Pass, "retry-budget": Info,
	},
	"js-ky": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Pass, "backs-off": Pass,
		"retry-after-honoured": Pass, "attempts-capped": Pass, "amplification": Pass,
		"grows": Pass, "delay-capped": Pass, "retry-after-long": Pass, "time-capped": Pass,
	},
	"js-undici-retryagent": {
		"no-overlap": Pass, "503": Pass, "final-not-retried": Pass, "write-not-repeated": Pass, "backs-off": Pass, "attempts-capped": Pass, "amplification": Warn,
		"grows": Pass, "jitters": Warn, "delay-capped": Pass, "retry-after-zero": Pass, "retry-after-long": Pass, "time-capped": Pass,
	},
	// Its calls ran side by side in a busy process: they came again in their order, and only four at once, two of them in spite of a Retry-After.
	"js-superagent-retry3": {
		"no-overlap": Pass, "final-not-retried": Pass, "write-not-repeated": Warn,
		"retry-after-honoured": Fail, "attempts-capped": Pass, "amplification": Warn, "body-kept": Pass,
		"backs-off": Fail, "grows": Info, "jitters": Info, "time-capped": Pass,
	},
	"js-wretch-retry": {
		"no-overlap": Pass, "final-not-retried": Fail, "write-not-repeated": Warn, "backs-off": Pass,
		"attempts-capped": Fail, "body-kept": Pass,
		"retry-after-honoured": Fail, "grows": Pass, "delay-capped": Pass, "retry-after-zero": Pass, "time-capped": Pass,
	},
}

// pinnedLaws are how the clients wait, as their source has it, in the words of the judge. Two gaps are too few to tell ×2 from linear, and
// whether 100 ms of jitter are lateness.
var pinnedLaws = map[string]string{
	"cli-curl-retry5":         "exponential ×2 from 1 s, no jitter; gives up after 6 attempts; honours Retry-After",
	"cli-curl-retryall3":      "exponential ×2 from 1 s, no jitter; gives up after 4 attempts",
	"cli-wget-roh":            "linear 1 s; gives up after 4 attempts; ignores Retry-After",
	"go-azcore":               "0.83 s × (2^k − 1) ± 25 %; gives up after 4 attempts; honours Retry-After",
	"go-cenkalti5":            "×1.5 ± 50 % from 0.49 s; gives up after 6 attempts",
	"go-failsafehttp-backoff": "×2 ± 25 % from 0.2 s; gives up after 5 attempts",
	"go-resty3-cond":          "equal jitter on 0.2 s ×2; gives up after 5 attempts; honours Retry-After",
	"go-retryablehttp":        "exponential ×2 from 1 s, no jitter; gives up after 5 attempts; honours Retry-After",
	"js-got":                  "no law to be named: two gaps cannot tell; gives up after 3 attempts",
	"js-got-limit5":           "1 s ×2 + up to 120 ms; gives up after 5 attempts",
	"js-ky":                   "exponential ×2 from 0.3 s or linear 0.3 s: two gaps cannot tell; gives up after 3 attempts; honours Retry-After",
	"js-superagent-retry3":    "no delay; gives up after 4 attempts; ignores Retry-After",
	"js-undici-retryagent":    "exponential ×2 from 0.5 s, no jitter; gives up after 6 attempts",
	"js-wretch-retry":         "linear 0.5 s; gives up after 11 attempts; ignores Retry-After",
	"py-requests-retry":       "at once, then exponential ×2 from 1 s, no jitter; gives up after 5 attempts; honours Retry-After",
}

func TestJudgeKnownClients(t *testing.T) {
	t.Parallel()
	report := Judge(Journal{Attempts: Of(loadRecordings(t)), Ended: true}, Options{})
	if len(report.Clients) != len(pinned) {
		t.Fatalf("judged %d clients, want %d", len(report.Clients), len(pinned))
	}
	for _, v := range report.Clients {
		t.Run(v.Client, func(t *testing.T) {
			t.Parallel()
			law := ""
			for _, l := range v.Laws {
				law += l.Sentence
			}
			if want := pinnedLaws[v.Client]; law != want {
				t.Errorf("the law is %q, want %q alone", law, want)
			}
			for _, f := range v.Findings {
				key := f.Check
				if f.Check == "transient-retried" {
					key = strconv.Itoa(f.Status)
				}
				want := cmp.Or(pinned[v.Client][key], Inconclusive)
				if f.Result != want {
					t.Errorf("%s (%d) is %s, want %s: %s (%s)", f.Check, f.Status, f.Result, want, f.Summary, f.Missing)
				}
				wellFormed(t, f, "")
			}
		})
	}
}
