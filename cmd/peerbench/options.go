package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of the options.
const (
	maxRounds      = 1000
	maxSeconds     = 600
	maxConnections = 10_000
)

// options is the command line.
type options struct {
	scenarios []scenario
	peers     []string
	rounds    int
	// seconds is the length of one measured load.
	seconds int
	// connections replaces that of the scenarios; 0 keeps it.
	connections int
	seed        uint64
	// out is the folder for peers.json, peers.txt and peers.svg; "" writes none.
	out  string
	json bool
	list bool
	// profile leaves CPU profiles of our side in out.
	profile bool
	// groovechaos is a binary to use in place of one built from the tree;
	// baseline is a further one that becomes a peer.
	groovechaos, baseline string
}

const help = `usage: peerbench [flags]

Measures groovechaos beside HAProxy, nginx, Toxiproxy, fasthttp and
httputil.ReverseProxy on this machine, over loopback.

`

// parseOptions reads the command line. It returns flag.ErrHelp for --help.
func parseOptions(args []string, errs io.Writer) (*options, error) {
	o := &options{}
	var names, peers list
	f := flag.NewFlagSet("peerbench", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Var(&names, "scenario", "scenario to run, several with commas or by repeating the flag (default all, see --list)")
	f.Var(&peers, "peers", "peers to measure, likewise (default "+strings.Join(peerNames(), ",")+")")
	f.IntVar(&o.rounds, "rounds", 5, "rounds, in each of which every peer has one turn")
	f.IntVar(&o.seconds, "seconds", 3, "seconds of one measured load")
	f.IntVar(&o.connections, "connections", 0, "connections, in place of those of the scenario")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the order of turns")
	f.StringVar(&o.out, "out", "", "folder for peers.txt, peers.json and peers.svg")
	f.BoolVar(&o.json, "json", false, "print JSON in place of text")
	f.BoolVar(&o.list, "list", false, "list the scenarios and end")
	f.BoolVar(&o.profile, "profile", false, "leave CPU profiles of groovechaos in the folder of --out")
	f.StringVar(&o.groovechaos, "groovechaos", "", "groovechaos binary to measure (default: built from this tree)")
	f.StringVar(&o.baseline, "baseline", "", "groovechaos binary to measure as one more peer, \"baseline\"")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(errs, help)
			f.SetOutput(errs)
			f.PrintDefaults()
		}
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("argument %q: want flags alone", f.Arg(0))
	}
	return o, o.complete(names, peers)
}

// complete checks the options and finds what they name.
func (o *options) complete(names, peers list) error {
	if err := errors.Join(
		within("rounds", o.rounds, 1, maxRounds),
		within("seconds", o.seconds, 1, maxSeconds),
		within("connections", o.connections, 0, maxConnections),
	); err != nil {
		return err
	}
	switch {
	case o.profile && o.out == "":
		return errors.New("--profile leaves files: want --out as well")
	case o.profile && o.groovechaos != "":
		return errors.New("--profile needs a binary built for it: want no --groovechaos")
	}
	for _, path := range []*string{&o.out, &o.groovechaos, &o.baseline} {
		if err := absolute(path); err != nil {
			return err
		}
	}
	if err := o.choosePeers(peers); err != nil {
		return err
	}
	return o.chooseScenarios(names)
}

// choosePeers puts ours in whether it is named or not: all ratios are to it.
func (o *options) choosePeers(named list) error {
	all := peerNames()
	o.peers = all
	if len(named) > 0 {
		o.peers = []string{ours}
	}
	for _, name := range named {
		if !slices.Contains(all, name) {
			return fmt.Errorf("--peers %q: want some of %s", name, strings.Join(all, ", "))
		}
		if !slices.Contains(o.peers, name) {
			o.peers = append(o.peers, name)
		}
	}
	if o.baseline != "" {
		o.peers = append(slices.Clip(o.peers), baseline)
	}
	return nil
}

func (o *options) chooseScenarios(named list) error {
	o.scenarios = scenarios()
	if len(named) > 0 {
		o.scenarios = nil
	}
	for _, name := range named {
		i := slices.IndexFunc(scenarios(), func(s scenario) bool { return s.name == name })
		if i < 0 {
			return fmt.Errorf("--scenario %q: want one of those that --list shows", name)
		}
		o.scenarios = append(o.scenarios, scenarios()[i])
	}
	for i := range o.scenarios {
		if o.connections > 0 {
			o.scenarios[i].connections = o.connections
		}
	}
	return nil
}

func within(flag string, value, low, high int) error {
	if value < low || value > high {
		return fmt.Errorf("--%s %d: want %d to %d", flag, value, low, high)
	}
	return nil
}

// absolute makes path hold in other folders too.
func absolute(path *string) (err error) {
	if *path != "" {
		*path, err = filepath.Abs(*path)
	}
	return err
}

// list is a flag that takes several values.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	for name := range strings.SplitSeq(value, ",") {
		if name == "" {
			return errors.New("is empty, want names with commas between them")
		}
		*l = append(*l, name)
	}
	return nil
}
