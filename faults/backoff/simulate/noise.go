package simulate

import "time"

// Noise is how late a client's timers are.
type Noise struct {
	// Least is the least overshoot, and Usual the mean of what comes on top of it.
	Least, Usual time.Duration
	// Slow is the share of gaps that are late by some tens of milliseconds more, and Slowness the mean of it.
	Slow     float64
	Slowness time.Duration
	// Late is the share of gaps that are late by anything up to Latest.
	Late   float64
	Latest time.Duration
	// Stall is the share of gaps in which the process stood still, for 5 to 20 times as long as it wanted to wait.
	Stall float64
}

// The noise that classifiers are held to.
var (
	// Measured is the noise of the recorded clients on a machine that is not swamped.
	Measured = Noise{Least: 500 * time.Microsecond, Usual: 3 * time.Millisecond, Slow: 0.15, Slowness: 25 * time.Millisecond}
	// Rough has 5 % of the gaps up to 3 s late, and 1 % stalled.
	Rough = Noise{
		Least: 500 * time.Microsecond, Usual: 3 * time.Millisecond, Slow: 0.15, Slowness: 25 * time.Millisecond,
		Late: 0.05, Latest: 3 * time.Second, Stall: 0.01,
	}
)

// lateness is what a wait that was meant to be so long exceeds that by.
func (n Noise) lateness(meant time.Duration, s *Source) time.Duration {
	late := float64(n.Least) + s.exponential(float64(n.Usual))
	if s.Float() < n.Slow {
		late += s.exponential(float64(n.Slowness))
	}
	if s.Float() < n.Late {
		late += s.Float() * float64(n.Latest)
	}
	if s.Float() < n.Stall {
		late += (5 + 15*s.Float()) * float64(meant)
	}
	return time.Duration(late)
}
