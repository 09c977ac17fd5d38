package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults"
)

// Load brings the faults in line with a configuration: those that it says otherwise than when the same owner loaded it last are
// written, those that it says no more are removed. What it says as before stays as it has become since: changed over the API,
// expired or removed. All of it is done or nothing. Errors are those of Write.
func (s *Shared) Load(ctx context.Context, owner string, set []faults.Fault) error {
	_, err := s.change(ctx, func(d *draft) error { return d.loadReviewed(owner, set) })
	return err
}

// Load is that of Shared, for a store that forgets with the process what it had loaded.
func (m *Memory) Load(_ context.Context, owner string, set []faults.Fault) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.draft()
	places, err := d.load(owner, set)
	if err != nil {
		return err
	}
	if err := m.commit(d, places); err != nil {
		return err
	}
	m.loaded = d.loaded
	return nil
}

func (d *draft) loadReviewed(owner string, set []faults.Fault) error {
	places, err := d.load(owner, set)
	switch {
	case err != nil:
		return err
	case !d.touched:
		return errNothing
	}
	_, err = d.review(places)
	return err
}

// load makes the changes of Load. It says where those faults are that were written.
func (d *draft) load(owner string, set []faults.Fault) (places []int, err error) {
	was, says := d.loaded[owner], make(map[string]string, len(set))
	for i := range set {
		if says[set[i].Name], err = digestOf(&set[i]); err != nil {
			return nil, err
		}
	}
	for name := range was {
		if _, still := says[name]; still {
			continue
		}
		if _, there := d.places[name]; there {
			if err := d.remove(name, 0); err != nil {
				return nil, err
			}
		}
	}
	for i := range set {
		if says[set[i].Name] == was[set[i].Name] {
			continue
		}
		place, err := d.write(&Write{Fault: set[i]})
		if err != nil {
			return nil, err
		}
		places = append(places, place)
	}
	d.remember(owner, was, says)
	return places, nil
}

// remember notes what an owner loaded.
func (d *draft) remember(owner string, was, says map[string]string) {
	if maps.Equal(was, says) {
		return
	}
	all := maps.Clone(d.loaded)
	if all == nil {
		all = make(loaded)
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
