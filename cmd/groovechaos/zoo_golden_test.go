//go:build e2e

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

var zooUpdate = flag.Bool("zoo.update", false, "write down what is said of the zoo's clients, as testdata/zoo/verdicts.json and .md")

// pins are the results that are written down, by client and finding. Where a result lies at a limit, or depends on how
// busy the machine is, there are several, with "|" in between.
type pins map[string]map[string]string

func readPins(t *testing.T) pins {
	t.Helper()
	text, err := os.ReadFile(zooFile("verdicts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all pins
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// allows reports whether a result is among those of a pin.
func allows(pin string, result verdict.Result) bool {
	return slices.Contains(strings.Split(pin, "|"), string(result))
}

// compare holds what is said of a client against what was written down. Where too little was seen then, it may be what the
// source says now.
func (p pins) compare(t teller, r *resident, all said, stood time.Duration) {
	t.Helper()
	pinned, source, must := p[r.name], r.source(), r.must.results()
	for key := range pinned {
		if _, judged := all[key]; !judged {
			t.Errorf("nothing is said of %s any more: see -zoo.update", key)
		}
	}
	for key, f := range all {
		pin := pinned[key]
		switch {
		case allows(pin, f.Result):
		case allows(pin, verdict.Inconclusive) && slices.Contains(source[key], f.Result):
			t.Logf("%s is %q now, as its source says, not %q as written down: see -zoo.update", key, f.Result, pin)
		case pin != "" && slight(key, f.Result, source[key], must[key]):
			t.Logf("%s is %q this time, not %q as written down: %s", key, f.Result, pin, f.Missing)
		case pin != "" && excused(key, f.Result, stood):
			t.Logf("%s is %q, not %q as written down: %s; but the machine stood still for %s", key, f.Result, pin, f.Missing, stood)
		default:
			t.Errorf("%s is %q, not %q as written down: %s %s; see -zoo.update", key, f.Result, pin, f.Summary, f.Missing)
		}
	}
}

// slight reports a difference that says nothing: too little was seen this time of what the client need not be known for, or a
// check that never fails anybody says what the source does not deny.
func slight(key string, result verdict.Result, source []verdict.Result, must verdict.Result) bool {
	check, _, _ := strings.Cut(key, " ")
	if result == verdict.Inconclusive {
		return must == "" || verdict.Mild(check) || check == "retry-after-long"
	}
	return verdict.Mild(check) && (result == verdict.Info || len(source) == 0 || slices.Contains(source, result))
}

// learn writes down what is said of a client. After the machine stood still, what was written down remains beside it.
func (p pins) learn(client string, all said, stood time.Duration) {
	old := p[client]
	p[client] = make(map[string]string)
	for key, f := range all {
		pin := old[key]
		switch {
		case allows(pin, f.Result):
			p[client][key] = pin
		case pin != "" && stood > standstill:
			p[client][key] = pin + "|" + string(f.Result)
		default:
			p[client][key] = string(f.Result)
		}
	}
}

// write saves the pins for the test and for people.
func (p pins) write(t *testing.T) {
	t.Helper()
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"verdicts.json": append(text, '\n'), "verdicts.md": []byte(p.table())} {
		if err := os.WriteFile(zooFile(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// table shows the pins, with what the source says in brackets where too little was seen to say it.
func (p pins) table() string {
	var b strings.Builder
	b.WriteString("# What is said of the clients of the zoo\n\nIn brackets is what their source says, where too little was seen to say it.\n")
	b.WriteString("\n| client | fail | warn | inconclusive | info | pass |\n|---|---|---|---|---|---|\n")
	for i := range residents {
		r := &residents[i]
		fmt.Fprintf(&b, "| %s |", r.name)
		for _, result := range []verdict.Result{verdict.Fail, verdict.Warn, verdict.Inconclusive, verdict.Info, verdict.Pass} {
			b.WriteString(" " + strings.Join(r.cell(p[r.name], result), ", ") + " |")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// cell lists the findings that have a result.
func (r *resident) cell(pinned map[string]string, result verdict.Result) []string {
	source := r.source()
	var names []string
	for _, key := range slices.Sorted(maps.Keys(pinned)) {
		if !allows(pinned[key], result) {
			continue
		}
		name := strings.ReplaceAll(key, " ", "\u00a0") // a status stays with its check
		if proven := source[key]; pinned[key] == string(result) && result == verdict.Inconclusive && len(proven) > 0 && proven[0] != result {
			name += fmt.Sprintf(" (%s)", proven[0])
		}
		names = append(names, name)
	}
	return names
}
