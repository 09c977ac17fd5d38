package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// document is everything that was measured.
type document struct {
	Machine  machine   `json:"machine"`
	Versions []version `json:"versions"`
	Rounds   int       `json:"rounds"`
	// Seconds is the length of one measured load.
	Seconds   int      `json:"seconds"`
	Seed      uint64   `json:"seed"`
	Scenarios []report `json:"scenarios"`
}

// report is one scenario.
type report struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Connections int    `json:"connections"`
	// Unavailable says why nothing was measured.
	Unavailable string `json:"unavailable,omitempty"`
	// LoadBefore and LoadAfter are the load averages of the machine.
	LoadBefore string      `json:"load_before"`
	LoadAfter  string      `json:"load_after,omitempty"`
	Rows       []row       `json:"rows,omitempty"`
	DelayRows  []delayRow  `json:"delay_rows,omitempty"`
	Outcomes   []outcome   `json:"goals,omitempty"`
	Turns      []turn      `json:"turns,omitempty"`
	Delays     []delayTurn `json:"delays,omitempty"`
}

// outcome is what became of a goal.
type outcome struct {
	Goal   string  `json:"goal"`
	Figure float64 `json:"figure"`
	Met    bool    `json:"met"`
}

// figure is the figure in four digits or, if it has more, whole.
func (o *outcome) figure() string {
	if math.Abs(o.Figure) >= 1000 {
		return strconv.FormatFloat(o.Figure, 'f', 0, 64)
	}
	return strconv.FormatFloat(o.Figure, 'g', 4, 64)
}

// failures is an error if requests failed: then the figures mean little.
func (d *document) failures() error {
	var errs []error
	add := func(scenario, peer string, round int, count int64) {
		if count > 0 {
			errs = append(errs, fmt.Errorf("%s: %d requests to %s failed in round %d", scenario, count, peer, round))
		}
	}
	for _, r := range d.Scenarios {
		for _, t := range r.Turns {
			add(r.Name, t.Peer, t.Round, t.Failures)
		}
		for _, t := range r.Delays {
			add(r.Name, t.Peer, t.Round, int64(t.Failures))
		}
	}
	return errors.Join(errs...)
}

// deliver prints the document and leaves it in the folder that was asked for.
func (d *document) deliver(o *options, out io.Writer) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	printed := []byte(d.text())
	if o.json {
		_, err = out.Write(text)
	} else {
		_, err = out.Write(printed)
	}
	if err != nil || o.out == "" {
		return err
	}
	return errors.Join(o.deposit("peers.json", text), o.deposit("peers.txt", printed), o.deposit("peers.svg", []byte(d.plot())))
}

// deposit writes a file into the folder for results.
func (o *options) deposit(name string, data []byte) error {
	if err := os.MkdirAll(o.out, 0o750); err != nil { //nolint:gosec // The folder is the one that the command line names.
		return err
	}
	return save(filepath.Join(o.out, name), data)
}

func save(path string, data []byte) error {
	return os.WriteFile(path, data, 0o600) //nolint:gosec // As above, or in a folder of our own.
}
