package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := parseOptions([]string{
		"--scenario", "relay-32,large", "--scenario", "tls", "--peers", "haproxy", "--connections", "7", "--baseline", "old", "--rounds", "2",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range o.scenarios {
		names = append(names, c.name)
		if c.connections != 7 {
			t.Errorf("%s: got %d connections, want 7", c.name, c.connections)
		}
	}
	if want := []string{"relay-32", "large", "tls"}; !slices.Equal(names, want) {
		t.Errorf("got scenarios %q, want %q", names, want)
	}
	if want := []string{ours, haproxy, baseline}; !slices.Equal(o.peers, want) {
		t.Errorf("got peers %q, want %q: ours is always among them", o.peers, want)
	}
	if o.rounds != 2 || o.seconds != 3 || o.seed != 1 {
		t.Errorf("got %d rounds of %d s, seed %d, want 2, 3 and 1", o.rounds, o.seconds, o.seed)
	}
}

func TestOptionsByDefaultAreEverything(t *testing.T) {
	t.Parallel()
	o, err := parseOptions(nil, io.Discard)
	if err != nil || len(o.scenarios) != len(scenarios()) || !slices.Equal(o.peers, peerNames()) {
		t.Errorf("got %+v, %v, want all scenarios and peers", o, err)
	}
}

func TestOptionsRefuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ line, want string }{
		"an argument":             {"relay-32", `argument "relay-32"`},
		"no round":                {"--rounds 0", "--rounds 0: want 1 to 1000"},
		"too many seconds":        {"--seconds 601", "--seconds 601: want 1 to 600"},
		"negative connections":    {"--connections -1", "--connections -1: want 0 to 10000"},
		"an unknown peer":         {"--peers squid", `--peers "squid": want some of groovechaos`},
		"an unknown scenario":     {"--scenario relay", `--scenario "relay": want one of`},
		"an empty name":           {"--peers haproxy,,nginx", "is empty"},
		"a profile to nowhere":    {"--profile", "want --out as well"},
		"a profile of a stranger": {"--profile --out x --groovechaos y", "want no --groovechaos"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if status := start(strings.Fields(test.line), &out, &errs); status != exitUsage || !strings.Contains(errs.String(), test.want) {
				t.Errorf("got status %d and %q, want %d and %q", status, errs.String(), exitUsage, test.want)
			}
		})
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	if _, err := parseOptions([]string{"--help"}, &errs); !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("got %v, want flag.ErrHelp", err)
	}
	for _, name := range []string{"scenario", "peers", "rounds", "seconds", "connections", "seed", "out", "json", "list", "profile", "groovechaos", "baseline"} {
		if !strings.Contains(errs.String(), "-"+name) {
			t.Errorf("got help without --%s", name)
		}
	}
}

func TestListHasEveryScenario(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if status := start([]string{"--list"}, &out, &errs); status != exitDone {
		t.Fatalf("got status %d: %s", status, errs.String())
	}
	for _, c := range scenarios() {
		if !strings.Contains(out.String(), c.name+" ") {
			t.Errorf("got a list without %s:\n%s", c.name, out.String())
		}
	}
}

// TestScenariosAreSound holds what the scenarios name against what there is.
func TestScenariosAreSound(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for _, c := range scenarios() {
		if taken[c.name] {
			t.Errorf("two scenarios are called %s", c.name)
		}
		taken[c.name] = true
		for _, name := range c.peers {
			if !slices.Contains(allNames(), name) {
				t.Errorf("%s: peer %q is not known", c.name, name)
			}
		}
		for _, g := range c.goals {
			if c.peers != nil && !slices.Contains(c.peers, g.peer) {
				t.Errorf("%s: the goal is against %s, which takes no part", c.name, g.peer)
			}
		}
		if len(c.requests) == 0 || c.status == 0 || c.connections == 0 {
			t.Errorf("%s: got %d requests, status %d, %d connections, want some of each", c.name, len(c.requests), c.status, c.connections)
		}
	}
}

func TestAmong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		asked []string
		peers []string
		want  []string
	}{
		"everybody may":          {[]string{ours, nginx}, nil, []string{ours, nginx}},
		"some may":               {[]string{ours, nginx, fasthttp}, []string{ours, fasthttp}, []string{ours, fasthttp}},
		"one fault goes unasked": {[]string{ours}, []string{ours, oneFault}, []string{ours, oneFault}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range among(test.asked, &scenario{peers: test.peers}) {
				got = append(got, p.name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
