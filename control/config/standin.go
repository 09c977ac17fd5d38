package config

import "github.com/groovechaos/groovechaos/faults"

// Standin is the section [standin]: the stand-in for Groove, which runs when
// it is the upstream.
type Standin struct {
	// Listen is the loopback address of the stand-in. Port 0 takes any free one.
	Listen string `toml:"listen"`
}

func defaultStandin() Standin { return Standin{Listen: "127.0.0.1:7713"} }

func (s *Standin) validate() faults.Problems { return listenProblems("listen", s.Listen) }
