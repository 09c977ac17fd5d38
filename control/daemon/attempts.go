package daemon

import (
	"iter"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Attempts gives what was seen so far, a copy for whoever asks, the same each time that it is ranged over.
func (d *Daemon) Attempts() iter.Seq[*observe.Attempt] { return verdict.Of(d.attempts.All()) }
