package library

import (
	"fmt"
	"maps"
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// User is what one user has. Callers must not change anything in it.
type User struct {
	Name    string
	library *Library
	// tracks are in the order in which they were added.
	tracks []Entry
	// owned counts how often each artist, album and track is in tracks.
	owned     [catalog.KindPlaylist]map[int]int
	playlists []*Playlist
	// writes counts the requests that changed something, by endpoint.
	writes map[string]int
	// serial numbers everything that was ever made for the user.
	serial uint64
}

// Entry is a track in a collection or a playlist.
type Entry struct {
	// Track is its place in the catalogue.
	Track  int
	serial uint64
}

// Playlist is a playlist of a user.
type Playlist struct {
	ID, Name  string
	Published bool
	Tracks    []Entry
}

// Tracks are those in the collection, in the order in which they were added.
func (u *User) Tracks() []Entry { return u.tracks }

// Playlists are those of the user, in the order in which they were made.
func (u *User) Playlists() []*Playlist { return u.playlists }

// Writes counts the requests that changed something, by endpoint. The caller
// owns the map.
func (u *User) Writes() map[string]int { return maps.Clone(u.writes) }

// Times is how often a track is in the collection, or how many of its tracks
// belong to an album or an artist.
func (u *User) Times(r catalog.Ref) int {
	if r.Kind == catalog.KindPlaylist {
		return 0
	}
	return u.owned[r.Kind][r.At]
}

// Owned are the artists, albums or tracks of the collection, each once.
func (u *User) Owned(k catalog.Kind) catalog.Set {
	set := catalog.NewSet(u.library.all.Len(k))
	if k != catalog.KindPlaylist {
		for at := range u.owned[k] {
			set.Add(at)
		}
	}
	return set
}

// First returns the oldest entry of a track in the collection.
func (u *User) First(track int) (Entry, bool) {
	if u.Times(catalog.Ref{Kind: catalog.KindTrack, At: track}) == 0 {
		return Entry{}, false
	}
	i := slices.IndexFunc(u.tracks, func(e Entry) bool { return e.Track == track })
	return u.tracks[i], true
}

// Of returns the entries of an album or an artist, in the order in which they
// were added.
func (u *User) Of(r catalog.Ref) []Entry {
	var found []Entry
	for _, e := range u.tracks {
		if u.belongs(e, r) {
			found = append(found, e)
		}
	}
	return found
}

func (u *User) belongs(e Entry, r catalog.Ref) bool {
	track := catalog.Ref{Kind: catalog.KindTrack, At: e.Track}
	if r.Kind == catalog.KindAlbum {
		return u.library.all.Tracks[e.Track].Album == r.At
	}
	return u.library.all.ArtistOf(track) == r.At
}

// Playlist finds a playlist of the user by id, without regard to case.
func (u *User) Playlist(id string) (*Playlist, bool) {
	i := u.indexOf(id)
	if i < 0 {
		return nil, false
	}
	return u.playlists[i], true
}

// Published finds a published playlist of another user.
func (u *User) Published(id string) (*Playlist, bool) {
	for _, other := range u.library.users {
		if p, ok := other.Playlist(id); ok && p.Published && other.Name != u.Name {
			return p, true
		}
	}
	return nil, false
}

// StateToken names the version of the collection, in the form of the samples.
func (u *User) StateToken() string {
	tracks := u.writes[groove.CollectionAdd] + u.writes[groove.CollectionDelete]
	playlists := u.writes[groove.PlaylistsCreate] + u.writes[groove.PlaylistsUpdate] + u.writes[groove.PlaylistsDelete]
	return fmt.Sprintf("3.0.%d.%d.7.7.7", tracks, playlists)
}

// State is how full the collection is.
func (u *User) State() *datacontract.CollectionState {
	o := &u.library.options
	return &datacontract.CollectionState{
		PlaylistCount:          len(u.playlists),
		RemainingPlaylistCount: o.MaxPlaylists - len(u.playlists),
		RemainingTrackCount:    o.MaxTracks - len(u.tracks),
		Token:                  u.StateToken(),
		TrackCount:             len(u.tracks),
	}
}

// next makes an entry that there was never before.
func (u *User) next(track int) Entry {
	u.serial++
	return Entry{track, u.serial}
}

// count adds n to how often the track of an entry, its album and its artist
// are in the collection.
func (u *User) count(e Entry, n int) {
	all := u.library.all
	for k, at := range [catalog.KindPlaylist]int{
		catalog.KindTrack:  e.Track,
		catalog.KindAlbum:  all.Tracks[e.Track].Album,
		catalog.KindArtist: all.ArtistOf(catalog.Ref{Kind: catalog.KindTrack, At: e.Track}),
	} {
		if u.owned[k] == nil {
			u.owned[k] = make(map[int]int)
		}
		u.owned[k][at] += n
		if u.owned[k][at] == 0 {
			delete(u.owned[k], at)
		}
	}
}
