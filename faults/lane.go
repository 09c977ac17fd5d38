package faults

// lane is the shares of faults that draw alike, laid side by side on [0, 1) in
// creation order, and the fault that the draw falls on.
type lane struct {
	draw float64
	// sum is the shares so far, striking those of them that may strike this
	// attempt.
	sum, striking float64
	// hit is the place of the fault in the set, with its share; it is valid if
	// found is set.
	hit   int32
	found bool
	size  int
}

// lay adds a share. A fault that is through with this call keeps its place, so
// that the others keep theirs, but lets the exchange pass.
func (l *lane) lay(id int32, share float64, eligible bool) {
	before := l.sum
	l.sum += share
	l.size++
	if !eligible {
		return
	}
	l.striking += share
	if !l.found && before <= l.draw && l.draw < l.sum {
		l.hit, l.found = id, true
	}
}

// lay adds a terminal fault to the shared draw.
func (d *deciding) lay(id int32) {
	a, place := d.faults[id], &d.x.Place
	if a.Fault.Trigger.Attempts > 0 {
		if d.calls.size == 0 {
			d.calls.draw = draw(d.seed, purposeCall, 0, place.Fingerprint, place.Call)
		}
		d.calls.lay(id, a.share, a.Fault.Trigger.eligible(place.Attempt))
		return
	}
	if d.exchanges.size == 0 {
		d.exchanges.draw = draw(d.seed, d.draws, 0, place.Fingerprint, place.Sequence)
	}
	d.exchanges.lay(id, a.share, true)
}

// drawTerminal lets the fault that the draw falls on strike. When that has no
// slot or is at its limit none does: the places of the others stay as they are.
func (d *deciding) drawTerminal() {
	l := &d.calls
	if !l.found {
		if taken := min(l.striking, 1); taken > 0 && d.exchanges.size > 0 {
			d.scale(1 - taken)
		}
		l = &d.exchanges
	}
	if !l.found {
		return
	}
	if a := d.faults[l.hit]; d.claim(a, cause{draw: l.draw}) {
		d.out.Terminal = a
	}
}

// scale lays the shares of the exchanges once more: they draw from what the
// calls leave, so that their share of the whole stays what was asked for. That
// is known only now, and rare enough to walk the candidates again.
func (d *deciding) scale(left float64) {
	d.exchanges = lane{draw: d.exchanges.draw * left}
	d.among.rewind()
	for id := d.next(); id >= 0 && !d.exchanges.found; id = d.next() {
		if a := d.faults[id]; a.role == roleDraw && a.Fault.Trigger.Attempts == 0 {
			d.exchanges.lay(id, a.share, true)
		}
	}
}
