package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults"
)

// Loading is what a configuration says of faults.
type Loading struct {
	// Owner is whose configuration it is: a node's name, which may be another one at the next start.
	Owner string
	// Sole says that nobody else loads anything here: whatever was loaded is the owner's, whatever its name was then.
	Sole bool
	// Present are the owners that are there at the moment, beside this one.
	Present []string
	Faults  []faults.Fault
	// Over says that the configuration has the last word: faults of other origin that do not go with it are switched off
	// instead of it being refused.
	Over bool
}

// Loaded is what became of faults when a configuration was loaded.
type Loaded struct {
	// Written, Removed and Disabled are names; Disabled are those of other origin that did not go with the configuration.
	Written, Removed, Disabled []string
	// Unchanged is how many faults the configuration left as they were.
	Unchanged int
}

// Load brings the faults in line with a configuration: those that it says otherwise than when the same owner loaded it last are
// written, those that it says no more are removed. What it says as before stays as it has become since: changed over the API,
// expired or removed. All of it is done or nothing. Errors are those of Write; fields are named by the index in the
// configuration.
func (s *Shared) Load(ctx context.Context, l Loading) (done Loaded, err error) {
	_, err = s.change(ctx, func(d *draft) error {
		var places []int
		if done, places, err = d.load(&l); err != nil {
			return err
		}
		if !d.touched {
			return errNothing
		}
		_, err = d.review(places)
		return err
	})
	return done, err
}

// Load is that of Shared, for a store that forgets with the process what it had loaded.
func (m *Memory) Load(_ context.Context, l Loading) (Loaded, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.draft()
	done, places, err := d.load(&l)
	if err != nil {
		return done, err
	}
	if err := m.commit(d, places); err != nil {
		return done, err
	}
	m.loaded = d.loaded
	return done, nil
}

// load makes the changes of Load. It says where the faults of the configuration are, -1 for one that is not there any more.
func (d *draft) load(l *Loading) (done Loaded, places []int, err error) {
	says := make(map[string]string, len(l.Faults))
	for i := range l.Faults {
		if says[l.Faults[i].Name], err = digestOf(&l.Faults[i]); err != nil {
			return done, nil, err
		}
	}
	was, former := d.loadedBefore(l, says)
	done.Removed = d.unload(was, says)
	own := make(map[string]bool)
	for i := range l.Faults {
		name := l.Faults[i].Name
		if says[name] == was[name] {
			done.Unchanged++
			continue
		}
		if _, err := d.write(&Write{Fault: l.Faults[i]}); err != nil {
			return done, nil, err
		}
		done.Written, own[name] = append(done.Written, name), true
	}
	if l.Over {
		done.Disabled = d.giveWay(own)
	}
	d.remember(l.Owner, says, former)
	for i := range l.Faults {
		place, there := d.places[l.Faults[i].Name]
		if !there {
			place = -1
		}
		places = append(places, place)
	}
	return done, places, nil
}

// unload removes what a configuration says no more.
func (d *draft) unload(was, says map[string]string) (removed []string) {
	for _, name := range slices.Sorted(maps.Keys(was)) {
		_, still := says[name]
		if _, there := d.places[name]; there && !still {
			removed = append(removed, name)
		}
	}
	d.removeAll(removed)
	return removed
}

// giveWay switches those faults off that do not go with the own ones, as few as it takes and the newest first, if that
// makes the set sound.
func (d *draft) giveWay(own map[string]bool) (names []string) {
	set := inForce(d.set, d.now)
	if len(own) == 0 || len(faults.Validate(set).Problems) == 0 {
		return nil
	}
	var others []int
	for i := range set {
		if !set[i].Disabled && !own[set[i].Name] {
			set[i].Disabled = true
			others = append(others, i)
		}
	}
	if len(faults.Validate(set).Problems) > 0 {
		return nil // They are not what is wrong.
	}
	for _, place := range unfit(set, others) {
		off := d.set[place].Fault
		off.Disabled = true
		d.set[place] = d.written(&d.set[place], &Write{Fault: off})
		names = append(names, off.Name)
	}
	return names
}

// unfit switches those of a set on at these places that go with the rest of it, the first ones first, and returns the
// others.
func unfit(set []faults.Fault, places []int) []int {
	for _, place := range places {
		set[place].Disabled = false
	}
	if len(places) == 0 || len(faults.Validate(set).Problems) == 0 {
		return nil
	}
	for _, place := range places {
		set[place].Disabled = true
	}
	if len(places) == 1 {
		return places
	}
	half := len(places) / 2
	return append(unfit(set, places[:half]), unfit(set, places[half:])...)
}

// loadedBefore is what an owner loaded last, and under which former names. Beside others one that has loaded nothing yet goes by
// what another loaded that said the very same: most likely it is that one, in another container or after its host was given
// another name. The note of one that is there stays its own, too.
func (d *draft) loadedBefore(l *Loading, says map[string]string) (was map[string]string, former []string) {
	own, known := d.loaded[l.Owner]
	if known && !l.Sole {
		return own, nil
	}
	was = make(map[string]string)
	for _, owner := range slices.Sorted(maps.Keys(d.loaded)) {
		if owner == l.Owner || !l.Sole && !maps.Equal(d.loaded[owner], says) {
			continue
		}
		for name, digest := range d.loaded[owner] {
			if was[name] == "" || was[name] != says[name] {
				was[name] = digest
			}
		}
		if l.Sole || !slices.Contains(l.Present, owner) {
			former = append(former, owner)
		}
	}
	maps.Copy(was, own)
	return was, former
}

// remember notes what an owner loaded, and forgets its former names.
func (d *draft) remember(owner string, says map[string]string, former []string) {
	if len(former) == 0 && maps.Equal(d.loaded[owner], says) {
		return
	}
	all := maps.Clone(d.loaded)
	if all == nil {
		all = make(loaded)
	}
	for _, name := range former {
		delete(all, name)
	}
	all[owner] = says
	if len(says) == 0 {
		delete(all, owner)
	}
	d.loaded, d.touched = all, true
}

// digestOf tells what a configuration says of a fault from what it said before.
func digestOf(f *faults.Fault) (string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("load fault %.80q: %w", f.Name, err)
	}
	return strconv.FormatUint(xxhash.Sum64(text), 36), nil
}
