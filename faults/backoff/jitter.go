package backoff

// Jitter is what chance does to a wait e.
type Jitter string

// The kinds of jitter. U[a, b] is evenly distributed.
const (
	// NoJitter: e.
	NoJitter Jitter = "none"
	// Proportional: e · U[1 − s, 1 + s], s being the spread.
	Proportional Jitter = "proportional"
	// Additive: e + U[0, J].
	Additive Jitter = "additive"
	// Equal: e/2 + U[0, e/2].
	Equal Jitter = "equal"
	// Full: U[0, e].
	Full Jitter = "full"
)

// window is what a wait lies between, as shares of e. Additive jitter has more than that.
func (j Jitter) window(spread float64) (low, high float64) {
	switch j {
	case NoJitter, Additive:
		return 1, 1
	case Proportional:
		return 1 - spread, 1 + spread
	case Equal:
		return 0.5, 1
	case Full:
		return 0, 1
	}
	return 1, 1
}
