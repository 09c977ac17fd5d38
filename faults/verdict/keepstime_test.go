package verdict

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// drawnBetween is a wait drawn from a range.
func drawnBetween(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64(high-low)))
}

// byHand is a tape of a program that repeats 60 reads by its law, and gives up where o tells it to; people ask again, once or more, between 1 s and 5 s later.
func byHand(r *rand.Rand, people, times int, law func(*rand.Rand) []time.Duration, o func(waits []time.Duration) op) *tape {
	p := newTape(10)
	for range 60 {
		p.add(op{tries: fails(503, law(r)...)})
	}
	for range people {
		var waits []time.Duration
		for range times {
			waits = append(waits, drawnBetween(r, second, 5*second))
		}
		p.add(o(waits))
	}
	return p
}

// fails reports whether a check fails the client of a tape.
func (p *tape) fails(check string) bool {
	s := newSubjects(p.calls)[0]
	at := slices.IndexFunc(catalogue, func(c Check) bool { return c.Name == check })
	b := newBench(&catalogue[at], s.who, p.policy.setting(check, p.client, ""))
	b.take(s)
	return slices.ContainsFunc(b.findings(), func(f Finding) bool { return f.Result == Fail })
}

// Where a program draws its waits from a range, whatever a person does lies near some of them; where it backs off, every second pair of a person's waits
// rises too. At most one such client in a hundred may be accused.
func TestPeopleBesideAProgramAreNobodysMachine(t *testing.T) {
	t.Parallel()
	const rounds = 100
	laws := map[string]func(*rand.Rand) []time.Duration{
		"drawn":     func(r *rand.Rand) []time.Duration { return []time.Duration{drawnBetween(r, second, 5*second)} },
		"narrow":    func(r *rand.Rand) []time.Duration { return []time.Duration{drawnBetween(r, 2*second, 2200*ms)} },
		"equal":     func(r *rand.Rand) []time.Duration { return []time.Duration{drawnBetween(r, 2*second, 2020*ms)} },
		"backs off": func(*rand.Rand) []time.Duration { return []time.Duration{second, 2 * second, 4 * second} },
	}
	for check, o := range map[string]func([]time.Duration) op{
		"retry-after-long":     func(w []time.Duration) op { return op{tries: asks(503, "3600", w...)} },
		"retry-after-honoured": func(w []time.Duration) op { return op{tries: asks(503, "20", w...)} },
		"write-not-repeated":   func(w []time.Duration) op { return write(fails(500, w...)...) },
		"final-not-retried":    func(w []time.Duration) op { return op{tries: fails(404, w...)} },
	} {
		for name, law := range laws {
			for _, people := range []int{3, 12} {
				for times := 1; times <= 2; times++ {
					r := rand.New(rand.NewPCG(uint64(people), uint64(times)))
					accused := 0
					for range rounds {
						if byHand(r, people, times, law, o).fails(check) {
							accused++
						}
					}
					if 100*accused > rounds {
						t.Errorf("%s, %s: %d of %d clients are accused of what %d people did %d times", check, name, accused, rounds, people, times)
					}
				}
			}
		}
	}
}

// A program that does not draw its waits is convicted of the same, beside other laws of its own.
func TestAProgramKeepsTimeBesideItself(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	own := func(*rand.Rand) []time.Duration { return []time.Duration{drawnBetween(r, 2*second, 2020*ms)} }
	for check, o := range map[string]op{
		"retry-after-long":     {tries: asks(503, "3600", 2010*ms)},
		"retry-after-honoured": {tries: asks(503, "20", 2010*ms)},
		"write-not-repeated":   write(fails(500, 2010*ms)...),
	} {
		told := byHand(r, 3, 1, own, func([]time.Duration) op { return o }).values(503, threeTwice, waitsFor(1, 3, 5, 1, 3, 5))
		if !told.fails(check) {
			t.Errorf("%s does not fail a program that comes back after 2 s each time", check)
		}
	}
}

// Calls that are in doubt themselves do not show at what moment a program comes back.
func TestCallsInDoubtKeepNoTime(t *testing.T) {
	t.Parallel()
	again := op{tries: fails(503, 2*second)}
	for doubtful, want := range map[bool]bool{false: true, true: false} {
		p := newTape(10).add(again)
		if doubtful {
			again.grouping = observe.GroupingAmbiguous
		}
		s := newSubjects(p.times(4, again).calls)[0]
		if got := s.keepsTime(s.all[10]); got != want {
			t.Errorf("in doubt %v: it keeps time %v, want %v", doubtful, got, want)
		}
		again.grouping = ""
	}
}

// The same moment says something only if most of what came again anywhere near did so at it, and more than chance would put there.
func TestKeepsTimeAmongWhatIsNear(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		same, near []time.Duration
		want       bool
	}{
		"most, and no accident": {every(4, 1010*ms), every(3, 1300*ms), true},
		"no accident, not most": {every(4, 1010*ms), every(5, 1300*ms), false},
		"most, by accident":     {every(2, 1010*ms), every(1, 1300*ms), false},
	} {
		p := newTape(10).add(op{tries: fails(503, second)})
		for _, wait := range slices.Concat(tt.same, tt.near) {
			p.add(op{tries: fails(503, wait)})
		}
		s := newSubjects(p.calls)[0]
		if got := s.keepsTime(s.all[10]); got != tt.want {
			t.Errorf("%s: it keeps time %v, want %v", name, got, tt.want)
		}
	}
}

// Two people come within 45 ms of each other now and then; within 20 ms they hardly do.
func TestTwoWritesByHand(t *testing.T) {
	t.Parallel()
	for apart, want := range map[time.Duration]bool{10 * ms: true, 30 * ms: false} {
		p := newTape(10)
		for _, wait := range []time.Duration{second, second + apart} {
			p.add(write(fails(500, wait)...))
		}
		if got := p.fails("write-not-repeated"); got != want {
			t.Errorf("two writes sent again %s apart fail %v, want %v", apart, got, want)
		}
	}
}
