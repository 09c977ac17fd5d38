package library

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// UpdatePlaylist changes a playlist: its metadata and its tracks, or else
// their order alone. A reorder is done whole or not at all.
func (l *Library) UpdatePlaylist(name string, a *datacontract.PlaylistAction) (done Written, p *Problem) {
	moves, p := checkUpdate(a)
	if p != nil {
		return Written{}, p
	}
	p = l.write(name, func(u *User) *Problem {
		i, p := u.target(a)
		if p != nil {
			return p
		}
		list := u.playlists[i]
		if moves {
			p = u.move(list, a)
		} else {
			done.Results, p = u.change(list, a)
		}
		if p != nil {
			return p
		}
		done.describe(list)
		return nil
	})
	return done, p
}

// checkUpdate checks what can be checked without the playlist, and reports
// whether tracks are to be moved.
func checkUpdate(a *datacontract.PlaylistAction) (moves bool, p *Problem) {
	moving := 0
	for _, t := range a.TrackActions {
		if strings.EqualFold(t.Action, "Move") {
			moving++
		}
	}
	switch {
	case moving > 0 && (moving < len(a.TrackActions) || a.Name != nil || a.IsPublished != nil):
		return false, datacontract.Refuse(groove.CodeCollectionInvalidPlaylistReorder, "Move goes with nothing but Move")
	case moving == 0 && a.InsertBeforeTrackID != "":
		return false, datacontract.Refuse(groove.CodeCollectionInvalidPlaylistReorder, "InsertBeforeTrackId goes with Move alone")
	case len(a.TrackActions) == 0 && a.Name == nil && a.IsPublished == nil:
		return false, datacontract.Refuse(groove.CodeCollectionInvalidPlaylistInfo, "there is nothing to change")
	case a.Name != nil:
		return false, checkName(*a.Name)
	}
	return moving > 0, nil
}

// change sets the metadata of a playlist, and adds and deletes tracks.
func (u *User) change(p *Playlist, a *datacontract.PlaylistAction) ([]Result, *Problem) {
	adds := slices.ContainsFunc(a.TrackActions, func(t datacontract.TrackAction) bool { return strings.EqualFold(t.Action, "Add") })
	deletes := slices.ContainsFunc(a.TrackActions, func(t datacontract.TrackAction) bool { return strings.EqualFold(t.Action, "Delete") })
	if adds && !deletes && len(p.Tracks) >= u.library.options.MaxPlaylistTracks {
		return nil, u.library.playlistFull()
	}
	changed := a.Name != nil || a.IsPublished != nil
	if a.Name != nil {
		p.Name = *a.Name
	}
	if a.IsPublished != nil {
		p.Published = *a.IsPublished
	}
	results := eachAction(a.TrackActions, func(t datacontract.TrackAction) (string, *Problem) {
		id, problem := u.act(p, t)
		changed = changed || problem == nil
		return id, problem
	})
	if changed {
		u.writes[groove.PlaylistsUpdate]++
	}
	return results, nil
}

// act adds or deletes one track.
func (u *User) act(p *Playlist, t datacontract.TrackAction) (string, *Problem) {
	switch {
	case strings.EqualFold(t.Action, "Add"):
		return u.list(p, t.ID)
	case strings.EqualFold(t.Action, "Delete"):
		i, ok := u.listed(p, t.ID)
		if !ok {
			return "", datacontract.Refuse(groove.CodeCollectionInvalidID, "no such track in the playlist, want the id that it has there")
		}
		p.Tracks = slices.Delete(p.Tracks, i, i+1)
		return "", nil
	default:
		return "", datacontract.Refuse(groove.CodeCollectionInvalidOperation, "Action is %q, want Add, Delete or Move", t.Action)
	}
}

// listed finds a track of a playlist by the id that it has there.
func (u *User) listed(p *Playlist, id string) (int, bool) {
	c, number, ok := u.read(id)
	if !ok || c != classListed {
		return 0, false
	}
	i := p.position(number)
	return i, i >= 0
}

// move takes tracks out of a playlist and puts them, in the order in which
// they are named, before another one or at the end.
func (u *User) move(p *Playlist, a *datacontract.PlaylistAction) *Problem {
	var moved []Entry
	for _, t := range a.TrackActions {
		i, ok := u.listed(p, t.ID)
		if !ok {
			return datacontract.Refuse(groove.CodeCollectionInvalidPlaylistReorder, "%q is no track of the playlist", t.ID)
		}
		if slices.Contains(moved, p.Tracks[i]) {
			return datacontract.Refuse(groove.CodeCollectionInvalidPlaylistReorder, "%q is named twice", t.ID)
		}
		moved = append(moved, p.Tracks[i])
	}
	var before Entry
	if a.InsertBeforeTrackID != "" {
		i, ok := u.listed(p, a.InsertBeforeTrackID)
		if !ok || slices.Contains(moved, p.Tracks[i]) {
			return datacontract.Refuse(groove.CodeCollectionInvalidPlaylistReorder, "InsertBeforeTrackId is no track of the playlist that stays")
		}
		before = p.Tracks[i]
	}
	rest := slices.DeleteFunc(slices.Clone(p.Tracks), func(e Entry) bool { return slices.Contains(moved, e) })
	at := slices.Index(rest, before)
	if at < 0 {
		at = len(rest)
	}
	p.Tracks = slices.Insert(rest, at, moved...)
	u.writes[groove.PlaylistsUpdate]++
	return nil
}
