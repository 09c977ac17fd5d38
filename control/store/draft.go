package store

import (
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// draft is a set in the making.
type draft struct {
	now time.Time
	// ttl is the lifetime of a fault that has none of its own, 0 for none.
	ttl      time.Duration
	brake    Brake
	revision uint64
	set      []Fault
	// loaded is what configurations said, touched reports that it or the set was changed.
	loaded  loaded
	touched bool
	// places says where in set each fault is.
	places map[string]int
}

// draft begins with the set as it is. The caller holds the lock.
func (m *Memory) draft() *draft {
	return newDraft(&draft{now: m.now(), ttl: m.ttl, brake: m.brake, revision: m.revision, set: m.set, loaded: m.loaded})
}

// newDraft makes a draft of what there is, whose set stays as it is.
func newDraft(of *draft) *draft {
	d := *of
	d.set = slices.Clone(of.set)
	d.places = make(map[string]int, len(d.set))
	for i := range d.set {
		d.places[d.set[i].Name] = i
	}
	return &d
}

// writeAll makes changes one after the other, and says where in the set they landed.
func (d *draft) writeAll(writes []Write) (places []int, err error) {
	places = make([]int, len(writes))
	for i := range writes {
		if places[i], err = d.write(&writes[i]); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// at returns the faults at these places.
func (d *draft) at(places []int) []Fault {
	found := make([]Fault, len(places))
	for i, place := range places {
		found[i] = d.set[place]
	}
	return found
}

// remove takes a fault out; revision 0 stands for any.
func (d *draft) remove(name string, revision uint64) error {
	place, known := d.places[name]
	switch {
	case !known:
		return &MissingError{Name: name}
	case revision != 0 && d.set[place].Revision != revision:
		return &MovedError{Name: name, Want: revision, Current: d.set[place].Revision}
	}
	d.removeAll([]string{name})
	return nil
}

// removeAll takes out faults that are all there.
func (d *draft) removeAll(names []string) {
	first := len(d.set)
	for _, name := range names {
		first = min(first, d.places[name])
		delete(d.places, name)
		d.revision++
		d.touched = true
	}
	rest := slices.DeleteFunc(d.set[first:], func(f Fault) bool {
		_, stays := d.places[f.Name]
		return !stays
	})
	d.set = d.set[:first+len(rest)]
	for i := first; i < len(d.set); i++ {
		d.places[d.set[i].Name] = i
	}
}

// review says what is wrong with the set, in the words of the change whose faults are at these places, and
// else writes down what is doubtful. It returns the set as an engine gets it.
func (d *draft) review(places []int) ([]faults.Fault, error) {
	set := inForce(d.set, d.now)
	review := faults.Validate(set)
	if len(review.Problems) > 0 {
		return nil, &InvalidError{Problems: relocate(review.Problems, d.set, places)}
	}
	warn(d.set, review.Warnings)
	return set, nil
}

// write makes one change, and says where in the set it landed.
func (d *draft) write(w *Write) (place int, err error) {
	if w.Fault.TTL == 0 && d.ttl > 0 {
		mortal := *w
		mortal.Fault.TTL, w = d.ttl, &mortal
	}
	place, known := d.places[w.Fault.Name]
	var old *Fault
	if known {
		old = &d.set[place]
	}
	if err := d.admit(old, w); err != nil {
		return 0, err
	}
	if !known {
		place = len(d.set)
		d.places[w.Fault.Name] = place
		d.set = append(d.set, d.written(nil, w))
		return place, nil
	}
	d.set[place] = d.written(old, w)
	return place, nil
}

// admit says whether a write may be made to a fault, nil for none.
func (d *draft) admit(old *Fault, w *Write) error {
	switch {
	case d.brake.Pulled && !w.Fault.Disabled:
		return &BrakedError{Brake: d.brake}
	case old != nil && w.Create:
		return &ExistsError{Name: w.Fault.Name}
	case old == nil && w.Revision != 0:
		return &MissingError{Name: w.Fault.Name}
	case old != nil && w.Revision != 0 && old.Revision != w.Revision:
		return &MovedError{Name: w.Fault.Name, Want: w.Revision, Current: old.Revision}
	default:
		return nil
	}
}

// written is what becomes of old, nil for none, by a write.
func (d *draft) written(old *Fault, w *Write) Fault {
	d.revision++
	d.touched = true
	written := Fault{Fault: w.Fault, Revision: d.revision, Created: d.now, Updated: d.now}
	written.ExpiresAt, written.Since = time.Time{}, d.revision
	if w.Fault.TTL > 0 {
		written.ExpiresAt = d.now.Add(w.Fault.TTL)
	}
	if old == nil {
		return written
	}
	written.Created = old.Created
	if old.Alike(&written.Fault) {
		written.Since = old.Since
	}
	if !restarts(old, w) {
		written.ExpiresAt, written.Ended = old.ExpiresAt, old.Ended
	}
	return written
}

// restarts reports whether a write begins the lifetime anew.
func restarts(old *Fault, w *Write) bool {
	return w.Restart || old.TTL != w.Fault.TTL || old.Disabled && !w.Fault.Disabled
}
