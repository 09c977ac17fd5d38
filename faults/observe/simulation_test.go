package observe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// waitLaw draws how long a client waits after so many attempts, in seconds.
type waitLaw func(r *rand.Rand, tries int) float64

func exponential(base float64) waitLaw {
	return func(_ *rand.Rand, tries int) float64 { return base * float64(int(1)<<(tries-1)) }
}

// waitLaws are laws of real clients.
var waitLaws = map[string]waitLaw{
	"none":        func(*rand.Rand, int) float64 { return 0 },
	"constant":    func(*rand.Rand, int) float64 { return 1 },
	"linear":      func(_ *rand.Rand, tries int) float64 { return 0.5 * float64(tries) },
	"exponential": exponential(0.5),
	"equal":       func(r *rand.Rand, tries int) float64 { e := exponential(0.2)(r, tries); return e/2 + r.Float64()*e/2 },
	"full":        func(r *rand.Rand, tries int) float64 { return r.Float64() * exponential(0.4)(r, tries) },
	"quarter":     func(r *rand.Rand, tries int) float64 { return exponential(0.2)(r, tries) * (0.75 + r.Float64()/2) },
}

// simulation makes the attempts of clients and tags each with its call, in a field that the grouping does not look at.
type simulation struct {
	random   *rand.Rand
	law      waitLaw
	attempts []Attempt
	conns    uint64
}

// call makes one call that begins then: it fails so many times with what changes say, and succeeds.
func (s *simulation) call(tag string, start float64, failures int, change func(a *Attempt, tries int)) {
	s.conns++
	now := seconds(start)
	for tries := 1; tries <= failures+1; tries++ {
		a := Attempt{
			Received: now, Answered: now + time.Duration(1e5+s.random.IntN(2e6)), Conn: s.conns, ConnUse: uint64(tries),
			Client: "c", Method: "GET", Target: "/a", Counter: NoCounter, Status: 503, Class: groove.ClassFailure,
			Origin: OriginInjected, End: EndComplete, BodyComplete: true, Marker: tag,
		}
		if tries > failures {
			a.Status, a.Class = 200, groove.ClassSuccess
		}
		wait := s.law(s.random, tries)
		if change(&a, tries); a.RetryAfter != "" {
			told, _ := strconv.Atoi(a.RetryAfter)
			wait = float64(told)
		}
		// Noise is late only.
		now = a.Answered + seconds(wait) + time.Duration(5e5+s.random.ExpFloat64()*2e6)
		s.attempts = append(s.attempts, a)
	}
}

// journal puts the attempts in order and numbers them.
func (s *simulation) journal() []Attempt {
	slices.SortStableFunc(s.attempts, func(a, b Attempt) int { return compareAttempts(&a, &b) })
	for i := range s.attempts {
		s.attempts[i].Sequence = uint64(i + 1)
	}
	return s.attempts
}

// attribution says how attachments compare with the tags.
type attribution struct {
	// calls and attempts count what was grouped, true calls what there was.
	calls, attempts int
	// right, doubted and wrong count the attempts after the first of a call.
	right, doubted, wrong int
	// whole counts the calls that are exactly a true one, and certain.
	whole int
}

func attribute(attempts []Attempt, calls []Call) attribution {
	size := map[string]int{}
	for i := range attempts {
		size[attempts[i].Marker]++
	}
	var s attribution
	for _, c := range calls {
		s.calls++
		s.attempts += len(c.Attempts)
		doubt := c.Grouping == GroupingAmbiguous
		whole := !doubt && size[c.Attempts[0].Marker] == len(c.Attempts)
		for i := 1; i < len(c.Attempts); i++ {
			same := c.Attempts[i].Marker == c.Attempts[i-1].Marker
			whole = whole && same
			switch {
			case doubt:
				s.doubted++
			case same:
				s.right++
			default:
				s.wrong++
			}
		}
		if whole {
			s.whole++
		} else if !doubt && c.Attempts[len(c.Attempts)-1].Failed() {
			s.wrong++ // A certain call that seems to have been given up.
		}
	}
	return s
}

func as(target string) func(*Attempt, int) { return func(a *Attempt, _ int) { a.Target = target } }

// baseline makes healthy calls, and failed ones one after the other, so that the client is known.
func (s *simulation) baseline(calls int, told bool) {
	for i := range calls {
		s.call(fmt.Sprint("healthy", i), float64(i), 0, as(fmt.Sprint("/healthy/", i)))
		s.call(fmt.Sprint("known", i), 100+30*float64(i), 3, func(a *Attempt, tries int) {
			if a.Target = fmt.Sprint("/known/", i); told && a.Failed() {
				a.RetryAfter = strconv.Itoa(1 + (i+tries)%5)
			}
		})
	}
}

// Calls on targets of their own are all attributed, whatever the law and however many are under way.
func TestDistinctCallsAreAttributed(t *testing.T) {
	t.Parallel()
	for name, law := range waitLaws {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &simulation{random: rand.New(rand.NewPCG(1, 2)), law: law}
			for i := range 200 {
				s.call(fmt.Sprint(i), s.random.Float64()*20, s.random.IntN(5), as(fmt.Sprint("/", i)))
			}
			attempts := s.journal()
			got := attribute(attempts, Group(attempts, true))
			if got.whole != 200 || got.wrong != 0 || got.doubted != 0 {
				t.Errorf("got %+v, want 200 whole calls", got)
			}
		})
	}
}

// Of calls for the same that are under way together nothing is wrong that is not in doubt, and no attempt is lost. Where they carry a trace id each
// they are told apart and counted exactly.
func TestIdenticalConcurrentCalls(t *testing.T) {
	t.Parallel()
	watermarks := func(i int) func(*Attempt, int) {
		return func(a *Attempt, tries int) {
			if a.Failed() {
				a.RetryAfter = strconv.Itoa(1 + (7*i+3*tries)%64)
			}
		}
	}
	plain := func(int) func(*Attempt, int) { return func(*Attempt, int) {} }
	traced := func(i int) func(*Attempt, int) {
		return func(a *Attempt, _ int) { a.Trace = fmt.Sprintf("%032x", i+1) }
	}
	for name, law := range waitLaws {
		for mark, marking := range map[string]func(int) func(*Attempt, int){"plain": plain, "watermarks": watermarks, "traced": traced} {
			t.Run(name+" "+mark, func(t *testing.T) {
				t.Parallel()
				total := attribution{}
				for seed := range uint64(8) {
					s := &simulation{random: rand.New(rand.NewPCG(seed, 3)), law: law}
					s.baseline(20, mark == "watermarks")
					for i := range 64 {
						s.call(fmt.Sprint("crowd", i), 2000+s.random.Float64()*0.5, 1+s.random.IntN(3), marking(i))
					}
					attempts := s.journal()
					got := attribute(attempts, Group(attempts, true))
					if got.attempts != len(attempts) {
						t.Errorf("got %d attempts in calls, want %d", got.attempts, len(attempts))
					}
					total.right += got.right
					total.doubted += got.doubted
					total.wrong += got.wrong
					total.calls += got.calls
					total.whole += got.whole
				}
				t.Logf("%+v", total)
				if made := 8 * (64 + 2*20); mark == "traced" && (total.calls != made || total.whole != made) {
					t.Errorf("got %+v, want %d calls, each whole", total, made)
				}
				if all := total.right + total.doubted + total.wrong; 100*total.wrong > all {
					t.Errorf("got %+v, want at most one attachment in 100 wrong without doubt", total)
				}
			})
		}
	}
}
