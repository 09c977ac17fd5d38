package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// badToGood is the order in which results are shown.
var badToGood = []verdict.Result{verdict.Fail, verdict.Inconclusive, verdict.Warn, verdict.Info, verdict.Pass}

// known returns r, and Inconclusive for what is no result.
func known(r verdict.Result) verdict.Result {
	if slices.Contains(badToGood, r) {
		return r
	}
	return verdict.Inconclusive
}

// worstFirst returns the findings in the order in which they are shown.
func worstFirst(findings []verdict.Finding) []verdict.Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b verdict.Finding) int {
		return slices.Index(badToGood, known(a.Result)) - slices.Index(badToGood, known(b.Result))
	})
	return sorted
}

// idle reports a finding of a check for which nothing happened.
func idle(f verdict.Finding) bool {
	return known(f.Result) == verdict.Inconclusive && f.Exposed == 0
}

// untouched reports a client that met nothing a check is about. It has no
// verdict, and the report does not count it.
func untouched(v verdict.Verdict) bool {
	return known(v.Result) == verdict.Inconclusive &&
		!slices.ContainsFunc(v.Findings, func(f verdict.Finding) bool { return !idle(f) })
}

// tally counts clients by result: "3 clients: 1 fail, 2 pass".
func tally(clients []verdict.Verdict) string {
	if len(clients) == 0 {
		return "no client seen"
	}
	const metNothing = "met no failure"
	counts := make(map[string]int)
	for _, client := range clients {
		if untouched(client) {
			counts[metNothing]++
		} else {
			counts[string(known(client.Result))]++
		}
	}
	var parts []string
	for _, result := range badToGood {
		if n := counts[string(result)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, result))
		}
	}
	if n := counts[metNothing]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", n, metNothing))
	}
	return plural(len(clients), "client") + ": " + strings.Join(parts, ", ")
}

// Bounds of the calls and attempts that are named of a finding.
const (
	briefly  = 6
	entirely = verdict.MaxEvidence
)

// evidence says what a finding rests on, naming at most so many calls and runs
// of attempts.
func evidence(f verdict.Finding, most int) string {
	var parts []string
	if f.Exposed > 0 {
		parts = append(parts, plural(f.Exposed, "call")+" looked at")
	}
	if n := len(f.Calls); n > 0 {
		parts = append(parts, "rests on "+noun(n, "call")+" "+clean(list(f.Calls, most)))
	}
	if n := len(f.Attempts); n > 0 {
		parts = append(parts, noun(n, "attempt")+" "+list(ranges(f.Attempts), most))
	}
	if f.Grouping != "" {
		parts = append(parts, grouped(f.Grouping))
	}
	return strings.Join(parts, "; ")
}

// list joins at most so many words, and says when there were, or may have been,
// more.
func list(words []string, most int) string {
	switch {
	case len(words) > most:
		return strings.Join(words[:most], ", ") + " and more"
	case len(words) == verdict.MaxEvidence:
		return strings.Join(words, ", ") + " and perhaps more"
	default:
		return strings.Join(words, ", ")
	}
}

func grouped(g observe.Grouping) string {
	switch g {
	case observe.GroupingExplicit:
		return "grouped by an id that the client sent"
	case observe.GroupingInferred:
		return "grouped by equal requests and by time"
	case observe.GroupingAmbiguous:
		return "grouping ambiguous"
	default:
		return "grouping " + clean(string(g))
	}
}

// ranges writes numbers in ascending order with runs drawn together: "3-5", "9".
func ranges(numbers []uint64) []string {
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	var parts []string
	for i := 0; i < len(sorted); {
		j := i
		for j+1 < len(sorted) && sorted[j+1] == sorted[j]+1 {
			j++
		}
		part := strconv.FormatUint(sorted[i], 10)
		if j > i {
			part += "-" + strconv.FormatUint(sorted[j], 10)
		}
		parts = append(parts, part)
		i = j + 1
	}
	return parts
}

// plural writes a number with its noun: "1 call", "2 calls".
func plural(n int, word string) string { return strconv.Itoa(n) + " " + noun(n, word) }

func noun(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// percent writes a share for people.
func percent(share float64) string { return coverage.Percent(share) }
