package proxy

import "time"

// deadline bounds the reads or the writes of a connection. Setting one costs
// about as much as parsing a head, so it is left alone while it is near
// enough.
type deadline struct {
	set   func(time.Time) error
	until time.Time
}

// atLeast lets the next call take so long from now, or up to a quarter longer.
func (d *deadline) atLeast(now time.Time, wait time.Duration) { d.between(now, wait, wait+wait/4) }

// between lets the next call take from least to most from now.
func (d *deadline) between(now time.Time, least, most time.Duration) {
	if left := d.until.Sub(now); left < least || left > most {
		d.at(now.Add(most))
	}
}

// at sets the deadline; zero is none.
func (d *deadline) at(t time.Time) {
	d.until = t
	_ = d.set(t) // a connection that takes none is closed, and says so itself
}

// past is a deadline that is over, noDeadline none.
var past, noDeadline = time.Unix(1, 0), time.Time{}
