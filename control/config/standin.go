package config

import (
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// MaxLatency bounds the latencies of Standin.
const MaxLatency = time.Minute

// Standin is the section [standin]: the stand-in for Groove, which runs when
// it is the upstream, or alone.
type Standin struct {
	// Listen is the loopback address of the stand-in. Port 0 takes any free one.
	Listen string `toml:"listen"`
	// Latency is how long half of its answers take at most, LatencyP99 how long
	// 99 % of them do; 0 for LatencyP99 means that all take Latency. Both are up
	// to MaxLatency.
	Latency    time.Duration `toml:"latency"`
	LatencyP99 time.Duration `toml:"latency_p99"`
}

func defaultStandin() Standin { return Standin{Listen: "127.0.0.1:7713"} }

func (s *Standin) validate() faults.Problems {
	problems := listenProblems("listen", s.Listen)
	if s.Latency < 0 || s.Latency > MaxLatency {
		problems = append(problems, faults.Problem{Field: "latency", Text: fmt.Sprintf("is %v, want 0s to %v", s.Latency, MaxLatency)})
	}
	if s.LatencyP99 != 0 && (s.Latency <= 0 || s.LatencyP99 < s.Latency || s.LatencyP99 > MaxLatency) {
		problems = append(problems, faults.Problem{
			Field: "latency_p99", Text: fmt.Sprintf("is %v, want 0s, or from a latency above 0s (it is %v) to %v", s.LatencyP99, s.Latency, MaxLatency),
		})
	}
	return problems
}
