package backoff_test

import (
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
)

// trials is how many clients of each law the accuracy table plays; 0 stands for a quick choice.
var trials = flag.Int("trials", 0, "clients of each law in the accuracy table: 400 give it within half a per cent")

// setting is one row of the accuracy table.
type setting struct {
	calls, gaps int
	noise       simulate.Noise
	capped      bool
}

func (s setting) String() string {
	text := fmt.Sprintf("%2d calls x %d", s.calls, s.gaps)
	if s.noise.Late > 0 {
		text += " rough"
	}
	if s.capped {
		text += " capped"
	}
	return text
}

// score counts what became of the trials of one cell.
type score struct {
	n int
	// best counts those in which the true family was the likeliest, alone those in which it alone was named, both those
	// in which it was one of two, wrong those in which another was named alone, none those without a name.
	best, alone, both, missed, wrong, none int
	// right and false count the answers about growth and jitter; what is missing was unknown.
	growsRight, growsFalse, jittersRight, jittersFalse int
	// answered counts those with both answers right.
	answered int
	// off are the relative errors of the base, where it was named right and alone.
	off    []float64
	wrongs map[string]int
}

// same reports that the law is named as the true one is. The spread tells ±20 % from ±50 %, equal jitter being another family.
func same(l, truth backoff.Law) bool {
	switch {
	case l.Jitter != truth.Jitter:
		return false
	case truth.Jitter == backoff.Proportional && math.Abs(l.Spread-truth.Spread) > 0.1:
		return false
	case truth.Jitter == backoff.NoJitter || truth.Curve == backoff.Constant:
		return l.Curve == truth.Curve
	}
	return l.Curve != backoff.Constant
}

func (s *score) take(fit backoff.Fit, truth backoff.Law) {
	s.n++
	if fit.Best != nil && same(*fit.Best, truth) {
		s.best++
	}
	switch {
	case len(fit.Laws) == 0:
		s.none++
	case len(fit.Laws) == 1 && same(fit.Laws[0], truth):
		s.alone++
		if truth.Base > 0 && truth.Jitter != backoff.Proportional {
			s.off = append(s.off, math.Abs(fit.Laws[0].Base.Seconds()/truth.Base.Seconds()-1))
		}
	case len(fit.Laws) == 1:
		s.wrong++
		if s.wrongs == nil {
			s.wrongs = map[string]int{}
		}
		s.wrongs[fit.Laws[0].String()]++
	case same(fit.Laws[0], truth) || same(fit.Laws[1], truth):
		s.both++
	default:
		s.missed++
	}
	grows := truth.Curve != backoff.NoDelay && truth.Curve != backoff.Constant
	jitters := truth.Jitter != backoff.NoJitter || truth.Curve == backoff.Decorrelated
	count(fit.Grows, grows, &s.growsRight, &s.growsFalse)
	count(fit.Jitters, jitters, &s.jittersRight, &s.jittersFalse)
	if isRight(fit.Grows, grows) && isRight(fit.Jitters, jitters) {
		s.answered++
	}
}

func isRight(a backoff.Answer, truth bool) bool {
	return a == backoff.Yes && truth || a == backoff.No && !truth
}

func count(a backoff.Answer, truth bool, right, wrong *int) {
	switch {
	case a == backoff.Unknown:
	case isRight(a, truth):
		*right++
	default:
		*wrong++
	}
}

func (s *score) sum(o score) {
	s.n += o.n
	s.best, s.alone, s.both, s.missed, s.wrong, s.none = s.best+o.best, s.alone+o.alone, s.both+o.both, s.missed+o.missed, s.wrong+o.wrong, s.none+o.none
	s.growsRight, s.growsFalse = s.growsRight+o.growsRight, s.growsFalse+o.growsFalse
	s.jittersRight, s.jittersFalse = s.jittersRight+o.jittersRight, s.jittersFalse+o.jittersFalse
	s.answered += o.answered
}

func (s score) percent(n int) float64 { return 100 * float64(n) / float64(max(s.n, 1)) }

func (s score) String() string {
	var b strings.Builder
	for _, n := range []int{s.best, s.alone, s.both, s.none + s.missed, s.wrong} {
		fmt.Fprintf(&b, " %6.1f", s.percent(n))
	}
	fmt.Fprintf(&b, " | %6.1f %6.1f | %6.1f %6.1f | %6.1f", s.percent(s.growsRight), s.percent(s.growsFalse), s.percent(s.jittersRight), s.percent(s.jittersFalse), s.percent(s.answered))
	return b.String()
}

// play classifies so many clients of a kind, each with a base of its own between 0.1 and 2 s.
func play(k simulate.Kind, st setting, trials int) score {
	var s score
	source := simulate.NewSource(uint64(1000*st.calls + st.gaps))
	for range trials {
		truth := k.Based(time.Duration(source.Between(0.1, 2) * float64(time.Second)))
		if st.capped {
			truth.Cap = 9 * truth.Base / 2
		}
		calls := simulate.Client{Law: truth, Noise: st.noise}.Calls(st.calls, st.gaps, source)
		s.take(backoff.Classify(calls, backoff.Options{}), truth)
	}
	return s
}

// settings are the rows of the full table. Of the capped ones the cap is 4.5 times the base, which ×2 reaches with its fourth
// gap and linear with its fifth.
func settings() []setting {
	var all []setting
	for _, calls := range []int{1, 5, 8, 12, 20} {
		for _, gaps := range []int{2, 3, 4, 5} {
			all = append(all, setting{calls: calls, gaps: gaps, noise: simulate.Measured})
		}
	}
	for _, calls := range []int{5, 8, 12, 20} {
		all = append(all,
			setting{calls: calls, gaps: 3, noise: simulate.Rough},
			setting{calls: calls, gaps: 5, noise: simulate.Rough},
			setting{calls: calls, gaps: 6, noise: simulate.Measured, capped: true},
			setting{calls: calls, gaps: 6, noise: simulate.Rough, capped: true})
	}
	return all
}

// quick are the rows that every run plays.
func quick() []setting {
	return []setting{
		{calls: 1, gaps: 3, noise: simulate.Measured},
		{calls: 8, gaps: 3, noise: simulate.Measured},
		{calls: 12, gaps: 3, noise: simulate.Measured},
		{calls: 12, gaps: 3, noise: simulate.Rough},
	}
}

// TestAccuracy plays clients of the eleven laws, each with a base of its own between 0.1 and 2 s, and holds the classifier to its goals. With -v it
// prints the table: in per cent, how often the true family is the likeliest (best), is named alone, is one of two that are named (both), is not
// named (none), or another is named alone (wrong); how often growth and jitter are answered rightly and falsely, and both rightly. With
// -trials=400 it plays that many clients of each law in every row, and prints a line for each law.
func TestAccuracy(t *testing.T) {
	t.Parallel()
	rows, n := quick(), 12
	if *trials > 0 {
		rows, n = settings(), *trials
	}
	t.Logf("%-28s   best  alone   both   none  wrong |  grows: r, f  | jitters: r, f | both r", "")
	for _, st := range rows {
		var total, plain score
		for i, k := range simulate.Kinds {
			s := play(k, st, n)
			total.sum(s)
			if i < 4 {
				plain.sum(s)
			}
			if *trials > 0 {
				t.Logf("  %-26s%v %v", st.String()+" "+k.Name, s, s.wrongs)
			}
		}
		t.Logf("%-28s%v", st, total)
		st.hold(t, total, plain)
	}
}

// hold holds a row to the goals; plain are those of its clients that have no jitter.
func (s setting) hold(t *testing.T, total, plain score) {
	t.Helper()
	atLeast := func(what string, got, want float64) {
		if got < want {
			t.Errorf("%v: got %s for %.1f %%, want %v %%", s, what, got, want)
		}
	}
	atLeast("no wrong name with confidence", 100-total.percent(total.wrong), 99)
	if s.calls >= 12 && s.gaps >= 3 {
		atLeast("the right family", total.percent(total.best), 98)
		atLeast("the right family alone", total.percent(total.alone), 92)
	}
	if s.calls >= 8 && s.gaps >= 3 {
		atLeast("growth and jitter", total.percent(total.answered), 95)
	}
	if s.gaps >= 3 && s.noise.Late == 0 {
		atLeast("the right family without jitter", plain.percent(plain.best), 98)
	}
}

// TestOneCallIsEnough plays a single call of three gaps without jitter, by a base that timers are small against. Where a timer was late by
// more than some milliseconds the name is withheld.
func TestOneCallIsEnough(t *testing.T) {
	t.Parallel()
	var s score
	for i, k := range simulate.Kinds[:4] {
		source := simulate.NewSource(uint64(i))
		for range 60 {
			truth := k.Based(time.Duration(source.Between(0.5, 2) * float64(time.Second)))
			s.take(backoff.Classify(simulate.Client{Law: truth, Noise: simulate.Measured}.Calls(1, 3, source), backoff.Options{}), truth)
		}
	}
	t.Logf("%v", s)
	if s.percent(s.best) < 99 || s.percent(s.alone) < 80 || s.wrong > 0 {
		t.Errorf("got %d right and %d named of %d, %d wrong, want 99 %%, 80 %% and none", s.best, s.alone, s.n, s.wrong)
	}
}
