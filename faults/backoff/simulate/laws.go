package simulate

import (
	"math"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// Kind is one of the eleven laws, whatever its base.
type Kind struct {
	Name string
	// Law has a base of 1 s.
	Law backoff.Law
}

// Kinds are the eleven laws that the classifier is held to.
var Kinds = []Kind{
	{"none", law(backoff.NoDelay, backoff.NoJitter, 0, 0)},
	{"constant", law(backoff.Constant, backoff.NoJitter, 0, 0)},
	{"linear", law(backoff.Linear, backoff.NoJitter, 0, 0)},
	{"x2", law(backoff.Exponential, backoff.NoJitter, 2, 0)},
	{"x2 +-20%", law(backoff.Exponential, backoff.Proportional, 2, 0.2)},
	{"x1.5 +-50%", law(backoff.Exponential, backoff.Proportional, 1.5, 0.5)},
	{"additive", law(backoff.Exponential, backoff.Additive, 2, 0)},
	{"equal", law(backoff.Exponential, backoff.Equal, 2, 0)},
	{"full", law(backoff.Exponential, backoff.Full, 2, 0)},
	{"decorrelated", law(backoff.Decorrelated, backoff.NoJitter, 3, 0)},
	{"constant full", law(backoff.Constant, backoff.Full, 0, 0)},
}

func law(curve backoff.Curve, jitter backoff.Jitter, factor, spread float64) backoff.Law {
	l := backoff.Law{Family: backoff.Family{Curve: curve, Jitter: jitter}, Factor: factor, Spread: spread}
	if curve != backoff.NoDelay {
		l.Base = time.Second
	}
	if jitter == backoff.Additive {
		l.Extra = 500 * time.Millisecond
	}
	return l
}

// Based is the law of a kind with the base given, and everything in proportion. Its figures are whole milliseconds, as those of real
// clients are.
func (k Kind) Based(base time.Duration) backoff.Law {
	l := k.Law
	scale := base.Seconds()
	l.Base = milliseconds(scale * float64(l.Base))
	l.Extra = milliseconds(scale * float64(l.Extra))
	l.Cap = milliseconds(scale * float64(l.Cap))
	return l
}

func milliseconds(nanoseconds float64) time.Duration {
	return time.Duration(math.Round(nanoseconds/1e6)) * time.Millisecond
}
