package observe

import "time"

// law is how long a client waits between the attempts of a call.
type law struct{}

func (l *law) add(tries int, after *flight, gap time.Duration) {}
