package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/groovechaos/groovechaos/faults"
)

// MaxSize bounds a configuration, in bytes.
const MaxSize = 1 << 20

// Config is the whole configuration. Default returns one that works.
type Config struct {
	// Seed keys every random draw: the same seed and the same calls give the
	// same faults. Every value is a seed like any other, 0 too.
	Seed uint64 `toml:"seed"`
	// SingleFlight lets at most one call of a client and request be failed at a time: see faults.EngineOptions.
	SingleFlight bool      `toml:"single_flight"`
	Proxy        Proxy     `toml:"proxy"`
	Intercept    Intercept `toml:"intercept"`
	Standin      Standin   `toml:"standin"`
	Control      Control   `toml:"control"`
	Observe      Observe   `toml:"observe"`
	Verdict      Verdict   `toml:"verdict"`
	Store        Store     `toml:"store"`
	Node         Node      `toml:"node"`
	Lifetime     Lifetime  `toml:"lifetime"`
	Telemetry    Telemetry `toml:"telemetry"`
	Log          Log       `toml:"log"`
	// Faults are in force from the start, in this order.
	Faults []faults.Fault
	// Warnings are doubts about what was read. They do not forbid its use.
	Warnings []Problem
}

// Default returns the configuration of an empty file. The caller owns it.
func Default() *Config {
	return &Config{
		Seed:      1,
		Proxy:     defaultProxy(),
		Intercept: defaultIntercept(),
		Standin:   defaultStandin(),
		Control:   defaultControl(),
		Observe:   defaultObserve(),
		Verdict:   defaultVerdict(),
		Store:     defaultStore(),
		Node:      defaultNode(),
		Telemetry: defaultTelemetry(),
		Log:       defaultLog(),
	}
}

// Load reads and validates the file at path. An error about its content is an
// *Error; a file that is missing or cannot be read is an error of package os.
func Load(path string) (*Config, error) {
	data, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	return Parse(path, data)
}

// read returns at most one byte more than Parse accepts.
func read(path string) (data []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, MaxSize+1))
}

// Parse reads and validates a configuration. The name is for messages alone.
// The error is an *Error that lists every problem.
func Parse(name string, data []byte) (*Config, error) {
	document, lines, problems := parse(data)
	if len(problems) > 0 {
		return nil, &Error{Name: name, Problems: problems}
	}
	c := Default()
	found, unread := c.take(document)
	review := c.Validate()
	found = append(found, independent(review.Problems, unread)...)
	if len(found) > 0 {
		return nil, &Error{Name: name, Problems: lines.locate(found)}
	}
	c.Warnings = lines.locate(review.Warnings)
	return c, nil
}

// take moves what a document says into c. It returns what is wrong with it, and the
// fields of which it therefore says nothing.
func (c *Config) take(document map[string]any) (problems faults.Problems, unread []string) {
	var tables struct {
		*Config
		Faults []faultTable `toml:"faults"`
	}
	tables.Config = c
	var d decoder
	d.decode(document, &tables)
	set, more := FaultsOf("faults", tables.Faults)
	c.Faults = set
	return append(d.problems, more...), d.unread
}

// Validate reviews c: Parse has done so already, whoever changes a Config
// afterwards does it again.
func (c *Config) Validate() faults.Review {
	review := faults.Validate(c.Faults)
	review.Problems = slices.Concat(
		c.Proxy.validate().Prefix("proxy."),
		c.Intercept.validate().Prefix("intercept."),
		c.Standin.validate().Prefix("standin."),
		c.Control.validate().Prefix("control."),
		c.reviewAddresses(),
		c.Observe.validate().Prefix("observe."),
		c.Verdict.validate().Prefix("verdict."),
		c.Store.validate().Prefix("store."),
		c.Node.validate().Prefix("node."),
		c.reviewFleet(),
		c.reviewHealth(),
		c.Lifetime.validate().Prefix("lifetime."),
		c.Telemetry.validate().Prefix("telemetry."),
		c.Log.validate().Prefix("log."),
		review.Problems,
	)
	review.Warnings = append(c.Intercept.doubts().Prefix("intercept."), review.Warnings...)
	return review
}
