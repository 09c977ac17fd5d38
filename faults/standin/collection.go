package standin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// collections is what all users have. It is safe for concurrent use, and its
// size is bounded by the options.
type collections struct {
	options Options
	all     *catalogue

	mu    sync.Mutex
	users map[string]*collection
}

// collection is what one user has.
type collection struct {
	// times counts how often each track was added; size is their sum.
	times map[int]int
	size  int
	// owned are the tracks that were added, with their albums and artists.
	owned     [kindCount]places
	playlists []playlist
	// writes counts the requests that changed something, by endpoint.
	writes map[string]int
	// serial numbers everything that was ever made for the user.
	serial uint64
}

type playlist struct {
	id, name  string
	published bool
	tracks    []int
}

func newCollections(o Options, all *catalogue) *collections {
	return &collections{options: o, all: all, users: make(map[string]*collection)}
}

// user returns the collection of a user, made on first use. The caller holds
// the lock.
func (c *collections) user(name string) (*collection, *problem) {
	if u, ok := c.users[name]; ok {
		return u, nil
	}
	if len(c.users) >= c.options.MaxUsers {
		return nil, refuse(groove.CodeCollectionFull, "the stand-in has %d users and takes no more", c.options.MaxUsers)
	}
	u := &collection{times: make(map[int]int), writes: make(map[string]int), owned: c.all.noPlaces()}
	c.users[name] = u
	return u, nil
}

// trackInput is one track of a batch, as sent and as found.
type trackInput struct {
	id string
	at int
	// problem says why the track cannot be used; nil if it can.
	problem *problem
}

// add puts tracks into a user's collection, each one as often as it is given.
func (c *collections) add(name string, batch []trackInput) ([]trackActionResult, *problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, p := c.user(name)
	if p != nil {
		return nil, p
	}
	if u.size >= c.options.MaxTracks {
		return nil, refuse(groove.CodeCollectionFull, "%d tracks are the most", c.options.MaxTracks)
	}
	before := u.size
	results := c.apply(name, u, batch, func(at int) *problem {
		if u.size >= c.options.MaxTracks {
			return refuse(groove.CodeCollectionFull, "%d tracks are the most", c.options.MaxTracks)
		}
		u.times[at]++
		u.size++
		u.own(c.all, at)
		return nil
	})
	if u.size > before {
		u.writes[groove.CollectionAdd]++
	}
	return results, nil
}

// create makes a playlist for a user, whether or not there is one like it.
func (c *collections) create(name string, wanted playlist, batch []trackInput) (playlist, []trackActionResult, *problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, p := c.user(name)
	if p != nil {
		return playlist{}, nil, p
	}
	if len(u.playlists) >= c.options.MaxPlaylists {
		return playlist{}, nil, refuse(groove.CodeCollectionFull, "%d playlists are the most", c.options.MaxPlaylists)
	}
	sum := c.identity(name, u)
	wanted.id = fmt.Sprintf("music.playlist.%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	results := c.apply(name, u, batch, func(at int) *problem {
		if len(wanted.tracks) >= c.options.MaxPlaylistTracks {
			return refuse(groove.CodeCollectionPlaylistFull, "%d tracks are the most", c.options.MaxPlaylistTracks)
		}
		wanted.tracks = append(wanted.tracks, at)
		return nil
	})
	u.playlists = append(u.playlists, wanted)
	u.writes[groove.PlaylistsCreate]++
	return wanted, results, nil
}

// apply runs one over the usable tracks of a batch and reports on all of them.
func (c *collections) apply(name string, u *collection, batch []trackInput, one func(at int) *problem) []trackActionResult {
	results := make([]trackActionResult, len(batch))
	for i, input := range batch {
		results[i].InputID = input.id
		p := input.problem
		if p == nil {
			p = one(input.at)
		}
		if p != nil {
			results[i].Error = p.object()
			continue
		}
		sum := c.identity(name, u)
		results[i].ID = "music." + base64.RawURLEncoding.EncodeToString(sum[:24])
	}
	return results
}

// identity draws what the id of a new thing is made of. It depends on the
// seed, the user and what was made for the user before.
func (c *collections) identity(name string, u *collection) [sha256.Size]byte {
	u.serial++
	seed := binary.BigEndian.AppendUint64(nil, c.options.Seed)
	return sha256.Sum256(append(binary.BigEndian.AppendUint64(seed, u.serial), name...))
}

// playlist finds a playlist of a user, and the state of the collection.
func (c *collections) playlist(name, id string) (found playlist, state string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, ok := c.users[name]
	if !ok {
		return playlist{}, "", false
	}
	i := slices.IndexFunc(u.playlists, func(p playlist) bool { return strings.EqualFold(p.id, id) })
	if i < 0 {
		return playlist{}, "", false
	}
	return u.playlists[i], u.stateToken(), true
}

// named finds the playlists of a user whose name holds all the terms.
func (c *collections) named(name string, terms []string) (found []playlist, state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, ok := c.users[name]
	if !ok {
		return nil, ""
	}
	for _, p := range u.playlists {
		if x := newIndex([]string{p.name}); x.find(terms).count() > 0 {
			found = append(found, p)
		}
	}
	return found, u.stateToken()
}

// own marks a track, its album and its artist as the user's.
func (u *collection) own(all *catalogue, at int) {
	album := all.tracks[at].album
	u.owned[kindTrack].set(at)
	u.owned[kindAlbum].set(album)
	u.owned[kindArtist].set(all.albums[album].artist)
}

// owned returns the places of what a user has.
func (c *collections) owned(name string) [kindCount]places {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, ok := c.users[name]
	if !ok {
		return c.all.noPlaces()
	}
	owned := u.owned
	for k := range owned {
		owned[k] = slices.Clone(owned[k])
	}
	return owned
}

// stateToken names the version of a collection, in the form of the samples.
func (u *collection) stateToken() string {
	return fmt.Sprintf("3.0.%d.%d.7.7.7", u.writes[groove.CollectionAdd], u.writes[groove.PlaylistsCreate])
}

// summary is what a profile says of a user's collection.
func (c *collections) summary(name string) *collectionState {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, ok := c.users[name]
	if !ok {
		u = &collection{}
	}
	return &collectionState{
		PlaylistCount:          len(u.playlists),
		RemainingPlaylistCount: c.options.MaxPlaylists - len(u.playlists),
		RemainingTrackCount:    c.options.MaxTracks - u.size,
		Token:                  u.stateToken(),
		TrackCount:             u.size,
	}
}
