package faults_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	x := func(change func(*faults.Exchange)) *faults.Exchange {
		x := exchange(nth(1))
		change(x)
		return x
	}
	asIs := func(*faults.Exchange) {}
	for what, test := range map[string]struct {
		match  faults.Match
		change func(*faults.Exchange)
		want   bool
	}{
		"nothing holds for everything":       {faults.Match{}, asIs, true},
		"nothing holds outside the contract": {faults.Match{}, func(x *faults.Exchange) { x.Endpoint = "" }, true},
		"an endpoint":                        {faults.Match{Endpoints: []string{groove.Lookup, groove.Search}}, asIs, true},
		"another endpoint":                   {faults.Match{Endpoints: []string{groove.Lookup}}, asIs, false},
		"an endpoint, outside the contract":  {faults.Match{Endpoints: []string{groove.Search}}, func(x *faults.Exchange) { x.Endpoint = "" }, false},
		"a method":                           {faults.Match{Methods: []string{"GET"}}, asIs, true},
		"another method":                     {faults.Match{Methods: []string{"POST"}}, asIs, false},
		"a host by another case":             {faults.Match{Hosts: []string{"MUSIC.xboxlive.com"}}, asIs, true},
		"a host by a pattern":                {faults.Match{Hosts: []string{"*.xboxlive.com"}}, asIs, true},
		"another host":                       {faults.Match{Hosts: []string{"*.example.org"}}, asIs, false},
		"a path by another case":             {faults.Match{Path: "/1/Content/{ns}/Search"}, asIs, true},
		"another path":                       {faults.Match{Path: "/1/content/{ns}/lookup"}, asIs, false},
		"a parameter, decoded":               {faults.Match{Query: map[string]string{"Q": "daft punk"}}, asIs, true},
		"a parameter by a pattern":           {faults.Match{Query: map[string]string{"q": "daft*"}}, asIs, true},
		"a parameter's value keeps its case": {faults.Match{Query: map[string]string{"q": "Daft*"}}, asIs, false},
		"a parameter that is there":          {faults.Match{Query: map[string]string{"q": "*"}}, asIs, true},
		"a parameter that is not":            {faults.Match{Query: map[string]string{"r": "*"}}, asIs, false},
		"one of a repeated parameter":        {faults.Match{Query: map[string]string{"a": "2"}}, func(x *faults.Exchange) { x.Query = "a=1&a=2" }, true},
		"a parameter of a coded name":        {faults.Match{Query: map[string]string{"A b": "2"}}, func(x *faults.Exchange) { x.Query = "%61+B=2" }, true},
		"a parameter that cannot be decoded": {faults.Match{Query: map[string]string{"a": "%zz"}}, func(x *faults.Exchange) { x.Query = "a=%zz" }, true},
		"a field":                            {faults.Match{Headers: map[string]string{"x-app": "web"}}, func(x *faults.Exchange) { x.Header = header{"X-App": "web"} }, true},
		"a field of another value":           {faults.Match{Headers: map[string]string{"x-app": "web"}}, func(x *faults.Exchange) { x.Header = header{"X-App": "tv"} }, false},
		"a field that is not there":          {faults.Match{Headers: map[string]string{"x-app": "*"}}, asIs, false},
		"a client":                           {faults.Match{Clients: []string{"other", "player"}}, asIs, true},
		"a client by another case":           {faults.Match{Clients: []string{"Player"}}, asIs, false},
		"all parts must hold":                {faults.Match{Methods: []string{"GET"}, Clients: []string{"other"}}, asIs, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := sound()
			f.Match = test.match
			e := newEngine(t, 1, f)
			for range 2 {
				if got := e.Decide(x(test.change)).Terminal != nil; got != test.want {
					t.Errorf("matched: %v, want %v", got, test.want)
				}
			}
		})
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, value string
		want           bool
	}{
		{"*", "x", true},
		{"**", "x", true},
		{"a*c", "abc", true},
		{"a*c", "ac", true},
		{"a*c", "abcd", false},
		{"*b*", "abc", true},
		{"*b*", "ac", false},
		{"a*b*c", "a-b-b-c", true},
		{"a*ab", "aab", true},
		{"abc", "abc", true},
		{"abc", "ab", false},
		{"abc", "abcd", false},
	} {
		f := sound()
		f.Match.Clients = []string{test.pattern}
		x := exchange(nth(1))
		x.Client = test.value
		if got := newEngine(t, 1, f).Decide(x).Terminal != nil; got != test.want {
			t.Errorf("%q on %q: %v, want %v", test.pattern, test.value, got, test.want)
		}
	}
}

//nolint:paralleltest // Counting allocations wants the process to itself.
func TestDecideRelaysWithoutAllocating(t *testing.T) {
	rare := sound()
	rare.Trigger.Share = new(0.0)
	rare.Match = faults.Match{Hosts: []string{"*.xboxlive.com"}, Path: "/1/content/{ns}/search", Query: map[string]string{"Q": "daft *", "country": "*"}}
	for what, relays := range map[string]func(i int) faults.Fault{
		"that draw": func(int) faults.Fault { return rare },
		"that draw once a call beside others": func(i int) faults.Fault {
			f := rare
			f.Trigger = faults.Trigger{Share: new(1e-9), Attempts: uint64(1 - i%2)}
			return f
		},
		"that spoil": func(int) faults.Fault { return throttling("", rare.Trigger) },
		"that are about others": func(i int) faults.Fault {
			f := sound()
			f.Match = faults.Match{
				Clients: []string{fmt.Sprint(i)}, Hosts: []string{"music.xboxlive.com"}, Path: fmt.Sprintf("/1/content/%d/{x}", i%50),
				Query: map[string]string{"q": fmt.Sprint(i % 20)}, Headers: map[string]string{"x-a": fmt.Sprint(i % 10)},
			}
			return f
		},
	} {
		for _, n := range []int{0, 1, 100, faults.MaxFaults} {
			set := make([]faults.Fault, n)
			for i := range set {
				set[i] = relays(i)
				set[i].Name = fmt.Sprintf("f%d", i)
			}
			e := newEngine(t, 1, set...)
			x := exchange(nth(1))
			x.Query, x.Header = "q=daft+punk&country=%75s", header{"X-A": "none"}
			if d := e.Decide(x); d.Reason != "" {
				t.Fatalf("%d faults %s: %s, want a relayed exchange", n, what, d.Reason)
			}
			if got := testing.AllocsPerRun(10, func() { e.Decide(x) }); got != 0 {
				t.Errorf("%d faults %s: Decide allocates %v times for an exchange it relays, want 0", n, what, got)
			}
		}
	}
}

//nolint:paralleltest // Counting allocations wants the process to itself.
func TestAStrikeAllocatesItsReason(t *testing.T) {
	for what, test := range map[string]struct {
		fault  faults.Fault
		reason string
		want   float64
	}{
		"an answer that needs no draw": {sound(), "busy: share 1", 0},
		"a drawn answer":               {answering("f", 503, faults.Trigger{Share: new(0.99)}), "f: share 0.99, draw 0.", 1},
		"a break":                      {breaking("f", faults.BreakBefore, faults.Trigger{Every: 1}), "f: every 1, exchange ", 1},
		"a quota":                      {limiting(faults.Quota{Requests: 1, Per: faults.MaxTTL}), "quota: quota 1 in ", 1},
	} {
		e := newEngine(t, 1, test.fault)
		x := exchange(nth(1))
		e.Decide(x) // takes the token
		if d := e.Decide(x); !strings.HasPrefix(d.Reason, test.reason) {
			t.Errorf("%s: got the reason %q, want %q", what, d.Reason, test.reason)
		}
		if got := testing.AllocsPerRun(100, func() { e.Decide(x) }); got != test.want {
			t.Errorf("%s: Decide allocates %v times, want %v for the reason", what, got, test.want)
		}
	}
}
