package config

import "github.com/groovechaos/groovechaos/faults"

// Control is the section [control]: the doors of the control API.
type Control struct {
	// GRPC and REST are the loopback addresses of the two doors. Port 0 takes
	// any free one.
	GRPC string `toml:"grpc"`
	REST string `toml:"rest"`
}

func defaultControl() Control {
	return Control{GRPC: "127.0.0.1:7711", REST: "127.0.0.1:7712"}
}

func (c *Control) validate() faults.Problems {
	return append(listenProblems("grpc", c.GRPC), listenProblems("rest", c.REST)...)
}
