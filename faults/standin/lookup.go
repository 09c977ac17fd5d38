package standin

import (
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// Lists inside an item that a look-up can add and continue, and details.
const (
	extraAlbums        = "albums"
	extraTopTracks     = "toptracks"
	extraTracks        = "tracks"
	extraArtistDetails = "artistdetails"
	extraAlbumDetails  = "albumdetails"
)

// lookup answers the lookup endpoint.
func (s *Standin) lookup(c *call) (any, *problem) {
	ids, p := readIDs(c.path["ids"])
	if p != nil {
		return nil, p
	}
	if p := c.readSource(); p != nil {
		return nil, p
	}
	extras, p := c.query.words("extras", extraAlbums, extraTopTracks, extraTracks, extraArtistDetails, extraAlbumDetails)
	if p != nil {
		return nil, p
	}
	f := &finder{call: c, extras: extras, page: page{0, maxPage}}
	if c.rest != nil {
		// A token goes on with one list of one item.
		ids, f.page = []string{c.rest.Key}, page{c.rest.Offset, c.rest.Limit}
	}
	return f.find(ids)
}

// finder collects the answer to one look-up.
type finder struct {
	*call
	extras map[string]bool
	// page is the part of lists inside items.
	page   page
	sorted sorting
	answer datacontract.ContentResponse
}

func (f *finder) find(ids []string) (any, *problem) {
	missing := 0
	for _, id := range ids {
		if !f.add(id) {
			missing++
		}
	}
	if missing == len(ids) {
		return nil, refuse(f.noResult(), "none of the ids is known")
	}
	if missing > 0 {
		f.answer.Error = refuse(groove.CodeCatalogInvalidData, "%d of %d ids are not known", missing, len(ids)).Object()
	}
	return &f.answer, nil
}

func (f *finder) noResult() groove.ErrorCode {
	if f.from == fromCollection {
		return groove.CodeCollectionNoResult
	}
	return groove.CodeCatalogNoResult
}

// add puts the item of an id into the answer, if there is one: from the
// collection, else from the catalogue.
func (f *finder) add(id string) bool {
	if f.from.collection() && f.addOwn(id) {
		return true
	}
	r, ok := f.standin.catalog.Find(id)
	if !ok {
		p, ok := f.user.Published(id)
		if ok {
			f.addPlaylist(p, false)
		}
		return ok
	}
	// A public playlist is part of somebody's collection: it always shows.
	if !f.from.catalogue() && r.Kind != catalog.KindPlaylist {
		return false
	}
	switch r.Kind {
	case catalog.KindArtist:
		appendTo(&f.answer.Artists, f.artist(r.At))
	case catalog.KindAlbum:
		appendTo(&f.answer.Albums, f.album(r.At))
	case catalog.KindTrack:
		appendTo(&f.answer.Tracks, f.track(r.At))
	case catalog.KindPlaylist:
		appendTo(&f.answer.Playlists, f.playlist(r.At))
	}
	return true
}

// addOwn is add for the collection. An item is known by its id there and by
// that of the catalogue.
func (f *finder) addOwn(id string) bool {
	if p, ok := f.user.Playlist(id); ok {
		f.addPlaylist(p, true)
		return true
	}
	r, e, ok := f.user.Item(id)
	if !ok {
		r, ok = f.standin.catalog.Find(id)
		if !ok || f.user.Times(r) == 0 {
			return false
		}
		if r.Kind == catalog.KindTrack {
			e, _ = f.user.First(r.At)
		}
	}
	switch r.Kind {
	case catalog.KindArtist:
		appendTo(&f.answer.Artists, f.ownArtist(r.At))
	case catalog.KindAlbum:
		appendTo(&f.answer.Albums, f.ownAlbum(r.At))
	case catalog.KindTrack:
		rendered := f.own().entry(e)
		if listed := f.user.ListedID(e); strings.EqualFold(id, listed) {
			rendered.ID = listed
		}
		appendTo(&f.answer.Tracks, rendered)
	case catalog.KindPlaylist:
	}
	return true
}

func (f *finder) addPlaylist(p *library.Playlist, mine bool) {
	o := f.own()
	rendered := o.playlist(p, mine)
	one := o.listed
	if !mine {
		// The ids that tracks have in it are of the owner alone.
		one = func(e library.Entry) datacontract.Track { return f.view().track(e.Track) }
	}
	entries := f.sorted.entries(f.user, p.Tracks)
	rendered.Tracks = nested(f, p.ID, extraTracks, len(entries), eachOf(cut(f.page, entries), one))
	appendTo(&f.answer.Playlists, rendered)
}

// appendTo adds an item to a list that may not be there yet.
func appendTo[T any](l **datacontract.List[T], one T) {
	if *l == nil {
		*l = &datacontract.List[T]{}
	}
	(*l).Items = append((*l).Items, one)
	(*l).TotalItemCount++
}

// nested makes a page of a list inside an item, nil if it is not asked for.
func nested[T any](f *finder, id, name string, total int, items []T) *datacontract.List[T] {
	if !f.wants(name, id) {
		return nil
	}
	return &datacontract.List[T]{ContinuationToken: f.next(name, id, f.page, total), Items: items, TotalItemCount: total}
}
