package library

import (
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// Result is what became of one track of a batch.
type Result struct {
	// InputID is the id that was sent, ID the one of what was made: "" for
	// nothing.
	InputID, ID string
	Problem     *Problem
}

// Add puts tracks of the catalogue into a user's collection, each as often as
// it is named. It is refused as a whole when the collection is full already.
func (l *Library) Add(name string, ids []string) (results []Result, p *Problem) {
	p = l.write(name, func(u *User) *Problem {
		if len(u.tracks) >= l.options.MaxTracks {
			return l.collectionFull()
		}
		before := len(u.tracks)
		results = each(ids, func(id string) (string, *Problem) { return u.add(id) })
		if len(u.tracks) > before {
			u.writes[groove.CollectionAdd]++
		}
		return nil
	})
	return results, p
}

func (l *Library) collectionFull() *Problem {
	return datacontract.Refuse(groove.CodeCollectionFull, "%d tracks are the most", l.options.MaxTracks)
}

func (u *User) add(id string) (string, *Problem) {
	track, ok := u.library.all.FindKind(catalog.KindTrack, id)
	if !ok {
		return "", datacontract.Refuse(groove.CodeCollectionInvalidID, "no such track in the catalogue")
	}
	if len(u.tracks) >= u.library.options.MaxTracks {
		return "", u.library.collectionFull()
	}
	e := u.next(track)
	u.tracks = append(u.tracks, e)
	u.count(e, 1)
	return u.EntryID(e), nil
}

// Delete takes tracks out of a user's collection, by the ids that they have
// there.
func (l *Library) Delete(name string, ids []string) (results []Result, p *Problem) {
	p = l.write(name, func(u *User) *Problem {
		before := len(u.tracks)
		results = each(ids, func(id string) (string, *Problem) { return "", u.remove(id) })
		if len(u.tracks) < before {
			u.writes[groove.CollectionDelete]++
		}
		return nil
	})
	return results, p
}

func (u *User) remove(id string) *Problem {
	c, number, ok := u.read(id)
	i, found := u.position(number)
	if !ok || c != classTrack || !found {
		return datacontract.Refuse(groove.CodeCollectionInvalidID, "no such track in the collection, want the id that it has there")
	}
	u.count(u.tracks[i], -1)
	u.tracks = slices.Delete(u.tracks, i, i+1)
	return nil
}

// each runs one over a batch and reports on all of it.
func each(ids []string, one func(id string) (string, *Problem)) []Result {
	results := make([]Result, len(ids))
	for i, id := range ids {
		results[i].InputID = id
		results[i].ID, results[i].Problem = one(id)
	}
	return results
}
