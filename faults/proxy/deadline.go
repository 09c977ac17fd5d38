package proxy

import "time"

// deadline bounds the reads or the writes of a connection. Setting one costs
// about as much as parsing a head, so it is left alone while it is not too
// early and at most a quarter too late.
type deadline struct {
	set   func(time.Time) error
	until time.Time
}

// atLeast lets the next call take so long from now, or up to a quarter longer.
func (d *deadline) atLeast(now time.Time, wait time.Duration) {
	left := d.until.Sub(now)
	if left >= wait && left <= wait+wait/4 {
		return
	}
	d.at(now.Add(wait + wait/4))
}

// at sets the deadline; zero is none.
func (d *deadline) at(t time.Time) {
	d.until = t
	_ = d.set(t) // a connection that takes none is closed, and says so itself
}

// past is a deadline that is over.
var past = time.Unix(1, 0)
