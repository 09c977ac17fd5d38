package main

import (
	"context"
	"os"
	"runtime"
	"strings"
	"text/template"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// settings is what the configurations of the peers are made of.
type settings struct {
	Listen, Origin string
	// Dir is the folder for files; relative names are relative to it.
	Dir     string
	Threads int
	// Root reports that the programs run as root.
	Root bool
	// Connections is how many there will be at most; Bodies says that they are long.
	Connections int
	Bodies      bool
	// TLS asks for TLS on both sides; Host is whom the certificates are for.
	TLS  bool
	Host string
	// Status and Body are the answer in the origin's place; 0 relays.
	Status int
	Body   string
}

// spareConnections is room for the warm-up and for those that are closing.
const spareConnections = 1000

// settings chooses an address for a peer and fills in the rest.
func (s *site) settings(ctx context.Context, c *scenario) (settings, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return settings{}, err
	}
	set := settings{
		Listen: address, Origin: s.origin.address, Dir: s.dir, Threads: runtime.NumCPU(),
		Connections: c.connections + spareConnections, Bodies: c.bodies,
		Root: os.Geteuid() == 0, TLS: c.kind == viaTLS, Host: groove.HostAPI,
	}
	if set.TLS {
		set.Origin = s.secure
	}
	if c.answer != nil {
		set.Status, set.Body = c.answer.status, c.answer.body
	}
	return set, nil
}

// render fills in a template; every name in it must be known.
func render(t *template.Template, set settings) (string, error) {
	var b strings.Builder
	err := t.Execute(&b, set)
	return b.String(), err
}

// startWith renders a configuration and starts the program with it.
func (s *site) startWith(ctx context.Context, name string, t *template.Template, c *scenario, command ...string) (*running, error) {
	set, err := s.settings(ctx, c)
	if err != nil {
		return nil, err
	}
	text, err := render(t, set)
	if err != nil {
		return nil, err
	}
	file, err := s.write(name+".conf", text)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, name, set.Listen, append(command, file))
}
