package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
)

// bencher runs the scenarios of one command line.
type bencher struct {
	*options
	*site
	progress *progress
}

// bench runs everything and writes the results. Failed requests are an error,
// after the results are out, and so is a scenario that broke off.
func bench(ctx context.Context, o *options, out io.Writer, p *progress) (err error) {
	p.plan(o)
	s, err := open(ctx, o, p.say)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	b := &bencher{options: o, site: s, progress: p}
	d := document{Machine: readMachine(), Versions: b.versions(ctx), Rounds: o.rounds, Seconds: o.seconds, Seed: o.seed}
	var broken error
	for i := range o.scenarios {
		c := &o.scenarios[i]
		r, err := b.run(ctx, c)
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil:
			r = report{Name: c.name, Title: c.title, Connections: c.connections, Unavailable: "it broke off: " + err.Error()}
			p.say(c.name + ": " + r.Unavailable)
			broken = errors.Join(broken, fmt.Errorf("%s: %w", c.name, err))
		}
		d.Scenarios = append(d.Scenarios, r)
	}
	p.end()
	return errors.Join(broken, d.deliver(o, out), d.failures())
}

// run runs all rounds of one scenario.
func (b *bencher) run(ctx context.Context, c *scenario) (report, error) {
	r := report{Name: c.name, Title: c.title, Connections: c.connections, LoadBefore: loadAverage()}
	var err error
	if c.kind == viaDelay {
		r.Delays, err = b.delays(ctx, c)
	} else {
		r.Turns, err = b.rounds(ctx, c)
	}
	if errors.Is(err, errAbsent) {
		r.Unavailable = err.Error()
		b.progress.say(c.name + ": " + r.Unavailable)
		return r, nil
	}
	r.LoadAfter = loadAverage()
	r.summarise(c)
	return r, err
}

func (b *bencher) rounds(ctx context.Context, c *scenario) ([]turn, error) {
	all, err := b.startAll(ctx, among(b.peers, c), c)
	defer stopAll(all)
	if err != nil {
		return nil, err
	}
	draw := b.draw()
	var turns []turn
	for round := range b.options.rounds {
		for _, i := range draw.Perm(len(all)) {
			t, err := b.turn(ctx, all[i], c)
			if err != nil {
				return nil, fmt.Errorf("measure %s: %w", all[i].name, err)
			}
			t.Round = round + 1
			turns = append(turns, t)
			b.progress.turn(c, &t)
		}
	}
	return turns, b.collectProfiles(c)
}

// stopAll stops the peers, and leaves the origin, which is the first.
func stopAll(all []*running) {
	for _, r := range all[1:] {
		r.stop()
	}
}

// draw makes the order of turns in each round.
func (o *options) draw() *rand.Rand { return rand.New(rand.NewPCG(o.seed, 0)) }

// collectProfiles moves the profiles of a scenario to the folder for results.
func (b *bencher) collectProfiles(c *scenario) error {
	if !b.profile {
		return nil
	}
	for i := range b.options.rounds {
		profile, err := os.ReadFile(fmt.Sprintf("%s/%d.pprof", b.dir, i))
		if err != nil {
			return err
		}
		if err := b.deposit(fmt.Sprintf("%s.%d.pprof", c.name, i), profile); err != nil {
			return err
		}
	}
	return nil
}
