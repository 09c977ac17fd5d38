package sweep

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Every error code that fits an endpoint is tried there or stands behind one that is, once; and by itself if that is wanted.
func TestFaultsOfLeaveNoCodeOut(t *testing.T) {
	t.Parallel()
	for _, e := range groove.Endpoints() {
		for _, every := range []bool{false, true} {
			count := map[groove.ErrorCode]int{}
			for _, f := range FaultsOf(e, every) {
				if f.Code == "" || f.Told != "" {
					continue
				}
				count[f.Code]++
				for _, code := range f.Merged {
					count[groove.ErrorCode(code)]++
				}
				if every && len(f.Merged) > 0 {
					t.Errorf("%s: %s stands for %v, want nothing merged", e.Name, f.Name, f.Merged)
				}
			}
			for _, info := range groove.ErrorCodes() {
				want := 0
				if e.Fits(info.Code) && carries(&e, className(&info)) {
					want = 1
				}
				if count[info.Code] != want {
					t.Errorf("%s, every code %v: %s is tried %d times, want %d", e.Name, every, info.Code, count[info.Code], want)
				}
			}
		}
	}
}

// What is merged has one status, and is asked of a caller alike.
func TestMergedCodesAreAlike(t *testing.T) {
	t.Parallel()
	for _, e := range groove.Endpoints() {
		for _, f := range FaultsOf(e, false) {
			stands := Case{Endpoint: e.Name, Fault: f, Mode: Once}
			for _, code := range f.Merged {
				info, ok := groove.ErrorCodeByName(code)
				if !ok {
					continue // Another way to break a connection.
				}
				alone := Case{Endpoint: e.Name, Mode: Once, Fault: Fault{Name: f.Name, Kind: f.Kind, Status: info.Status, Code: info.Code}}
				if info.Status != f.Status || alone.demand() != stands.demand() {
					t.Errorf("%s: %s (%d) stands for %s (%d), which is not alike", e.Name, f.Code, f.Status, code, info.Status)
				}
			}
		}
	}
}

func TestEveryFaultCanBePutInForce(t *testing.T) {
	t.Parallel()
	for _, e := range groove.Endpoints() {
		for _, f := range FaultsOf(e, true) {
			for _, m := range f.Modes() {
				c := Case{Endpoint: e.Name, Fault: f, Mode: m}
				if review := faults.Validate([]faults.Fault{c.Build(time.Second)}); len(review.Problems) > 0 {
					t.Errorf("%s: %v", c.ID(), review.Problems)
				}
			}
		}
	}
}

// ids are the names of cases.
func ids(cases []Case) []string {
	names := make([]string, len(cases))
	for i := range cases {
		names[i] = cases[i].ID()
	}
	return names
}

func TestPlanOrder(t *testing.T) {
	t.Parallel()
	p := NewPlan(habits(t, peace), Options{Latency: time.Second})
	names := ids(p.Cases)
	if names[0] != "collection.add/lost-answer/once" {
		t.Errorf("first is %s, want the write whose answer is lost", names[0])
	}
	for i, id := range names {
		if len(p.Cases[i].Fault.Modes()) == 1 {
			continue
		}
		at := func(m Mode) int {
			return slices.Index(names, id[:strings.LastIndex(id, "/")+1]+string(m))
		}
		if at(Once) > at(Always) || at(Always) > at(Twice) || at(Once) < 0 {
			t.Errorf("%s: once, always, twice are at %d, %d, %d, want them in this order", id, at(Once), at(Always), at(Twice))
		}
	}
	for _, pair := range [][2]string{
		{"search/503/once", "search/400/once"},
		{"search/503/always", "search/latency/once"},
		{"lookup/502/once", "lookup/404/once"},
		{"search/503/once", "search/503-seconds/once"},
		{"search/503-seconds/once", "search/503-date/once"},
		{"search/truncate/once", "search/throttle/once"},
	} {
		if slices.Index(names, pair[0]) > slices.Index(names, pair[1]) {
			t.Errorf("%s comes after %s", pair[0], pair[1])
		}
	}
}

func TestPlanFilters(t *testing.T) {
	t.Parallel()
	h := habits(t, "search=200 add=200")
	tests := map[string]struct {
		o    Options
		want []string
		idle []string
	}{
		"one case": {Options{Only: []string{"search/503/once"}}, []string{"search/503/once"}, nil},
		"a fault": {Options{Only: []string{"503"}, Skip: []string{"always", "twice"}}, []string{
			"search/503/once", "collection.add/503/once", "search/503-seconds/once", "search/503-date/once", "search/503-long/once",
			"collection.add/503-seconds/once", "collection.add/503-date/once", "collection.add/503-long/once",
		}, nil},
		"a code behind one": {Options{Only: []string{"INVALID_COUNTRY"}, Skip: []string{"collection.*", "always"}}, []string{"search/400/once", "search/400/twice"}, nil},
		"a status of two faults": {
			Options{Only: []string{"search/*"}, Skip: []string{"*ways", "twice", "4*", "5*", "lat*", "hang", "lost-answer", "truncate", "corrupt-*", "throttle"}},
			[]string{"search/reset/once", "search/soft-error/once"},
			nil,
		},
		"nothing fits": {Options{Only: []string{"serch"}, Skip: []string{"nope/*"}}, nil, []string{"serch", "nope/*"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewPlan(h, test.o)
			got := ids(p.Cases)
			slices.Sort(got)
			want := slices.Sorted(slices.Values(test.want))
			if diff := cmp.Diff(want, got); len(want)+len(got) > 0 && diff != "" {
				t.Errorf("cases (-want +got):\n%s", diff)
			}
			if !slices.Equal(p.Idle, test.idle) {
				t.Errorf("idle are %v, want %v", p.Idle, test.idle)
			}
			if all := NewPlan(h, Options{}); p.Filtered+len(p.Cases) != len(all.Cases) {
				t.Errorf("%d cases and %d filtered, want %d in all", len(p.Cases), p.Filtered, len(all.Cases))
			}
		})
	}
}

// What names nothing of the contract is told before anything runs; what the workload may yet call is not.
func TestUnknownPatterns(t *testing.T) {
	t.Parallel()
	o := Options{Only: []string{"nosuch/*", "search/*/once", "radio.next", "599"}, Skip: []string{"CATALOG_NO_RESULT", "*/nosuch/*", "sometimes"}}
	if got, want := o.Unknown(), []string{"nosuch/*", "599", "*/nosuch/*", "sometimes"}; !slices.Equal(got, want) {
		t.Errorf("unknown are %v, want %v", got, want)
	}
	if got := (&Options{}).Unknown(); len(got) > 0 {
		t.Errorf("unknown are %v, want none", got)
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	var s sequence
	h := Learn([]Ran{s.ran(t, 0, "search=200 +0s search=200 lookup=404 away=200"), s.ran(t, 0, "search=200 +0s search=200 other=200 away=200")})
	want := map[string]Habit{"GET /1/content/music/search?q=a": {Endpoint: "search", Count: 2, Succeeded: 2}, "GET /elsewhere": {Count: 1, Succeeded: 1}}
	if diff := cmp.Diff(want, h.Requests); diff != "" {
		t.Errorf("habits (-want +got):\n%s", diff)
	}
	if h.Unsettled != 2 || h.Outside != 1 || len(h.Order) != 0 {
		t.Errorf("%d unsettled, %d outside, order %v; want 2, 1 and none", h.Unsettled, h.Outside, h.Order)
	}
	var used []string
	for _, e := range h.Endpoints() {
		used = append(used, e.Name)
	}
	if !slices.Equal(used, []string{"search", "lookup"}) {
		t.Errorf("used are %v, want search and lookup", used)
	}
}

func TestDiffers(t *testing.T) {
	t.Parallel()
	h := habits(t, peace)
	for story, want := range map[string]string{
		peace: "", "search=200 lookup=200": "collection.add is called 0 times, was called once",
		"search=200 +0s search=200 lookup=200 add=200": "GET /1/content/music/search?q=a came 2 times, was sent once",
	} {
		var s sequence
		r := s.ran(t, 0, story)
		if got := h.Differs(&r); got != want {
			t.Errorf("%s: %q, want %q", story, got, want)
		}
	}
}

// taken is what came of a case.
func taken(c Case, reached bool, attempts, struck int) Cell {
	return Cell{Case: c, State: StateRan, Result: verdict.Pass, Summary: "s", Reached: reached, Attempts: attempts, Struck: struck, Took: time.Second}
}

func TestMachineLeavesOutWhatCannotDiffer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		attempts, struck int
		reached, hung    bool
		want             []string
	}{
		"it came again":        {attempts: 2, struck: 1, reached: true, want: []string{"search/503/once", "search/503/always", "search/503/twice"}},
		"all of it was struck": {attempts: 1, struck: 1, reached: true, want: []string{"search/503/once"}},
		"it was never reached": {attempts: 0, struck: 0, want: []string{"search/503/once"}},
		"it did not end":       {attempts: 2, struck: 1, reached: true, hung: true, want: []string{"search/503/once"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := NewMachine(NewPlan(habits(t, peace), Options{Only: []string{"search/503/*"}}), 0, nil)
			var ran []string
			for c, turn := m.Next(0); turn == TurnRun; c, turn = m.Next(0) {
				ran = append(ran, c.ID())
				cell := taken(c, test.reached, test.attempts, test.struck)
				cell.Hung = test.hung
				m.Take(cell)
			}
			if !slices.Equal(ran, test.want) {
				t.Errorf("it ran %v, want %v", ran, test.want)
			}
			tally := TallyOf(m.Cells())
			if tally.Ran != len(test.want) || tally.Same != 3-len(test.want) || tally.Left != 0 {
				t.Errorf("%d ran, %d are the same, %d left; want %d, %d, 0", tally.Ran, tally.Same, tally.Left, len(test.want), 3-len(test.want))
			}
		})
	}
}

// A mode waits for the one that strikes once, also where cases run side by side.
func TestMachineWaits(t *testing.T) {
	t.Parallel()
	m := NewMachine(NewPlan(habits(t, peace), Options{Only: []string{"search/503/*"}}), 0, nil)
	once, turn := m.Next(0)
	if turn != TurnRun || once.Mode != Once {
		t.Fatalf("first is %v %s, want once", turn, once.ID())
	}
	if _, turn := m.Next(0); turn != TurnWait {
		t.Errorf("the next is %v, want to wait", turn)
	}
	m.Drop(once)
	if again, turn := m.Next(0); turn != TurnRun || again.ID() != once.ID() {
		t.Errorf("after it was dropped the next is %v %s, want it again", turn, again.ID())
	}
	m.Take(taken(once, true, 2, 1))
	if left, _ := m.Left(); left != 2 {
		t.Errorf("%d are left, want 2", left)
	}
}

func TestMachineKeepsTheBudget(t *testing.T) {
	t.Parallel()
	plan := NewPlan(habits(t, peace), Options{Only: []string{"search/400/once", "search/hang/once"}, Latency: time.Second})
	m := NewMachine(plan, 10*time.Second, nil)
	if c, turn := m.Next(8 * time.Second); turn != TurnRun || c.ID() != "search/400/once" {
		t.Errorf("with 2 s left it is %v %s, want the short case", turn, c.ID())
	} else {
		m.Take(taken(c, true, 1, 1))
	}
	if _, turn := m.Next(9 * time.Second); turn != TurnOver {
		t.Errorf("with 1 s left it is %v, want over", turn)
	}
	tally := TallyOf(m.Cells())
	if tally.Left != 1 || tally.Result() != verdict.Inconclusive {
		t.Errorf("%d are left and it is %s, want 1 and inconclusive: never a silent pass", tally.Left, tally.Result())
	}
}

func TestTallyResult(t *testing.T) {
	t.Parallel()
	cell := func(r verdict.Result, s State) Cell { return Cell{Result: r, State: s, Reached: true} }
	for name, test := range map[string]struct {
		cells []Cell
		want  verdict.Result
	}{
		"all pass":       {[]Cell{cell(verdict.Pass, StateRan), cell(verdict.Info, StateRan), cell(verdict.Warn, StateRan), cell(verdict.Pass, StateSame)}, verdict.Pass},
		"one fails":      {[]Cell{cell(verdict.Fail, StateRan), cell(verdict.Inconclusive, StateRan)}, verdict.Fail},
		"one is unclear": {[]Cell{cell(verdict.Pass, StateRan), cell(verdict.Inconclusive, StateRan)}, verdict.Inconclusive},
		"one is left":    {[]Cell{cell(verdict.Pass, StateRan), cell(verdict.Pass, StateLeft)}, verdict.Inconclusive},
		"nothing ran":    {nil, verdict.Inconclusive},
	} {
		tally := TallyOf(test.cells)
		if got := tally.Result(); got != test.want {
			t.Errorf("%s: it is %s, want %s", name, got, test.want)
		}
	}
}

// Whatever is interrupted wherever: what is read from a record goes on to the same cells, and nothing is run twice.
func TestGoingOnComesToTheSame(t *testing.T) {
	t.Parallel()
	h := habits(t, peace)
	plan := NewPlan(h, Options{Only: []string{"search/*", "collection.add/5*"}})
	play := func(m *Machine, most int) (cells []Cell) {
		for c, turn := m.Next(0); turn == TurnRun && len(cells) < most; c, turn = m.Next(0) {
			cell := taken(c, true, 2, 1+len(c.Fault.Name)%2)
			m.Take(cell)
			cells = append(cells, cell)
		}
		return cells
	}
	whole := NewMachine(plan, 0, nil)
	all := play(whole, len(plan.Cases)+1)
	rapid.Check(t, func(t *rapid.T) {
		first := NewMachine(plan, 0, nil)
		known := play(first, rapid.IntRange(0, len(all)).Draw(t, "cut"))
		record := Record{Habits: h, Cells: known, Setup: Setup{Command: []string{"a"}}}
		data, err := record.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseRecord(data)
		if err != nil {
			t.Fatal(err)
		}
		second := NewMachine(NewPlan(read.Habits, Options{Only: []string{"search/*", "collection.add/5*"}}), 0, read.Cells)
		more := play(second, len(plan.Cases)+1)
		if len(known)+len(more) != len(all) {
			t.Fatalf("%d and then %d cases were run, want %d in all", len(known), len(more), len(all))
		}
		if diff := cmp.Diff(whole.Cells(), second.Cells()); diff != "" {
			t.Fatalf("cells (-in one go +gone on):\n%s", diff)
		}
	})
}

func TestParseRecordRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	const head = `{"version":1,"setup":{"command":["a"],"seed":1,"upstream":"standin","every_code":false,"latency_ns":1,"limit_ns":0,"strict":false,"runs":1}`
	for text, want := range map[string]string{
		``: "it is no state of a sweep", `[]`: "it is no state of a sweep", `{"name":"x"}`: "it is no state of a sweep",
		`{"version":2}`: "version is 2, want 1", head + `}`: "habits are missing",
		head + `,"habits":{"requests":{},"calls":{},"took_ns":1},"cells":[{"endpoint":"search","fault":{"name":"503","kind":"answer"},"mode":"once","state":"ran","result":"splendid","summary":"s","reached":true}]}`: `cells[0]: result is "splendid"`,
	} {
		if _, err := ParseRecord([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestSetupDiffers(t *testing.T) {
	t.Parallel()
	was := Setup{Command: []string{"npm", "test"}, Seed: 1, Upstream: "standin", Latency: time.Second, Runs: 2}
	for want, change := range map[string]func(*Setup){
		"":                           func(*Setup) {},
		"the command was [npm test]": func(s *Setup) { s.Command = []string{"npm", "start"} },
		"the seed was 1, is 2":       func(s *Setup) { s.Seed = 2 },
		"the upstream was standin":   func(s *Setup) { s.Upstream = "http://x" },
		"--every-code was false":     func(s *Setup) { s.EveryCode = true },
		"--latency was 1s, is 2s":    func(s *Setup) { s.Latency = 2 * time.Second },
		"--case-limit was 0s, is 5s": func(s *Setup) { s.Limit, s.Strict = 5*time.Second, true },
		"--runs was 2, is 3":         func(s *Setup) { s.Runs = 3 },
		"the digest of the policy":   func(s *Setup) { s.Policy = Digest([]byte("p")) },
		"the digest of the config":   func(s *Setup) { s.Config = Digest([]byte("c")) },
	} {
		now := was
		change(&now)
		if got := was.Differs(&now); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
