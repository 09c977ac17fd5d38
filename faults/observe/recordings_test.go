package observe

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// recorded is one line of testdata/known-clients.jsonl. Client, Scenario, Call and Number are the truth.
type recorded struct {
	Run        int               `json:"run"`
	Client     string            `json:"client"`
	Scenario   string            `json:"scenario"`
	Call       string            `json:"call"`
	Number     int               `json:"attempt"`
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

// truth names the call that an attempt really belongs to.
type truth struct{ client, scenario, call string }

// run is one run of the recordings: what Group sees, and by sequence number what is true.
type run struct {
	attempts []Attempt
	truths   map[uint64]truth
}

// loadRuns reads the recordings. Target says what target the attempts of a call had, which is not recorded.
func loadRuns(t testing.TB, target func(truth) string) []run {
	t.Helper()
	file, err := os.Open("testdata/known-clients.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	runs := map[int]*run{}
	lines := bufio.NewScanner(file)
	for sequence := uint64(1); lines.Scan(); sequence++ {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("line %d: %v", sequence, err)
		}
		if runs[r.Run] == nil {
			runs[r.Run] = &run{truths: map[uint64]truth{}}
		}
		tr := truth{r.Client, r.Scenario, r.Call}
		runs[r.Run].truths[sequence] = tr
		runs[r.Run].attempts = append(runs[r.Run].attempts, r.attempt(t, sequence, target(tr)))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var ordered []run
	for _, number := range slices.Sorted(maps.Keys(runs)) {
		ordered = append(ordered, *runs[number])
	}
	return ordered
}

func (r recorded) attempt(t testing.TB, sequence uint64, target string) Attempt {
	t.Helper()
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	conn, err := strconv.ParseUint(r.Conn, 10, 64)
	if err != nil {
		t.Fatalf("line %d: %v", sequence, err)
	}
	header := fields(r.Headers)
	a := Attempt{
		Sequence: sequence, Conn: conn, ConnUse: 1,
		Time: start.Add(seconds(r.Received)), Received: seconds(r.Received), Answered: seconds(r.Answered),
		Client: r.Client, UserAgent: r.Headers["User-Agent"], Method: r.Method, Target: target,
		BodyLength: r.BodyLength, BodyComplete: true, Status: r.Status, Class: groove.ClassSuccess,
		Origin: OriginInjected, End: EndComplete, RetryAfter: r.RetryAfter,
		IdempotencyKey: IdempotencyKey(header), RequestID: RequestID(header),
	}
	a.CallID, a.CallIDHeader, a.Counter = ExplicitCall(header)
	if r.BodyLength > 0 {
		a.BodyDigest = r.BodyDigest
	}
	if r.Status >= 400 {
		a.Class = groove.ClassFailure
	}
	if r.DateIn != nil {
		date := start.Add(seconds(r.Answered) + time.Duration(*r.DateIn)*time.Second)
		a.RetryAfter = date.Format(http.TimeFormat)
	}
	return a
}

// fields is a request's header section, with names as given.
type fields map[string]string

func (f fields) Value(name string) (string, bool) {
	for key, value := range f {
		if http.CanonicalHeaderKey(key) == http.CanonicalHeaderKey(name) {
			return value, true
		}
	}
	return "", false
}

// score says how the groups of all runs compare with the truth.
type score struct {
	// right, doubted and wrong count calls: as they were, ambiguous, and neither.
	right, doubted, wrong int
	// attempts counts those in calls.
	attempts int
}

// compare groups the runs and holds the calls against the truth. That every attempt is in one call it checks itself.
func compare(t *testing.T, runs []run) score {
	t.Helper()
	var s score
	for _, r := range runs {
		seen := map[uint64]bool{}
		for _, call := range Group(r.attempts, true) {
			for _, a := range call.Attempts {
				seen[a.Sequence] = true
			}
			s.attempts += len(call.Attempts)
			switch {
			case call.Grouping == GroupingAmbiguous:
				s.doubted++
			case r.holds(call):
				s.right++
			default:
				s.wrong++
			}
		}
		if len(seen) != len(r.attempts) {
			t.Errorf("got %d attempts in calls, want %d", len(seen), len(r.attempts))
		}
	}
	return s
}

// holds reports whether call is all attempts of one true call and no other.
func (r run) holds(call Call) bool {
	tr := r.truths[call.Attempts[0].Sequence]
	size := 0
	for _, other := range r.truths {
		if other == tr {
			size++
		}
	}
	other := func(a *Attempt) bool { return r.truths[a.Sequence] != tr }
	return size == len(call.Attempts) && !slices.ContainsFunc(call.Attempts, other)
}

func TestGroupRecordedCallsOnTheirOwnTargets(t *testing.T) {
	t.Parallel()
	runs := loadRuns(t, func(tr truth) string { return "/" + tr.scenario + "/" + tr.call })
	want := score{right: 530, attempts: 2120}
	if got := compare(t, runs); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestGroupRecordedCallsOnSharedTargets(t *testing.T) {
	t.Parallel()
	runs := loadRuns(t, func(tr truth) string { return "/" + tr.scenario })
	got := compare(t, runs)
	if got.wrong > 0 || got.attempts != 2120 {
		t.Errorf("got %+v, want no wrong call that is not in doubt and 2120 attempts", got)
	}
	t.Logf("%+v", got)
	// Five clients made 30 calls each at a time.
	if got.right < 530-5*30 {
		t.Errorf("got %+v, want the calls that were alone on their target right", got)
	}
}

// Two calls that cross on one target, of a client that was never seen to succeed, are the limit of what shapes can tell: the
// doubt must still catch nearly all of them.
func TestGroupRecordedCallsThatCross(t *testing.T) {
	t.Parallel()
	runs := loadRuns(t, func(tr truth) string {
		number, err := strconv.Atoi(tr.call)
		if err != nil {
			return "/" + tr.scenario // The only call of its scenario: it has no number.
		}
		return "/" + tr.scenario + "/" + strconv.Itoa(number%15)
	})
	got := compare(t, runs)
	t.Logf("%+v", got)
	if got.attempts != 2120 || 10*got.wrong > got.doubted {
		t.Errorf("got %+v, want 2120 attempts and at most one wrong call for ten in doubt", got)
	}
}
