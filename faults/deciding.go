package faults

// deciding is a decision in the making.
type deciding struct {
	// out is what comes of it, why the causes. They stand beside the rest rather
	// than in it, and the rest holds no *Active, so that none of it goes to the heap.
	out  *Decision
	why  *causes
	seed uint64
	// draws is what the terminal faults draw for where they do not draw once a
	// call.
	draws  purpose
	faults []*Active
	among  *found
	x      *Exchange
	// grounded is why the call is not failed, "" unless at most one of a kind is at a time.
	grounded string

	// calls and exchanges are the shared draw of the terminal faults, late is
	// what needs an answer of the upstream.
	calls, exchanges lane
	late             stack
}

// decide makes the decision.
func (d *deciding) decide() {
	for id := d.next(); id >= 0; id = d.next() {
		d.consider(id)
	}
	if d.out.Terminal == nil && d.calls.size+d.exchanges.size > 0 {
		d.drawTerminal()
	}
	if d.late.size > 0 {
		d.reachAnswer()
	}
	if d.why.size > 0 || d.grounded != "" {
		d.out.Reason = d.why.text(d.grounded)
	}
}

// next returns the place of the next fault that is about the exchange, -1 at
// the end.
func (d *deciding) next() int32 {
	for {
		id := d.among.next()
		if id < 0 {
			return -1
		}
		if a := d.faults[id]; !a.expired(d.x.Now) && a.match.match(d.x) {
			return id
		}
	}
}

// nextOf is next for the faults of one role, nil at the end.
func (d *deciding) nextOf(r role) *Active {
	for id := d.next(); id >= 0; id = d.next() {
		if a := d.faults[id]; a.role == r {
			return a
		}
	}
	return nil
}

// consider decides what can be decided of a fault without the others.
func (d *deciding) consider(id int32) {
	a := d.faults[id]
	if a.role == roleLate {
		d.late.push(id)
		return
	}
	a.tally.matched.Add(1)
	switch {
	case a.role == roleDraw:
		d.lay(id)
	case !a.Fault.Trigger.eligible(d.x.Place.Attempt):
	case a.role == roleHold:
		d.hold(a)
	case d.out.Terminal == nil && d.turn(a):
		d.out.Terminal = a
	}
}

// reachAnswer decides on what happens to the upstream's answer, as far as there is one.
func (d *deciding) reachAnswer() {
	asked, heard := d.reach()
	if !asked {
		return
	}
	walk := d.recall(&d.late, roleLate)
	for a := walk.next(); a != nil; a = walk.next() {
		spoils := a.Fault.Delay == nil
		if spoils && !heard {
			continue
		}
		a.tally.matched.Add(1)
		switch {
		case !a.Fault.Trigger.eligible(d.x.Place.Attempt):
		case spoils:
			d.spoil(a)
		default:
			d.hold(a)
		}
	}
}

// reach says whether the upstream is asked, and whether the client hears some
// of its answer.
func (d *deciding) reach() (asked, heard bool) {
	switch {
	case d.out.Terminal == nil:
		return true, true
	case d.out.Terminal.Fault.Answer != nil:
		return d.out.Terminal.Fault.Answer.At == SideAfter, false
	case d.out.Terminal.Fault.Break != nil:
		at := d.out.Terminal.Fault.Break.At
		heard = at == BreakAfterHead || at == BreakMidBody
		return heard || at == BreakAfter, heard
	default: // a quota that answers 429
		return false, false
	}
}

// hold adds the delay of a if it fires.
func (d *deciding) hold(a *Active) {
	if !d.fires(a, purposeDelay) {
		return
	}
	u := draw(d.seed, purposeWait, a.subject, d.x.Place.Fingerprint, d.x.Place.Sequence)
	d.out.Holds = append(d.out.Holds, Hold{Fault: a, Wait: a.Fault.Delay.Quantile(u)})
}

// spoil adds a spoil, in its place, if it fires.
func (d *deciding) spoil(a *Active) {
	if !d.fires(a, purposeSpoil) {
		return
	}
	key := keyed(d.seed, purposeSpoilKey, a.subject, d.x.Place.Fingerprint, d.x.Place.Sequence)
	d.out.Spoils = append(d.out.Spoils, Spoil{Fault: a, Key: key})
	for i := len(d.out.Spoils) - 1; i > 0 && layer(&d.out.Spoils[i].Fault.Fault) < layer(&d.out.Spoils[i-1].Fault.Fault); i-- {
		d.out.Spoils[i], d.out.Spoils[i-1] = d.out.Spoils[i-1], d.out.Spoils[i]
	}
}

// layer is where a spoil comes in the order in which they apply: first what
// needs an intact document, last what is about how it is sent.
func layer(f *Fault) int {
	switch {
	case f.SoftError != nil:
		return 0
	case f.Corrupt != nil && f.Corrupt.How == CorruptJSON:
		return 1
	case f.Corrupt != nil && f.Corrupt.How == CorruptBits:
		return 2
	case f.Corrupt != nil:
		return 3
	case f.Truncate != nil:
		return 4
	default:
		return 5
	}
}

// fires decides on a fault that has no part in the shared draw.
func (d *deciding) fires(a *Active, p purpose) bool {
	t := &a.Fault.Trigger
	if t.counted() {
		return d.turn(a)
	}
	occurrence := d.x.Place.Sequence
	if t.Attempts > 0 {
		occurrence = d.x.Place.Call
	}
	u := draw(d.seed, p, a.subject, d.x.Place.Fingerprint, occurrence)
	return u < a.share && d.claim(a, cause{draw: u})
}

// turn decides on a fault that counts, for an exchange that is eligible.
func (d *deciding) turn(a *Active) bool {
	t := &a.Fault.Trigger
	switch {
	case a.counters.spent(t.most()) || d.barred(a):
		return false
	case t.Quota != nil:
		wait := a.counters.quota.take(d.x.Client, d.x.Now)
		if wait <= 0 || !d.claim(a, cause{wait: wait}) {
			return false
		}
		d.out.RetryAfter = wait
		return true
	case t.Every > 0:
		nth := a.counters.seen.Add(1)
		return nth%t.Every == 0 && d.claim(a, cause{count: nth})
	default:
		return d.claim(a, cause{count: d.x.Place.Attempt})
	}
}

// claim takes what a firing needs: a slot under MaxActive, and one of the
// firings that the trigger allows at all. What finds no slot takes no firing.
func (d *deciding) claim(a *Active, why cause) bool {
	t := &a.Fault.Trigger
	if a.counters.spent(t.most()) || !d.departs(a) {
		return false
	}
	if t.MaxActive > 0 && !a.tally.slots.take(t.MaxActive) {
		a.tally.overflow.Add(1)
		return false
	}
	if !a.counters.take(t.most()) {
		if t.MaxActive > 0 {
			a.tally.slots.give()
		}
		return false
	}
	if t.MaxActive > 0 {
		d.out.grip = &grip{slots: &a.tally.slots, before: d.out.grip}
	}
	why.fault = a
	d.why.push(why)
	return true
}
