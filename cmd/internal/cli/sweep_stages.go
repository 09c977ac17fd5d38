package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/control/daemon"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/control/experiment/sweeper"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// sweepGrace is how long a command may take to end that has had its time. There are many runs, so that it is shorter than that of run.
const sweepGrace = 2 * time.Second

// stages are the places of a sweep: a groovechaos for each of the cases that run side by side.
type stages struct {
	all    []*stage
	places []sweeper.Place
	policy verdict.Policy
	seed   uint64
	// config is a digest of the configuration file, "" for none.
	config string
	// upstream is "standin", or where calls go.
	upstream string
}

// upstreamStandin is the word for the stand-in.
const upstreamStandin = "standin"

// openStages starts all places, or none.
func (o *sweepOptions) openStages(ctx context.Context, what *subject, left *orphans) (st *stages, err error) {
	st = &stages{}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.close())
			st.remove()
		}
	}()
	for i := range o.parallel {
		s, err := o.sweepScript(what, i == 0)
		if err != nil {
			return st, err
		}
		if s.text != nil {
			st.config = sweep.Digest(s.text)
		}
		st.seed, st.policy = s.config.Seed, append(s.config.Verdict.Policy(), s.experiment.Expect.Policy...)
		one, err := o.start(ctx, s)
		if err != nil {
			return st, err
		}
		st.all = append(st.all, one)
		st.upstream = upstreamStandin
		if s.config.Proxy.Upstream != upstreamStandin {
			st.upstream = one.daemon.Addresses().Upstream
		}
		st.places = append(st.places, placeOf(one, what.words, left))
	}
	return st, nil
}

// sweepScript reads the configuration and the policy.
func (o *sweepOptions) sweepScript(what *subject, warn bool) (*script, error) {
	e := what.experiment
	s, err := o.with(&e)
	if err != nil {
		return nil, err
	}
	if n := len(s.config.Faults); n > 0 {
		return nil, fmt.Errorf("load %s: it has %s, want none: a sweep has its own", o.config, plural(n, "fault"))
	}
	if warn {
		o.warn(s.config)
	}
	if what.service() && len(what.words) == 0 {
		s.listen = s.config.Proxy.Listen
	}
	if !what.seeded {
		e.Seed = s.config.Seed
	}
	if o.seeded {
		e.Seed = o.seed
	}
	e.SingleFlight = e.SingleFlight || s.config.SingleFlight
	s.config.Seed = e.Seed
	return s, o.loadPolicy(&e)
}

// placeOf is where a stage runs the command.
func placeOf(st *stage, words []string, left *orphans) sweeper.Place {
	environment := environ(st.variables)
	place := sweeper.Place{
		Site: st.daemon.Site(),
	}
	if len(words) > 0 {
		place.Command = func(ctx context.Context, out io.Writer) experiment.Ended {
			w := workload{words: words, in: strings.NewReader(""), out: out, environment: environment, grace: sweepGrace, orphans: left}
			return w.command(ctx)
		}
	}
	if standin := st.daemon.Addresses().Standin; standin != "" {
		place.Reset = func(ctx context.Context) error { return forget(ctx, "http://"+standin+"/__standin/state") }
	}
	return place
}

// forgetTime bounds how long the stand-in may take to forget.
const forgetTime = 5 * time.Second

// forget lets the stand-in forget what was written.
func forget(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, forgetTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, http.NoBody)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // Without a proxy, whatever the environment says.
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the stand-in answered %s", response.Status)
	}
	return errors.Join(err, response.Body.Close())
}

// close ends what was never run.
func (s *stages) close() error {
	var errs []error
	for _, one := range s.all {
		errs = append(errs, one.daemon.Close())
	}
	return errors.Join(errs...)
}

// remove takes away what lies on the disk.
func (s *stages) remove() {
	for _, one := range s.all {
		one.remove()
	}
}

// during serves all places while do is running: see outlast.
func (s *stages) during(ctx context.Context, do func(context.Context) error) error {
	all := make([]*daemon.Daemon, len(s.all))
	for i, one := range s.all {
		all[i] = one.daemon
	}
	return outlast(ctx, all, do)
}

// openSweepOutput opens the file for what the command prints; by default it goes nowhere, as there are many runs.
func (o *sweepOptions) openSweepOutput() (out io.Writer, done func(), err error) {
	if o.output == "" {
		return io.Discard, func() {}, nil
	}
	file, err := os.Create(o.output)
	if err != nil {
		return nil, nil, fmt.Errorf("write output: %w", err)
	}
	return file, func() { _ = file.Close() }, nil
}
