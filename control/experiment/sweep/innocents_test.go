package sweep

import (
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Callers that do nothing wrong, and some that do what nobody can tell: none of them fails, and none passes for what was not seen.
func TestInnocents(t *testing.T) {
	t.Parallel()
	const (
		lazy = "token=200 search=200 other=200 lookup=200 genres=200 browse=200"
		each = "token=503* +-194ms "
	)
	tests := map[string]struct {
		id, peace, story string
		exit             int
		want             verdict.Result
		summary          string
	}{
		"each operation asks for the token that none got": {
			"token/503/always", lazy, strings.Repeat(each, 5), 1, verdict.Inconclusive, "cannot be told",
		},
		"each asks again for what is refused": {
			"token/400/always", lazy, strings.Repeat("token=400* +-194ms ", 5), 1, verdict.Inconclusive, "",
		},
		"each writes anew what is created only once": {
			"collection.add/500/always", "add=200 search=200 other=200", "add=500* +0s add=500*", 1, verdict.Warn, "may have been two",
		},
		"each asks, now and then": {
			"token/503/always", lazy, strings.Repeat("token=503* +300ms ", 5), 1, verdict.Inconclusive, "cannot be told",
		},
		"one stopped, the next got it": {
			"genres/503/once", "genres=200 search=200 other=200", "genres=503* genres=200 other=200", 0, verdict.Inconclusive, "cannot be told",
		},
		"several share what is kept on success, and send nothing else": {
			"genres/400/always", "genres=200 search=200", "genres=400* +-194ms genres=400* +-194ms genres=400* +-194ms genres=400* search=200", 1, verdict.Warn, "run again at once",
		},
		"several share it, and there is nothing else": {
			"genres/400/always", "genres=200", strings.Repeat("genres=400* +-194ms ", 5), 1, verdict.Warn, "run again at once",
		},
		"two waits rise by chance": {
			"search/400/always", peace, "search=400* +1s search=400* +2s search=400* lookup=200 add=200", 1, verdict.Inconclusive, "",
		},
		"two requests, of which one came again in another shape": {
			"search/400/once", "search=200 other=200", "search=400* other=400* third=200", 0, verdict.Inconclusive, "",
		},
		"a poll until it is there": {
			"lookup/404/twice", "add=200 lookup=200", "add=200 lookup=404* +800ms lookup=404* +800ms lookup=200", 0, verdict.Inconclusive, "",
		},
		"a test of one request, run again": {
			"lookup/400/always", peace, "search=200 lookup=400* +1s lookup=400* +1s lookup=400* add=200", 1, verdict.Inconclusive, "",
		},
		"a test of one request, run again at once": {
			"lookup/400/always", peace, "search=200 lookup=400* +-194ms lookup=400* +-194ms lookup=400* add=200", 1, verdict.Warn, "run again at once",
		},
		"tests of one request, run again when all had run": {
			"lookup/400/always", peace, "search=200 lookup=400* +-194ms add=200 +-194ms lookup=400*  +-100ms lookup=400*", 1, verdict.Inconclusive, "",
		},
		"a test that never repeats, and is run again with what it sends before": {
			"search/503/once", "lookup=200 search=200 add=200", "lookup=200 search=503* lookup=200 search=200 add=200", 0, verdict.Inconclusive, "cannot be told",
		},
		"one that fails always, and is run again": {
			"search/503/always", "lookup=200 search=200", "lookup=200 search=503* lookup=200 search=503*", 1, verdict.Inconclusive, "cannot be told",
		},
		"a test of one write, run again": {
			"collection.add/500/once", peace, "search=200 lookup=200 add=500* +2s add=200", 0, verdict.Warn, "",
		},
		"a test of one write, run again at once": {
			"collection.add/lost-answer/once", peace, "search=200 lookup=200 add=lost* +-150ms add=200", 0, verdict.Warn, "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bar := Bar{Habits: habits(t, test.peace), Fault: struckBy, Limit: time.Minute}
			var s sequence
			cell := bar.Weigh(caseOf(t, test.id), []Ran{s.ran(t, test.exit, test.story)})
			if cell.Result != test.want || !strings.Contains(cell.Summary, test.summary) {
				t.Errorf("it is %s %q: %s; want %s: … %s …", cell.Result, cell.Check, cell.Summary, test.want, test.summary)
			}
		})
	}
}

// A back-off is one operation's, whatever else is missing: it is not taken for several.
func TestABackOffIsOneOperations(t *testing.T) {
	t.Parallel()
	bar := Bar{Habits: habits(t, "token=200 search=200 other=200 lookup=200 add=200"), Fault: struckBy}
	for id, want := range map[string]verdict.Result{"token/503/always": verdict.Pass, "token/400/always": verdict.Fail} {
		story := "token=N* +0s token=N* +300ms token=N* +900ms token=N*"
		var s sequence
		cell := bar.Weigh(caseOf(t, id), []Ran{s.ran(t, 1, strings.ReplaceAll(story, "N", id[6:9]))})
		if cell.Result != want {
			t.Errorf("%s: it is %s %q: %s; want %s", id, cell.Result, cell.Check, cell.Summary, want)
		}
	}
}

// So it is where all was done again, too.
func TestABackOffWithinWhatIsDoneAgain(t *testing.T) {
	t.Parallel()
	bar := Bar{Habits: habits(t, "lookup=200 search=200"), Fault: struckBy}
	var s sequence
	story := "lookup=200 search=503* +0s search=503* +300ms search=503* +900ms search=503* lookup=200"
	if cell := bar.Weigh(caseOf(t, "search/503/always"), []Ran{s.ran(t, 1, story)}); cell.Result != verdict.Pass {
		t.Errorf("it is %s %q: %s; want a pass", cell.Result, cell.Check, cell.Summary)
	}
}

// A command that ends badly fails only for requests of which it is known that they did not come again, where that is asked for.
func TestWhoRepeatsWithinABudget(t *testing.T) {
	t.Parallel()
	const burst = "search=503* +-198ms other=503* +-198ms third=503* +-198ms fourth=503* +-198ms fifth=503*"
	tests := map[string]struct {
		id, peace, story string
		want             verdict.Result
		summary          string
	}{
		"some were repeated":                {"search/503/once", "search=200 other=200", "search=503* +0s search=200 other=503*", verdict.Warn, "2 of 4 requests came again"},
		"none was repeated":                 {"search/503/once", "search=200 other=200", "search=503* other=503*", verdict.Fail, "did not come again"},
		"each is another, and so struck":    {"search/503/once", "lookup=200", "search=503* other=503*", verdict.Warn, "cannot be told"},
		"five at once, and a breaker opens": {"search/503/once", "search=200 other=200 third=200 fourth=200 fifth=200", burst, verdict.Warn, "circuit breaker"},
		"a POST need not be repeated":       {"token/503/once", "token=200 search=200", "token=503*", verdict.Warn, "did not come again"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bar := Bar{Habits: habits(t, test.peace), Fault: struckBy}
			var s sequence
			runs := []Ran{s.ran(t, 1, test.story), s.ran(t, 1, test.story)}
			cell := bar.Weigh(caseOf(t, test.id), runs)
			if cell.Result != test.want || cell.Check != CheckExit || !strings.Contains(cell.Summary, test.summary) {
				t.Errorf("it is %s %q: %s; want %s: … %s …", cell.Result, cell.Check, cell.Summary, test.want, test.summary)
			}
		})
	}
}

// Fewer, or such as come one after another, open no breaker before the first repeat is due.
func TestWhatOpensABreaker(t *testing.T) {
	t.Parallel()
	for story, want := range map[string]bool{
		strings.Repeat("search=503* +-194ms ", 5):                                              true,
		strings.Repeat("search=503* +-194ms ", 4) + "search=200":                               false,
		strings.Repeat("search=503* +300ms ", 8):                                               false,
		"search=503* +2s " + strings.Repeat("search=503* +-194ms ", 5):                         true,
		strings.Repeat("search=503* +0s ", 2) + "+2s " + strings.Repeat("search=503* +0s ", 3): false,
	} {
		var s sequence
		if r := s.ran(t, 1, story); r.trips(struckBy) != want {
			t.Errorf("%s: it is %v, want %v", story, !want, want)
		}
	}
}

// A check that the workload does not pass without any fault accuses no caller for the sake of one, and is no pass.
func TestWhatFailsInPeaceToo(t *testing.T) {
	t.Parallel()
	const story = "search=400* +1s search=400* +2s search=400* +4s search=400*"
	for check, want := range map[string]verdict.Result{"final-not-retried": verdict.Inconclusive, "backs-off": verdict.Fail} {
		bar := Bar{Habits: habits(t, peace), Fault: struckBy, Peace: []Complaint{{Check: check}}}
		var s sequence
		cell := bar.Weigh(caseOf(t, "search/400/always"), []Ran{s.ran(t, 1, story)})
		if cell.Result != want || cell.Check != "final-not-retried" && want == verdict.Fail {
			t.Errorf("%s fails in peace: it is %s %q: %s; want %s", check, cell.Result, cell.Check, cell.Summary, want)
		}
	}
}

// What came again in another shape did not stay away.
func TestARepeatInAnotherShape(t *testing.T) {
	t.Parallel()
	for story, want := range map[string]verdict.Result{
		"search=200 lookup=200 add=500*":            verdict.Pass,
		"search=200 lookup=200 add=500* change=200": verdict.Inconclusive,
	} {
		bar := Bar{Habits: habits(t, peace), Fault: struckBy}
		var s sequence
		cell := bar.Weigh(caseOf(t, "collection.add/500/once"), []Ran{s.ran(t, 0, story)})
		if cell.Result != want {
			t.Errorf("%s: it is %s %q: %s; want %s", story, cell.Result, cell.Check, cell.Summary, want)
		}
	}
}

// A request that comes again after an expired token or a conflict passes only if what mends it came between.
func TestWhatMendsCameBetween(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		id, story string
		fresh     bool
		want      verdict.Result
	}{
		{"search/401-expired-token/once", "search=401* search=200 lookup=200 add=200", false, verdict.Inconclusive},
		{"search/401-expired-token/once", "search=401* lookup=200 search=200 add=200", false, verdict.Inconclusive},
		{"search/401-expired-token/once", "search=401* lookup=200 add=200", false, verdict.Inconclusive},
		{"search/401-expired-token/always", "search=401*", false, verdict.Inconclusive},
		{"search/401-expired-token/always", "search=401* token=200", false, verdict.Inconclusive},
		{"collection.add/409-conflict/always", "search=200 lookup=200 add=409*", false, verdict.Pass},
		{"search/401-expired-token/once", "search=401* token=200 search=200 lookup=200 add=200", false, verdict.Pass},
		{"search/401-expired-token/once", "search=401* search=200 lookup=200 add=200", true, verdict.Pass},
		{"collection.add/409-conflict/once", "search=200 lookup=200 add=409* change=200 add=200", false, verdict.Inconclusive},
		{"collection.add/409-conflict/once", "search=200 lookup=200 add=409* browse=200 add=200", false, verdict.Pass},
	} {
		bar := Bar{Habits: habits(t, peace), Fault: struckBy}
		var s sequence
		r := s.ran(t, 0, test.story)
		for i := range r.Attempts {
			if test.fresh && i > 0 {
				r.Attempts[i].Credential = "fresh"
			}
		}
		cell := bar.Weigh(caseOf(t, test.id), []Ran{r})
		if cell.Result != test.want {
			t.Errorf("%s, %s: it is %s %q: %s; want %s", test.id, test.story, cell.Result, cell.Check, cell.Summary, test.want)
		}
	}
}
