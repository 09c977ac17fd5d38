package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
)

// defaultRunTime bounds a run that says nothing of it.
const defaultRunTime = time.Hour

// read reads what is to be run.
func (o *runOptions) read(file string) (*script, error) {
	if file == "" {
		e, err := document.Standard()
		if err != nil {
			return nil, err
		}
		e.Seeded = false // Whoever plays it asked for none.
		return o.with(e)
	}
	text, err := readDocument(file)
	if err != nil {
		return nil, err
	}
	d, err := config.ReadDocument(file, text)
	if err != nil {
		return nil, err
	}
	if document.Is(d) {
		e, err := document.Of(d)
		if err != nil {
			return nil, err
		}
		return o.with(e)
	}
	if o.config != "" {
		return nil, usage("--config goes with an experiment, and %s is a configuration itself", file)
	}
	c, err := config.Parse(file, text)
	if err != nil {
		return nil, err
	}
	return &script{experiment: experiment.Plain(nil, defaultRunTime), config: c, plain: true, open: !d.Has("intercept", "others")}, nil
}

// readDocument reads a file, and at most one byte more than it may have.
func readDocument(name string) (text []byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", filepath.Base(name), err)
	}
	defer file.Close()
	if text, err = io.ReadAll(io.LimitReader(file, config.MaxSize+1)); err != nil {
		return nil, fmt.Errorf("load %s: %w", filepath.Base(name), err)
	}
	return text, nil
}

// with puts an experiment beside its configuration.
func (o *runOptions) with(e *experiment.Experiment) (*script, error) {
	s := &script{experiment: e, config: config.Default(), open: true}
	if o.config == "" {
		return s, nil
	}
	text, err := readDocument(o.config)
	if err != nil {
		return nil, err
	}
	s.text = text
	d, err := config.ReadDocument(o.config, text)
	if err != nil {
		return nil, err
	}
	if s.config, err = config.Parse(o.config, text); err != nil {
		return nil, err
	}
	s.open = !d.Has("intercept", "others")
	switch seed := s.config.Seed; {
	case !e.Seeded:
		e.Seed = seed
	case d.Has("seed") && seed != e.Seed:
		return nil, usage("seed is %d in the experiment and %d in %s, want it in one of them", e.Seed, seed, filepath.Base(o.config))
	}
	return s, nil
}

// private are the destinations that a command may reach by way of its proxy as it would without one.
var private = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"}

// prepare fits the configuration to a run: the authority is made anew and trusted by the command alone, and what the
// command sends elsewhere passes.
func (s *script) prepare(dir string) {
	c := s.config
	if c.Intercept.CADir == "" {
		c.Intercept.CADir = filepath.Join(dir, "ca")
	}
	if s.open {
		c.Intercept.Others = config.OthersTunnel
		c.Intercept.Allow = append(c.Intercept.Allow, private...)
	}
	if s.plain {
		return
	}
	c.Seed, c.SingleFlight = s.experiment.Seed, s.experiment.SingleFlight || c.SingleFlight
	// Probes can tell whether internal text has leaked.
	c.Observe.Marker = c.Observe.Marker || len(s.experiment.Probes) > 0
}
