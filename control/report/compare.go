package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// ComparisonVersion is the version of the Comparison's format.
const ComparisonVersion = 1

// Comparison is what became of callers from one report to the next. Lists are never null.
type Comparison struct {
	// Version is the version of this document's format.
	Version int `json:"version"`
	// Result is Fail if something got worse, Inconclusive if nothing did but something that was known is not known any more, else Pass.
	Result verdict.Result `json:"result"`
	// Old and New are the results of the reports.
	Old verdict.Result `json:"old"`
	New verdict.Result `json:"new"`

	// Worse has what fails or warns now and did not, and what fails that warned.
	Worse []Change `json:"worse"`
	// Unclear has what was known and is not any more: too little was seen this time.
	Unclear []Change `json:"unclear"`
	// Better has what fails or warns no more, or less, and what passes now of which too little had been seen.
	Better []Change `json:"better"`
	// Added has what passes and was not in the old report at all.
	Added []Change `json:"added"`

	// Laws are the clients that wait otherwise now. They weigh nothing.
	Laws []LawChange `json:"laws"`
	// Clients are those in either report, by name.
	Clients []ClientChange `json:"clients"`
	// Coverage is there if both reports tell of it. It weighs nothing: see coverage.Demand.
	Coverage *CoverageChange `json:"coverage,omitempty"`
}

// Change is a finding that came out otherwise.
type Change struct {
	// Client is the client in the new report, "" for a finding about all of them, or about the report as a whole.
	Client string `json:"client,omitempty"`
	// Case is the case of a sweep that it is about, such as "search 503 twice", "" for none.
	Case string `json:"case,omitempty"`
	// Check, Status and Endpoints say which finding; Check is "" for the result of the report, or of a case.
	Check     string   `json:"check,omitempty"`
	Status    int      `json:"status,omitempty"`
	Endpoints []string `json:"endpoints,omitempty"`
	// Old and New are its results, "" where there was none.
	Old verdict.Result `json:"old,omitempty"`
	New verdict.Result `json:"new,omitempty"`
	// Summary says what was seen, in the new report if it has it; Missing what it lacks, Advice what to change.
	Summary string `json:"summary,omitempty"`
	Missing string `json:"missing,omitempty"`
	Advice  string `json:"advice,omitempty"`
}

// LawChange is a client that waits otherwise.
type LawChange struct {
	Client string `json:"client"`
	Old    string `json:"old"`
	New    string `json:"new"`
}

// ClientChange is a client and its results, "" where it was not seen.
type ClientChange struct {
	Client string `json:"client"`
	// Before is its name in the old report, if that is another.
	Before string         `json:"before,omitempty"`
	Old    verdict.Result `json:"old,omitempty"`
	New    verdict.Result `json:"new,omitempty"`
}

// CoverageChange is what became of coverage.
type CoverageChange struct {
	Old coverage.Tally `json:"old"`
	New coverage.Tally `json:"new"`
	// Lost and Gained are errors on endpoints, "search 503", that are no more covered, and newly so.
	Lost   []string `json:"lost"`
	Gained []string `json:"gained"`
}

// Compare says what became of the callers. Clients are the same if they have one name; if just one in each report has no
// namesake, these two are taken for the same, as a client by its credential has another name after each sign-in.
func Compare(before, after Content) Comparison {
	c := Comparison{
		Version: ComparisonVersion, Old: known(before.Verdict.Result), New: known(after.Verdict.Result),
		Worse: []Change{}, Unclear: []Change{}, Better: []Change{}, Added: []Change{}, Laws: []LawChange{}, Clients: []ClientChange{},
	}
	for _, pair := range pairs(before.Verdict.Clients, after.Verdict.Clients) {
		c.client(pair)
	}
	c.findings("", before.Verdict.Findings, after.Verdict.Findings)
	c.sweeps(before.Sweep, after.Sweep)
	c.whole(&before.Verdict, &after.Verdict)
	if before.Coverage != nil && after.Coverage != nil {
		c.Coverage = compareCoverage(before.Coverage, after.Coverage)
	}
	c.Result = c.sum()
	return c
}

// sum is what the changes come to.
func (c *Comparison) sum() verdict.Result {
	switch {
	case len(c.Worse) > 0:
		return verdict.Fail
	case slices.ContainsFunc(c.Unclear, lost):
		return verdict.Inconclusive
	default:
		return verdict.Pass
	}
}

// lost reports that something is not known any more that can fail a caller.
func lost(change Change) bool { return !verdict.Mild(change.Check) }

// clientPair is a client in both reports, nil where it was not seen.
type clientPair struct{ before, after *verdict.Verdict }

// pairs brings the clients of two reports together, in order of their names.
func pairs(before, after []verdict.Verdict) []clientPair {
	old := map[string]*verdict.Verdict{}
	for i := range before {
		old[before[i].Client] = &before[i]
	}
	var list, appeared []clientPair
	for i := range after {
		pair := clientPair{old[after[i].Client], &after[i]}
		delete(old, after[i].Client)
		if pair.before == nil {
			appeared = append(appeared, pair)
		} else {
			list = append(list, pair)
		}
	}
	for _, v := range old {
		if len(old) == 1 && len(appeared) == 1 {
			appeared[0].before = v
			break
		}
		list = append(list, clientPair{before: v})
	}
	list = append(list, appeared...)
	slices.SortFunc(list, func(a, b clientPair) int { return cmp.Compare(a.name(), b.name()) })
	return list
}

func (p clientPair) name() string {
	if p.after != nil {
		return p.after.Client
	}
	return p.before.Client
}

func (c *Comparison) client(p clientPair) {
	one := ClientChange{Client: p.name()}
	var before, after []verdict.Finding
	var old, now []verdict.Law
	if p.before != nil {
		before, old, one.Old = p.before.Findings, p.before.Laws, known(p.before.Result)
	}
	if p.after != nil {
		after, now, one.New = p.after.Findings, p.after.Laws, known(p.after.Result)
	}
	if p.before != nil && p.before.Client != one.Client {
		one.Before = p.before.Client
	}
	c.Clients = append(c.Clients, one)
	c.findings(one.Client, before, after)
	if len(old) > 0 && len(now) > 0 && old[0].Sentence != now[0].Sentence {
		c.Laws = append(c.Laws, LawChange{one.Client, old[0].Sentence, now[0].Sentence})
	}
}

// findingKey says which findings of two reports are about the same.
type findingKey struct {
	check, endpoints string
	status           int
}

func keyOf(f *verdict.Finding) findingKey {
	return findingKey{f.Check, strings.Join(f.Endpoints, " "), f.Status}
}

// findings compares those of one client. One for which nothing happened is as good as none.
func (c *Comparison) findings(client string, before, after []verdict.Finding) {
	old := map[findingKey]*verdict.Finding{}
	for i := range before {
		if !idle(before[i]) {
			old[keyOf(&before[i])] = &before[i]
		}
	}
	seen := map[findingKey]bool{}
	for i := range after {
		if f := &after[i]; !idle(*f) {
			seen[keyOf(f)] = true
			c.weigh(Change{Client: client}, old[keyOf(f)], f)
		}
	}
	for i := range before {
		if f := &before[i]; !idle(*f) && !seen[keyOf(f)] {
			c.weigh(Change{Client: client}, f, nil)
		}
	}
}

// Weights of results. What is not known has none.
const (
	unknown = -1
	good    = 0
	warned  = 1
	failed  = 2
)

func weight(r verdict.Result) int {
	switch known(r) {
	case verdict.Fail:
		return failed
	case verdict.Warn:
		return warned
	case verdict.Pass, verdict.Info:
		return good
	case verdict.Inconclusive:
	}
	return unknown
}

// weigh takes up a finding that came out otherwise; nil stands for none. The change says whose it is.
func (c *Comparison) weigh(change Change, before, after *verdict.Finding) {
	old, now := unknown, unknown
	if before != nil {
		old, change.Old = weight(before.Result), known(before.Result)
		change.about(before)
	}
	if after != nil {
		now, change.New = weight(after.Result), known(after.Result)
		change.about(after)
	}
	switch {
	case now > max(old, good):
		c.Worse = append(c.Worse, change)
	case old != unknown && now == unknown:
		c.Unclear = append(c.Unclear, change)
	case now == good && before == nil:
		c.Added = append(c.Added, change)
	case now != unknown && (now < old || old == unknown):
		c.Better = append(c.Better, change)
	}
}

// about says which finding it is, and what was seen.
func (c *Change) about(f *verdict.Finding) {
	c.Check, c.Status, c.Endpoints = f.Check, f.Status, f.Endpoints
	c.Summary, c.Missing, c.Advice = f.Summary, f.Missing, f.Advice
}

// whole takes up a result of the report that the findings do not explain, such as that the command failed or a fault never fired.
func (c *Comparison) whole(before, after *verdict.Report) {
	old, now := weight(before.Result), weight(after.Result)
	change := Change{Old: c.Old, New: c.New, Summary: strings.Join(after.Reasons, "; ")}
	switch {
	case now > max(old, good) && len(c.Worse) == 0:
		c.Worse = append(c.Worse, change)
	case old != unknown && now == unknown && !slices.ContainsFunc(c.Unclear, lost):
		c.Unclear = append(c.Unclear, change)
	}
}

// compareCoverage says what is no more covered, and what is newly so.
func compareCoverage(before, after *coverage.Matrix) *CoverageChange {
	c := &CoverageChange{Old: before.Tally, New: after.Tally, Lost: []string{}, Gained: []string{}}
	old, now := covered(before), covered(after)
	c.Lost = append(c.Lost, missingFrom(old, now)...)
	c.Gained = append(c.Gained, missingFrom(now, old)...)
	return c
}

// covered lists what was met, "search 503", in order.
func covered(m *coverage.Matrix) []string {
	var list []string
	for i := range m.Endpoints {
		for _, cell := range m.Endpoints[i].Errors {
			if cell.Attempts > 0 {
				list = append(list, m.Endpoints[i].Endpoint+" "+cell.Name)
			}
		}
	}
	slices.Sort(list)
	return list
}

// missingFrom are those of a sorted list that another one lacks.
func missingFrom(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(one string) bool {
		_, there := slices.BinarySearch(other, one)
		return there
	})
}
