package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// returning adds healthy calls of one target, one after the other with a pause between them.
func (p *tape) returning(n int, target string, pause time.Duration) *tape {
	for range n {
		p.after(pause, op{target: target, tries: []try{{status: 200}}})
	}
	return p
}

// What it takes for the last call of a tape to count against its client.
func TestProof(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	repeated := op{tries: fails(503, second, second)}
	same := op{target: "/same", tries: fails(503, 10*ms, 10*ms)}
	recovering := op{tries: append(fails(503, second), try{after: second, status: 200})}
	rising := op{tries: fails(503, second, 2*second, 4*second)}
	huddle := op{tries: fails(503, ms, ms)}
	mixed := op{tries: []try{{status: 503}, {after: second, status: 200}, {after: second, status: 503}}}
	crowd := op{target: "/crowd", tries: []try{{status: 200}}}
	other := write(fails(503, second)...)
	other.target, other.body = "/other", "other"
	tests := map[string]struct {
		tape *tape
		want bool
	}{
		"ten healthy calls":                         {newTape(10).add(repeated), true},
		"nine healthy calls":                        {newTape(9).add(repeated), false},
		"an identifier":                             {newTape(0).add(repeated.as(explicit)), true},
		"an identifier of more than one call":       {newTape(10).add(mixed.as(explicit)), false},
		"ambiguous":                                 {newTape(10).add(repeated.as(observe.GroupingAmbiguous)), false},
		"polling, even with an identifier":          {newTape(10).add(op{grouping: explicit, polling: true, tries: repeated.tries}), false},
		"a write is not polled":                     {newTape(0).add(write(fails(503, second)...)), true},
		"the same write in two calls":               {newTape(0).add(write(fails(503, second)...)).again(write(fails(503, second)...)), false},
		"left alone once it succeeded":              {newTape(0).times(7, recovering).add(repeated), true},
		"too seldom left alone":                     {newTape(0).times(3, recovering).add(repeated), false},
		"rising gaps":                               {newTape(0).times(4, rising), true},
		"too few rising gaps":                       {newTape(0).times(3, rising), false},
		"rising, but this one does not":             {newTape(0).times(9, rising).add(repeated), false},
		"faster than its habit":                     {newTape(0).returning(11, "/same", second).times(3, same), true},
		"a habit seen too seldom":                   {newTape(10).returning(1, "/same", second).times(3, same), false},
		"within its habit":                          {newTape(0).returning(40, "/same", 12*ms).add(same), false},
		"faster than its habit, once":               {newTape(0).returning(11, "/same", second).add(same), false},
		"slower than its habit, once":               {newTape(0).returning(11, "/same", ms).after(ms, op{target: "/same", tries: fails(503, second)}), false},
		"slower than its habit, as a rule":          {newTape(0).returning(40, "/same", ms).after(ms, op{target: "/same", tries: fails(503, every(5, second)...)}), true},
		"comes back to whatever succeeded":          {newTape(0).returning(2, "/a", second).returning(2, "/b", second).times(9, op{tries: []try{{status: 200}}}).add(op{target: "/never", tries: same.tries}), true},
		"comes back to much that succeeded":         {newTape(0).returning(6, "/a", second).returning(6, "/b", second).add(op{target: "/never", tries: same.tries}), false},
		"failures do not make it less so":           {newTape(0).returning(6, "/a", second).returning(6, "/b", second).times(20, op{tries: fails(503)}).add(op{target: "/never", tries: same.tries}), false},
		"comes back to writes that succeeded":       {writing(newTape(10)).add(repeated), true},
		"a write, where it comes back to writes":    {writing(newTape(10)).add(other), false},
		"an identifier for two targets":             {twoFaced(func(a *observe.Attempt) { a.Target = "/elsewhere" }), false},
		"an identifier for two methods":             {twoFaced(func(a *observe.Attempt) { a.Method = "HEAD" }), false},
		"abandoned as often as repeated":            {newTape(0).times(7, recovering).times(7, op{tries: fails(503)}).add(repeated), false},
		"left alone, but ambiguous":                 {newTape(0).times(7, recovering.as(observe.GroupingAmbiguous)).add(repeated), false},
		"left alone for six times the gap":          {settling(6), true},
		"left alone for four times the gap":         {settling(4), false},
		"one huddle of a client that never hurries": {newTape(10).add(huddle), true},
		"one huddle of a client that overlaps":      {newTape(10).add(repeated).overlap(repeated).add(huddle), false},
		"two huddles of a client that overlaps":     {newTape(10).add(repeated).overlap(repeated).times(2, huddle), true},
		"huddles beside a crowd":                    {newTape(10).add(crowd).overlap(crowd).times(2, huddle), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := newSubjects(tt.tape.calls)[0].calls
			last := tt.tape.calls[len(tt.tape.calls)-1].ID
			for _, c := range calls {
				if c.ID == last && c.proof != tt.want {
					t.Errorf("proof is %v, want %v", c.proof, tt.want)
				}
			}
		})
	}
}

// again adds a call of the target of the last one, a minute later.
func (p *tape) again(o op) *tape {
	o.target = p.calls[len(p.calls)-1].Target
	o.at = p.now + 60*second
	return p.add(o)
}

// after adds a call so long after the last one.
func (p *tape) after(pause time.Duration, o op) *tape {
	o.at = p.now + pause
	return p.add(o)
}

// overlap adds a call that begins while the last answer is on its way.
func (p *tape) overlap(o op) *tape {
	o.at = p.now - 500*time.Microsecond
	return p.add(o)
}

// writing adds a write that is made again and again after it succeeded.
func writing(p *tape) *tape {
	o := write(try{status: 200})
	o.target = "/write"
	return p.add(o).add(o).add(o)
}

// twoFaced is a call with an identifier of which the second attempt asks for something else.
func twoFaced(change func(*observe.Attempt)) *tape {
	p := newTape(10).add(op{grouping: observe.GroupingExplicit, tries: fails(503, second)})
	change(p.calls[10].Attempts[1])
	return p
}

// settling makes eight calls at once, of which seven succeed on the second attempt and the last fails until
// so many times their gap has passed.
func settling(times int) *tape {
	p := newTape(0)
	for range 7 {
		p.add(op{at: second, tries: []try{{status: 503}, {after: 100 * ms, status: 200}}})
	}
	return p.add(op{at: second, tries: fails(503, every(times+1, 99*ms)...)})
}

func TestPastAddsUpOdds(t *testing.T) {
	t.Parallel()
	p := newTape(0)
	for _, target := range []string{"/a", "/b"} {
		p.returning(11, target, second).times(3, op{target: target, tries: fails(503, ms, ms)})
	}
	s := newSubjects(p.calls)[0]
	past := s.past(&histories{})
	var want float64
	for _, h := range past.histories.list {
		want += h.afterOther.odds - 1
	}
	if past.overall.afterOther != want || want < 2*(thousand-1) {
		t.Errorf("odds overall are %v, want %v, over %v", past.overall.afterOther, want, 2*(thousand-1))
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: true, 400: true, 404: true, 409: true, 401: false, 429: false, 500: false, 503: false} {
		a := newTape(0).add(op{tries: fails(status)}).calls[0].Attempts[0]
		if got := settled(a); got != want {
			t.Errorf("settled by %d is %v, want %v", status, got, want)
		}
	}
}
