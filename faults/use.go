package faults

// Use is what one fault did so far.
type Use struct {
	Name string
	// Since is that of the fault.
	Since uint64
	// Matched counts the exchanges that matched, Fired those it struck: see
	// Active.Fire. For a break at accept they are connections. For what needs an
	// answer of the upstream (a delay after it, a spoil) only those exchanges match
	// that no other fault keeps from it.
	Matched, Fired uint64
	// Overflow counts the exchanges that passed because MaxActive others were
	// struck at the time.
	Overflow uint64
	// Held is the number of exchanges that it holds back now.
	Held int64
	// Armed reports that the fault has been in force at some time: one that
	// never was cannot be expected to fire.
	Armed bool
	// Gone reports that the fault was taken away or changed meanwhile.
	Gone bool
}

// past is what a fault did that is gone. What it struck last may still be counted.
type past struct {
	name  string
	since uint64
	tally *tally
}

// mostPast bounds what is known of faults that are gone: the oldest go first.
const mostPast = MaxFaults

// remember notes what those faults did whose counters nobody takes over. The caller holds the lock.
func (e *Engine) remember(gone map[string]*entry) {
	for name, entry := range gone {
		if entry.tally.matched.Load() > 0 {
			e.past = append(e.past, past{name, entry.fault.Since, entry.tally})
		}
	}
	if n := len(e.past); n > mostPast {
		e.past = append([]past(nil), e.past[n-mostPast:]...)
	}
}

// Uses returns what each fault of the set did so far, in creation order.
func (e *Engine) Uses() []Use {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.uses()
}

// AllUses is Uses, followed by what faults did that are gone: those that matched anything, as far as that is remembered.
func (e *Engine) AllUses() []Use {
	e.mu.Lock()
	defer e.mu.Unlock()
	uses := e.uses()
	for _, p := range e.past {
		use := p.tally.use(p.name, p.since)
		use.Gone = true
		uses = append(uses, use)
	}
	return uses
}

// uses is Uses. The caller holds the lock.
func (e *Engine) uses() []Use {
	uses := make([]Use, len(e.known), len(e.known)+len(e.past))
	for i, entry := range e.known {
		uses[i] = entry.tally.use(entry.fault.Name, entry.fault.Since)
	}
	return uses
}

// use reads the counters. What was counted as fired is counted as matched as well.
func (t *tally) use(name string, since uint64) Use {
	u := Use{Name: name, Since: since, Fired: t.fired.Load(), Overflow: t.overflow.Load(), Held: t.held.Load(), Armed: t.armed.Load()}
	u.Matched = t.matched.Load()
	return u
}
