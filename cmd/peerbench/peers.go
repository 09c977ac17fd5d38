package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Names of what is measured.
const (
	// direct is the origin itself, without a proxy.
	direct = "direct"
	ours   = "groovechaos"
	// oneFault is our side with a single fault.
	oneFault = "one-fault"
	// baseline is our side as another binary has it.
	baseline  = "baseline"
	haproxy   = "haproxy"
	nginx     = "nginx"
	toxiproxy = "toxiproxy"
	fasthttp  = "fasthttp"
	reverse   = "reverseproxy"
)

// peer is something to measure.
type peer struct {
	name string
	// program is what has to be installed, and Debian has it in pkg.
	program, pkg string
	// optional peers take part in the scenarios that name them.
	optional bool
	start    func(ctx context.Context, s *site, c *scenario) (*running, error)
}

// running is a peer that accepts connections.
type running struct {
	*process
	name, address string
	// connect says that the load asks for the origin's host with CONNECT before
	// it speaks TLS.
	connect bool
}

// known are the peers, in the order of the tables.
func known() []peer {
	return []peer{
		{name: ours, start: startOurs(ours, nil)},
		{name: oneFault, optional: true, start: startOurs(oneFault, func(c *scenario) { c.harmless = 1 })},
		{name: baseline, optional: true, start: startOurs(baseline, nil)},
		{name: haproxy, program: "haproxy", pkg: "haproxy", start: startHAProxy},
		{name: nginx, program: "nginx", pkg: "nginx-light", start: startNginx},
		{name: toxiproxy, start: startToxiproxy},
		{name: fasthttp, start: startFasthttp},
		{name: reverse, start: startReverse},
	}
}

// peerNames are those that a command line may name.
func peerNames() []string {
	var names []string
	for _, p := range known() {
		if !p.optional {
			names = append(names, p.name)
		}
	}
	return names
}

// among returns the peers of a scenario that are asked for.
func among(asked []string, c *scenario) []peer {
	return slices.DeleteFunc(known(), func(p peer) bool {
		switch {
		case p.name == oneFault:
			return !slices.Contains(c.peers, oneFault)
		case !slices.Contains(asked, p.name):
			return true
		default:
			return c.peers != nil && !slices.Contains(c.peers, p.name)
		}
	})
}

// start starts a program and waits until it accepts connections.
func (s *site) start(ctx context.Context, name, address string, command []string, env ...string) (*running, error) {
	p, err := spawn(ctx, s.dir, name, command, env...)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx, address); err != nil {
		p.stop()
		return nil, err
	}
	return &running{process: p, name: name, address: address}, nil
}

// startAll starts the peers of a scenario behind the origin, which comes first.
// Those that are there are returned with an error too, to be stopped.
func (s *site) startAll(ctx context.Context, peers []peer, c *scenario) ([]*running, error) {
	all := []*running{s.origin}
	for _, p := range peers {
		r, err := p.start(ctx, s, c)
		if p.name == baseline && errors.Is(err, errAbsent) {
			continue // an older binary may do without
		}
		if err != nil {
			return all, fmt.Errorf("start %s: %w", p.name, err)
		}
		all = append(all, r)
	}
	return all, nil
}
