package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var began = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// tried is an attempt of a client that is failed every third time.
func tried(n int) observe.Attempt {
	at := time.Duration(n) * 40 * time.Millisecond
	a := observe.Attempt{
		Sequence: uint64(n + 1), Time: began.Add(at), Received: at, Answered: at + 5*time.Millisecond, Conn: 1, ConnUse: uint64(n + 1),
		Client: fmt.Sprintf("client-%d", n%7), UserAgent: "test/1.0", Address: "127.0.0.1", Endpoint: "search", Method: "GET", Host: "music.xboxlive.com",
		Target: fmt.Sprintf("/1/content/music/search?q=%d", n%1000), BodyComplete: true, Counter: observe.NoCounter,
		Headers: "accept=af2773da;accept-encoding=af2773da;user-agent=792c8535", Status: 200, Class: groove.ClassSuccess,
		Origin: observe.OriginUpstream, End: observe.EndComplete, Forwarded: true, UpstreamStatus: 200,
	}
	if n%3 == 0 {
		a.Status, a.Class, a.Origin, a.Fault, a.Reason = 503, groove.ClassFailure, observe.OriginInjected, "storm", "storm: share 0.3, draw 0.043200"
		a.Forwarded, a.UpstreamStatus = false, 0
	}
	return a
}

var header = Header{Groovechaos: "1.2.3", Started: began, Checks: []string{"backs-off"}}

var ending = Counts{Faults: []verdict.FaultUse{{Name: "storm", Matched: 9, Fired: 3}}}

// written writes a journal of so many attempts.
func written(t testing.TB, format Format, attempts []observe.Attempt) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, format, header)
	if err != nil {
		t.Fatal(err)
	}
	for i := range attempts {
		if err := w.Attempt(&attempts[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Outcome(&observe.Outcome{Time: began, Attempt: 1, Kind: observe.OutcomeError}); err != nil {
		t.Fatal(err)
	}
	if err := w.End(ending); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func some(n int) []observe.Attempt {
	attempts := make([]observe.Attempt, n)
	for i := range attempts {
		attempts[i] = tried(i)
	}
	return attempts
}

// opened opens journals, as files and one after the other.
func opened(t testing.TB, texts ...[]byte) *Journal {
	t.Helper()
	var names []string
	for i, text := range texts {
		name := filepath.Join(t.TempDir(), fmt.Sprintf("journal-%d", i))
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return open(t, names, "")
}

func open(t testing.TB, names []string, input string) *Journal {
	t.Helper()
	j, err := Open(names, strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func all(j *Journal) []observe.Attempt {
	var attempts []observe.Attempt
	for a := range j.Attempts() {
		attempts = append(attempts, *a)
	}
	return attempts
}

func wantNoProblem(t *testing.T, j *Journal) {
	t.Helper()
	if problems, count := j.Problems(); count > 0 || j.Err() != nil || j.Losses() != (Losses{}) {
		t.Errorf("got %d problems %v, %+v, %v, want none", count, problems, j.Losses(), j.Err())
	}
}

// TestJournalsComeBackAsTheyWere reads each format twice, from a file and from a pipe.
func TestJournalsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	want := some(3000)
	for _, format := range []Format{NDJSON, Binary} {
		text := written(t, format, want)
		for from, j := range map[string]*Journal{"file": opened(t, text), "pipe": open(t, []string{"-"}, string(text))} {
			for range 2 {
				if diff := cmp.Diff(want, all(j)); diff != "" {
					t.Fatalf("%s from a %s (-want +got):\n%.2000s", format, from, diff)
				}
			}
			wantNoProblem(t, j)
			wantHeader := header
			wantHeader.Counts = ending
			if diff := cmp.Diff(wantHeader, j.Header); diff != "" || len(j.Outcomes) != 1 {
				t.Errorf("%s from a %s: %d outcomes, header (-want +got):\n%s", format, from, len(j.Outcomes), diff)
			}
		}
	}
}

func TestJournalsKeepWhateverAnAttemptHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := tried(rapid.IntRange(0, 5).Draw(t, "which"))
		for _, text := range []*string{&a.Client, &a.Target, &a.CallID, &a.RetryAfter, &a.Reason, &a.Marker} {
			*text = rapid.String().Draw(t, "text")
		}
		a.DelayedBy = rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "delays")
		for _, format := range []Format{NDJSON, Binary} {
			var out bytes.Buffer
			w, _ := NewWriter(&out, format, header)
			if err := w.Attempt(&a); err != nil {
				t.Fatal(err)
			}
			_ = w.End(Counts{})
			j, err := Open([]string{"-"}, &out)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]observe.Attempt{a}, all(j)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", format, diff)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestDamageIsNamed holds that what is sound is read and all else counted and named, by its line.
func TestDamageIsNamed(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(string(written(t, NDJSON, some(5))), "\n")
	attempt := func(edit func(*observe.Attempt)) string {
		a := tried(100)
		edit(&a)
		w := &bytes.Buffer{}
		j, _ := NewWriter(w, NDJSON, header)
		_ = j.Attempt(&a)
		_ = j.Flush()
		return strings.SplitAfter(w.String(), "\n")[1]
	}
	for name, test := range map[string]struct {
		line string
		want string
	}{
		"no JSON":             {"hello\n", "is no record"},
		"a list":              {"[1]\n", "want a struct"},
		"another kind":        {`{"kind":"gap"}` + "\n", `kind is "gap", want journal, attempt, outcome or end`},
		"an unknown field":    {`{"kind":"attempt","sequnce":1}` + "\n", `unknown field "sequnce"`},
		"another type":        {`{"kind":"attempt","sequence":"1"}` + "\n", "sequence is a JSON string, want a uint64"},
		"no sequence":         {attempt(func(a *observe.Attempt) { a.Sequence = 0 }), "sequence is 0"},
		"answered before":     {attempt(func(a *observe.Attempt) { a.Answered = a.Received - 1 }), "want one after the other"},
		"a class of its own":  {attempt(func(a *observe.Attempt) { a.Class = "\x1b[31m" }), `class is "\x1b[31m"`},
		"no origin":           {attempt(func(a *observe.Attempt) { a.Origin = "" }), "origin is"},
		"an end of its own":   {attempt(func(a *observe.Attempt) { a.End = "x" }), "end is"},
		"two on a line":       {strings.TrimSuffix(attempt(func(*observe.Attempt) {}), "\n") + attempt(func(*observe.Attempt) {}), "something follows the record"},
		"a status of 1000":    {attempt(func(a *observe.Attempt) { a.Status = 1000 }), "status is 1000"},
		"no method":           {attempt(func(a *observe.Attempt) { a.Method = "" }), "method is missing"},
		"a negative delay":    {attempt(func(a *observe.Attempt) { a.Delay = -1 }), "below its least value"},
		"10 MB in one value":  {attempt(func(a *observe.Attempt) { a.Headers = strings.Repeat("x", 10<<20) }), "is longer than"},
		"300 kB in one value": {attempt(func(a *observe.Attempt) { a.Headers = strings.Repeat("x", 300<<10) }), "bytes long, want at most"},
		"a wrong outcome":     {`{"kind":"outcome","outcome":{"kind":"success"}}` + "\n", "outcome.call_id is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			damaged := slices.Insert(slices.Clone(lines), 3, test.line)
			j := opened(t, []byte(strings.Join(damaged, "")))
			got := all(j)
			problems, count := j.Problems()
			if count != 1 || problems[0].Record != 4 || !strings.Contains(problems[0].Text, test.want) || j.Losses() != (Losses{Unreadable: 1}) {
				t.Errorf("got %v and %+v, want one problem with line 4 that says %q", problems, j.Losses(), test.want)
			}
			if diff := cmp.Diff(some(5), got); diff != "" {
				t.Errorf("sound attempts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCutAnywhere cuts journals at every seventh byte: whatever is whole before is read, and that something is missing is said.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{NDJSON, Binary} {
		text := written(t, format, some(3))
		for cut := 0; cut < len(text)-1; cut += 7 {
			j := open(t, []string{"-"}, string(text[:cut]))
			got := all(j)
			if diff := cmp.Diff(some(3)[:len(got)], append([]observe.Attempt{}, got...)); diff != "" {
				t.Fatalf("%s cut at %d (-want +got):\n%s", format, cut, diff)
			}
			if _, count := j.Problems(); count == 0 {
				t.Fatalf("%s cut at %d of %d: %d attempts are read and nothing is said", format, cut, len(text), len(got))
			}
		}
	}
}

// TestDamageAnywhere turns every third byte of a binary journal around: nothing crashes, and no more is read than there was.
func TestDamageAnywhere(t *testing.T) {
	t.Parallel()
	text := written(t, Binary, some(3))
	for at := 0; at < len(text); at += 3 {
		damaged := bytes.Clone(text)
		damaged[at] ^= 0xff
		j := open(t, []string{"-"}, string(damaged))
		if got := all(j); len(got) > 3 {
			t.Fatalf("byte %d: %d attempts are read, want 3 at most", at, len(got))
		}
	}
}

func TestDuplicatesAreCounted(t *testing.T) {
	t.Parallel()
	text := written(t, Binary, some(50))
	other := header
	other.Started = began.Add(time.Hour)
	var later bytes.Buffer
	w, _ := NewWriter(&later, NDJSON, other)
	for _, a := range some(50) {
		a.Time = a.Time.Add(time.Hour)
		_ = w.Attempt(&a)
	}
	_ = w.End(Counts{Dropped: 4})
	j := opened(t, text, text, later.Bytes())
	for range 2 {
		if got := len(all(j)); got != 100 {
			t.Errorf("got %d attempts, want the 50 of each recording", got)
		}
		if got := j.Losses(); got != (Losses{Duplicate: 50}) || j.Header.Dropped != 4 {
			t.Errorf("lost %+v, dropped %d, want 50 duplicates and 4", got, j.Header.Dropped)
		}
	}
}

// A node that was started anew within one recording numbers from 1 again, and loses nothing.
func TestANodeStartedAnewLosesNothing(t *testing.T) {
	t.Parallel()
	attempts := some(50)
	for _, a := range some(50) {
		a.Time = a.Time.Add(time.Hour)
		attempts = append(attempts, a)
	}
	for i := range attempts {
		attempts[i].Node = "west"
	}
	j := opened(t, written(t, NDJSON, attempts))
	if got := len(all(j)); got != 100 || j.Losses() != (Losses{}) {
		t.Errorf("got %d attempts and lost %+v, want all 100", got, j.Losses())
	}
}

func TestSeveralFilesAreReadByTheClock(t *testing.T) {
	t.Parallel()
	attempts := some(100)
	var odd, even []observe.Attempt
	for i, a := range attempts {
		if i%2 == 0 {
			even = append(even, a)
		} else {
			odd = append(odd, a)
		}
	}
	j := opened(t, written(t, NDJSON, odd), written(t, Binary, even))
	if diff := cmp.Diff(attempts, all(j)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOtherVersionsAreReadAsFarAsUnderstood(t *testing.T) {
	t.Parallel()
	text := string(written(t, NDJSON, some(2)))
	text = strings.Replace(text, `"version":2`, `"version":3,"mood":"fine"`, 1)
	text = strings.Replace(text, `{"kind":"attempt",`, `{"kind":"attempt","mood":"fine",`, 1)
	j := opened(t, []byte(text))
	if diff := cmp.Diff(some(2), all(j)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if problems, count := j.Problems(); count != 1 || problems[0].Record != 1 || !strings.Contains(problems[0].Text, "version is 3, want 2") {
		t.Errorf("got %v, want the version of line 1", problems)
	}
}

func TestBareAttemptsAreAJournal(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(string(written(t, NDJSON, some(3))), `"kind":"attempt",`, "")
	lines := strings.SplitAfter(text, "\n")
	j := opened(t, []byte(strings.Join(lines[1:4], "")))
	if diff := cmp.Diff(some(3), all(j)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantNoProblem(t, j)
}

func TestWhatIsMissingMakesTheJudgeCareful(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(string(written(t, NDJSON, some(60))), "\n")
	for name, test := range map[string]struct {
		text   string
		reason string
	}{
		"a hole":             {strings.Join(slices.Insert(slices.Clone(lines), 30, "?\n"), ""), "1 records of the journal could not be read"},
		"a line taken out":   {strings.Join(slices.Delete(slices.Clone(lines), 30, 31), ""), "1 records of the journal could not be read"},
		"an end that is cut": {strings.Join(lines[:40], ""), "the journal has no end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := opened(t, []byte(test.text)).Judge(Question{Ended: true})
			if err != nil || report.Result == verdict.Pass || !slices.Contains(report.Reasons, test.reason) {
				t.Errorf("got %s because of %q, %v, want %q", report.Result, report.Reasons, err, test.reason)
			}
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if j, err := Open([]string{name}, nil); err == nil {
			t.Errorf("%s is a journal %v, want an error", name, j)
		}
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	j, err := Open([]string{"-"}, bytes.NewReader(written(t, NDJSON, some(3))))
	if err != nil {
		t.Fatal(err)
	}
	left, _ := os.ReadDir(folder)
	if len(left) != 1 {
		t.Fatalf("%d temporary files, want 1", len(left))
	}
	if info, _ := left[0].Info(); info.Mode().Perm() != 0o600 {
		t.Errorf("the temporary file has the mode %v, want 0600", info.Mode())
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("%d temporary files are left, want none", len(left))
	}
}

func FuzzJournal(f *testing.F) {
	f.Add(written(f, NDJSON, some(2)))
	f.Add(written(f, Binary, some(2)))
	f.Add([]byte("{}\n\n{\"kind\":\"end\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := Open([]string{"-"}, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		first, again := all(j), all(j)
		if len(first) != len(again) {
			t.Errorf("%d attempts are read and then %d", len(first), len(again))
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}
