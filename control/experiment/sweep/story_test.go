package sweep

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// struckBy is the full name of the fault of every case here.
const struckBy = "sweep." + FaultName

// targets are what the words of a story ask for.
var targets = map[string]struct{ endpoint, method, target, body string }{
	"search": {groove.Search, "GET", "/1/content/music/search?q=a", ""},
	"other":  {groove.Search, "GET", "/1/content/music/search?q=b", ""},
	"third":  {groove.Search, "GET", "/1/content/music/search?q=c", ""},
	"fourth": {groove.Search, "GET", "/1/content/music/search?q=d", ""},
	"fifth":  {groove.Search, "GET", "/1/content/music/search?q=e", ""},
	"lookup": {groove.Lookup, "GET", "/1/content/music.1/lookup", ""},
	"add":    {groove.CollectionAdd, "POST", "/1/content/music/collection/add", "d1"},
	"change": {groove.CollectionAdd, "POST", "/1/content/music/collection/add", "d2"},
	"browse": {groove.CollectionBrowse, "GET", "/1/content/music/collection/tracks/browse", ""},
	"genres": {groove.Genres, "GET", "/1/content/music/catalog/genres", ""},
	"token":  {groove.Token, "POST", "/accesstoken.srf", "d"},
	"away":   {"", "GET", "/elsewhere", ""},
}

// sequence numbers attempts over all stories, as a proxy does over all runs.
type sequence struct{ n uint64 }

// ran is a run with the attempts of a story: words such as "search=200" in the order of their arrival. A star says that the fault
// struck, "reset" and "cut" stand for a broken and for a truncated answer, "+1s" for a wait.
func (s *sequence) ran(t *testing.T, exit int, story string) Ran {
	t.Helper()
	r := Ran{Exit: exit, Took: time.Second}
	if exit != 0 {
		r.ExitText, r.Tail = fmt.Sprintf("exit status %d", exit), "not ok"
	}
	at := time.Duration(s.n) * time.Minute
	for word := range strings.FieldsSeq(story) {
		if wait, ok := strings.CutPrefix(word, "+"); ok {
			d, err := time.ParseDuration(wait)
			if err != nil {
				t.Fatal(err)
			}
			at += d
			continue
		}
		word, struck := strings.CutSuffix(word, "*")
		name, answer, _ := strings.Cut(word, "=")
		s.n++
		a := attemptOf(t, name, answer)
		a.Sequence, a.Received, a.Answered = s.n, at, at+5*time.Millisecond
		a.Time = time.Unix(0, 0).Add(at)
		if struck {
			r.Fired++
			strike(&a)
		}
		r.Attempts = append(r.Attempts, a)
		at += 200 * time.Millisecond
	}
	return r
}

func attemptOf(t *testing.T, name, answer string) observe.Attempt {
	t.Helper()
	to, ok := targets[name]
	if !ok {
		t.Fatalf("no target %q", name)
	}
	a := observe.Attempt{
		Client: "c", Credential: "k", Method: to.method, Endpoint: to.endpoint, Target: to.target, BodyDigest: to.body, BodyComplete: true,
		Counter: observe.NoCounter, Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete, Forwarded: true, UpstreamStatus: 200,
	}
	switch answer {
	case "reset":
		a.Status, a.Class, a.End, a.Break, a.BreakAt, a.UpstreamStatus, a.Forwarded = 0, groove.ClassFailure, observe.EndBroken, "reset", "before", 0, false
	case "lost":
		a.Status, a.Class, a.End, a.Break, a.BreakAt = 0, groove.ClassFailure, observe.EndBroken, "reset", "after"
	case "cut":
		a.End = observe.EndBroken
	case "slow":
		a.SpoiledBy = []string{struckBy}
	case "soft":
		a.Class, a.ErrorCode = groove.ClassSoftError, groove.CodeCatalogInvalidData
	default:
		status, err := strconv.Atoi(answer)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status = status; status >= 400 {
			a.Class, a.UpstreamStatus = groove.ClassFailure, 0
		}
	}
	return a
}

// strike gives the fault its part in an attempt.
func strike(a *observe.Attempt) {
	switch {
	case len(a.SpoiledBy) > 0:
	case a.Class == groove.ClassSuccess && a.End == observe.EndComplete:
		a.DelayedBy, a.Delay = []string{struckBy}, time.Second
	case a.Class != groove.ClassFailure:
		a.SpoiledBy = []string{struckBy}
	default:
		a.Fault, a.Origin, a.Forwarded = struckBy, observe.OriginInjected, a.UpstreamStatus > 0
	}
}

// habits are those of a workload that tells the same story twice.
func habits(t *testing.T, story string) *Habits {
	t.Helper()
	var s sequence
	return Learn([]Ran{s.ran(t, 0, story), s.ran(t, 0, story)})
}

// caseOf makes a case by its name.
func caseOf(t *testing.T, id string) Case {
	t.Helper()
	parts := strings.Split(id, "/")
	e, ok := groove.EndpointByName(parts[0])
	if !ok {
		t.Fatalf("no endpoint %q", parts[0])
	}
	for _, f := range FaultsOf(e, false) {
		if f.Name == parts[1] {
			return Case{Endpoint: e.Name, Fault: f, Mode: Mode(parts[2])}
		}
	}
	t.Fatalf("no fault %q", parts[1])
	return Case{}
}
