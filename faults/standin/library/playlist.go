package library

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// maxName bounds the name of a playlist, in characters.
const maxName = 256

// Written is a playlist after a write.
type Written struct {
	ID, Name  string
	Published bool
	// Results are of the tracks that were to be added or deleted, nil for none.
	Results []Result
}

func (w *Written) describe(p *Playlist) { w.ID, w.Name, w.Published = p.ID, p.Name, p.Published }

// CreatePlaylist makes a playlist for a user, whether or not there is one like
// it.
func (l *Library) CreatePlaylist(name string, a *datacontract.PlaylistAction) (made Written, p *Problem) {
	if a.Name == nil {
		return Written{}, datacontract.Refuse(groove.CodeCollectionInvalidPlaylistInfo, "Name is missing")
	}
	if p := checkName(*a.Name); p != nil {
		return Written{}, p
	}
	p = l.write(name, func(u *User) *Problem {
		if p := u.checkToken(a); p != nil {
			return p
		}
		if len(u.playlists) >= l.options.MaxPlaylists {
			return datacontract.Refuse(groove.CodeCollectionFull, "%d playlists are the most", l.options.MaxPlaylists)
		}
		list := &Playlist{ID: u.playlistID(), Name: *a.Name, Published: a.IsPublished != nil && *a.IsPublished}
		made.Results = eachAction(a.TrackActions, func(t datacontract.TrackAction) (string, *Problem) {
			if !strings.EqualFold(t.Action, "Add") {
				return "", datacontract.Refuse(groove.CodeCollectionInvalidOperation, "Action is %q, a new playlist takes Add", t.Action)
			}
			return u.list(list, t.ID)
		})
		u.playlists = append(u.playlists, list)
		u.writes[groove.PlaylistsCreate]++
		made.describe(list)
		return nil
	})
	return made, p
}

// DeletePlaylist takes a playlist away and returns what it was.
func (l *Library) DeletePlaylist(name string, a *datacontract.PlaylistAction) (gone Written, p *Problem) {
	p = l.write(name, func(u *User) *Problem {
		i, p := u.target(a)
		if p != nil {
			return p
		}
		gone.describe(u.playlists[i])
		u.playlists = slices.Delete(u.playlists, i, i+1)
		u.writes[groove.PlaylistsDelete]++
		return nil
	})
	return gone, p
}

// target finds the playlist that a write is about.
func (u *User) target(a *datacontract.PlaylistAction) (int, *Problem) {
	if a.ID == "" {
		return 0, datacontract.Refuse(groove.CodeCollectionInvalidPlaylistInfo, "Id is missing or empty")
	}
	if p := u.checkToken(a); p != nil {
		return 0, p
	}
	i := u.indexOf(a.ID)
	if i < 0 {
		return 0, datacontract.Refuse(groove.CodeCollectionInvalidID, "the user has no such playlist")
	}
	return i, nil
}

func (u *User) indexOf(id string) int {
	return slices.IndexFunc(u.playlists, func(p *Playlist) bool { return strings.EqualFold(p.ID, id) })
}

// checkToken refuses a write that was meant for another version of the
// collection.
func (u *User) checkToken(a *datacontract.PlaylistAction) *Problem {
	if a.CollectionStateToken != "" && a.CollectionStateToken != u.StateToken() {
		return datacontract.Refuse(groove.CodeCollectionConcurrentUpdate, "the collection is at %s by now", u.StateToken())
	}
	return nil
}

func checkName(name string) *Problem {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return datacontract.Refuse(groove.CodeCollectionInvalidPlaylistInfo, "Name is empty")
	case n > maxName:
		return datacontract.Refuse(groove.CodeInvalidInputParameter, "Name has %d characters, want %d at most", n, maxName)
	}
	return nil
}

// list adds a track to a playlist, by its id in the catalogue or in the
// collection.
func (u *User) list(p *Playlist, id string) (string, *Problem) {
	track, ok := u.library.all.FindKind(catalog.KindTrack, id)
	if !ok {
		var r catalog.Ref
		if r, _, ok = u.Item(id); !ok || r.Kind != catalog.KindTrack {
			return "", datacontract.Refuse(groove.CodeCollectionInvalidID, "no such track")
		}
		track = r.At
	}
	if len(p.Tracks) >= u.library.options.MaxPlaylistTracks {
		return "", u.library.playlistFull()
	}
	e := u.next(track)
	p.Tracks = append(p.Tracks, e)
	return u.ListedID(e), nil
}

func (l *Library) playlistFull() *Problem {
	return datacontract.Refuse(groove.CodeCollectionPlaylistFull, "%d tracks are the most", l.options.MaxPlaylistTracks)
}

// eachAction is each for the actions of a playlist; nil for none.
func eachAction(actions []datacontract.TrackAction, one func(datacontract.TrackAction) (string, *Problem)) []Result {
	var results []Result
	for _, a := range actions {
		id, p := one(a)
		results = append(results, Result{a.ID, id, p})
	}
	return results
}
