package store

import (
	"slices"
	"time"
)

// draft is a set in the making.
type draft struct {
	now      time.Time
	brake    Brake
	revision uint64
	set      []Fault
	// places says where in set each fault is.
	places map[string]int
}

// draft begins with the set as it is. The caller holds the lock.
func (m *Memory) draft() *draft {
	d := &draft{
		now:      m.now(),
		brake:    m.brake,
		revision: m.revision,
		set:      slices.Clone(m.set),
		places:   make(map[string]int, len(m.set)),
	}
	for i := range m.set {
		d.places[m.set[i].Name] = i
	}
	return d
}

// write makes one change, and says where in the set it landed.
func (d *draft) write(w *Write) (place int, err error) {
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
	written := Fault{Fault: w.Fault, Revision: d.revision, Created: d.now, Updated: d.now}
	written.ExpiresAt = time.Time{}
	if w.Fault.TTL > 0 {
		written.ExpiresAt = d.now.Add(w.Fault.TTL)
	}
	if old == nil {
		return written
	}
	written.Created = old.Created
	if !restarts(old, w) {
		written.ExpiresAt = old.ExpiresAt
	}
	return written
}

// restarts reports whether a write begins the lifetime anew.
func restarts(old *Fault, w *Write) bool {
	return w.Restart || old.TTL != w.Fault.TTL || old.Disabled && !w.Fault.Disabled
}
