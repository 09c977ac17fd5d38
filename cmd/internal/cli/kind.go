package cli

import (
	"fmt"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
)

// Configurations and experiments look alike, and each is often given where the other is wanted.

// loadConfig reads a configuration. Where something is wrong with it, the error says if it is an experiment.
func loadConfig(file string) (*config.Config, error) {
	c, err := config.Load(file)
	if err == nil {
		return c, nil
	}
	if text, unread := readDocument(file); unread == nil && isExperiment(file, text) {
		return nil, fmt.Errorf("%w\n%s has the keys of an experiment, and a configuration is wanted: see groovechaos experiment --help", err, file)
	}
	return nil, err
}

// parseExperiment reads an experiment. Where something is wrong with it, the error says if it is a configuration.
func parseExperiment(file string, text []byte) (*experiment.Experiment, error) {
	e, err := document.Parse(file, text)
	if err == nil || isExperiment(file, text) {
		return e, err
	}
	if _, wrong := config.Parse(file, text); wrong != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w\n%s is a configuration, and an experiment is wanted: see groovechaos config --help", err, file)
}

func isExperiment(file string, text []byte) bool {
	d, err := config.ReadDocument(file, text)
	return err == nil && document.Is(d)
}
