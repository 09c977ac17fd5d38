package store

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults"
)

// divide divides what faults did into the parts that are told, without those that did nothing.
func divide(uses []faults.Use) (parts [tallyParts][]tally) {
	gone := len(uses)
	for i := range uses {
		if uses[i].Gone {
			gone = i
			break
		}
		add(&parts, &uses[i])
	}
	for i := len(uses) - 1; i >= gone; i-- { // Those that went last are missed most.
		add(&parts, &uses[i])
	}
	return parts
}

// add adds what a fault did to the part that it belongs to.
func add(parts *[tallyParts][]tally, use *faults.Use) {
	part := &parts[xxhash.Sum64String(use.Name)%tallyParts]
	if use.Matched == 0 && use.Held == 0 || len(*part) >= mostTold {
		return
	}
	*part = append(*part, tally{
		Name: use.Name, Since: use.Since, Matched: use.Matched, Fired: use.Fired, Overflow: use.Overflow, Held: use.Held,
	})
}

// sumTallies tells tallies from what they were, and whether anything is held back.
func sumTallies(tallies []tally) (sum uint64, held bool) {
	var d xxhash.Digest
	d.Reset()
	for i := range tallies {
		t := &tallies[i]
		_, _ = d.WriteString(t.Name) // It has no errors.
		var numbers [40]byte
		for j, n := range []uint64{t.Since, t.Matched, t.Fired, t.Overflow, uint64(t.Held)} { //nolint:gosec // Only to tell apart.
			binary.LittleEndian.PutUint64(numbers[8*j:], n)
		}
		_, _ = d.Write(numbers[:])
		held = held || t.Held > 0
	}
	return d.Sum64(), held
}

// making is one making of a fault.
type making struct {
	name  string
	since uint64
}

// Uses returns what each fault of the set did so far on all nodes, in creation order.
func (t *Tallies) Uses() []faults.Use { return withOthers(t.engine.Uses(), t.others()) }

// AllUses is Uses, followed by what faults did that are gone, on any node.
func (t *Tallies) AllUses() []faults.Use {
	others := t.others()
	uses := withOthers(t.engine.AllUses(), others)
	for i := range uses {
		delete(others, making{uses[i].Name, uses[i].Since})
	}
	for of, told := range others {
		uses = append(uses, faults.Use{
			Name: of.name, Since: of.since, Matched: told.Matched, Fired: told.Fired, Overflow: told.Overflow, Held: told.Held,
			Armed: true, Gone: true,
		})
	}
	return uses
}

// withOthers adds what the other nodes tell to what this one counts.
func withOthers(uses []faults.Use, others map[making]tally) []faults.Use {
	for i := range uses {
		use := &uses[i]
		more := others[making{use.Name, use.Since}]
		use.Matched += more.Matched
		use.Fired += more.Fired
		use.Overflow += more.Overflow
		use.Held += more.Held
	}
	return uses
}

// others sums up what the other processes tell.
func (t *Tallies) others() map[making]tally {
	sums := make(map[making]tally)
	if t.known == nil {
		return sums
	}
	own, _, _ := strings.Cut(tallyKey(t.process, 0), ".")
	for key, told := range t.parts.of(t.known, 2*tallyLife) {
		if strings.HasPrefix(key, own+".") {
			continue
		}
		there := time.Since(told.heard) <= presenceTime
		for i := range told.value {
			addTo(sums, &told.value[i], there)
		}
	}
	return sums
}

// addTo adds one tally. What is held back by a process that is not there is held back no longer.
func addTo(sums map[making]tally, one *tally, there bool) {
	key := making{one.Name, one.Since}
	sum := sums[key]
	sum.Matched += one.Matched
	sum.Fired += one.Fired
	sum.Overflow += one.Overflow
	if there {
		sum.Held += one.Held
	}
	sums[key] = sum
}
