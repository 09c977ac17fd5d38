package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// profiler is laid over our side's main package with --profile.
//
//go:embed testdata/profiler.go.txt
var profiler string

const toxiproxyServer = "github.com/Shopify/toxiproxy/v2/cmd/server"

// build makes the programs that come from source.
func (s *site) build(ctx context.Context, o *options, say func(string)) error {
	s.programs[ours], s.programs[baseline] = o.groovechaos, o.baseline
	if o.groovechaos == "" {
		say("build groovechaos")
		if err := s.buildOurs(ctx, o.profile); err != nil {
			return err
		}
	}
	s.programs[oneFault] = s.programs[ours]
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.programs[reverse] = self
	foreign := filepath.Join(s.source, "cmd", "peerbench", "foreign")
	for name, target := range map[string]string{toxiproxy: toxiproxyServer, fasthttp: "."} {
		if !slices.Contains(o.peers, name) {
			continue
		}
		say("build " + name)
		s.programs[name] = filepath.Join(s.dir, name)
		if _, err := output(ctx, s.programs["go"], "build", "-C", foreign, "-o", s.programs[name], target); err != nil {
			return fmt.Errorf("build %s (without it: --peers): %w", name, err)
		}
	}
	return nil
}

func (s *site) buildOurs(ctx context.Context, profiled bool) error {
	s.programs[ours] = filepath.Join(s.dir, ours)
	args := []string{"build", "-C", s.source, "-o", s.programs[ours]}
	if profiled {
		overlay, err := s.overlay()
		if err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	_, err := output(ctx, s.programs["go"], append(args, "./cmd/groovechaos")...)
	return err
}

// overlay writes what adds the profiler to the main package (go help build).
func (s *site) overlay() (string, error) {
	added, err := s.write("profiler.go", profiler)
	if err != nil {
		return "", err
	}
	replaced := map[string]map[string]string{
		"Replace": {filepath.Join(s.source, "cmd", "groovechaos", "profiler.go"): added},
	}
	text, err := json.Marshal(replaced)
	if err != nil {
		return "", err
	}
	return s.write("overlay.json", string(text))
}
