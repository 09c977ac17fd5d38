package standin

import (
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
)

// parents are the words for what a list is inside of, one or many.
var parents = map[string]catalog.Kind{
	"artist": catalog.KindArtist, "artists": catalog.KindArtist,
	"album": catalog.KindAlbum, "albums": catalog.KindAlbum,
	"playlist": catalog.KindPlaylist, "playlists": catalog.KindPlaylist,
}

// extrasOf are the lists inside of each kind, with the kind of their items.
var extrasOf = map[catalog.Kind]map[string]catalog.Kind{
	catalog.KindArtist:   {extraAlbums: catalog.KindAlbum, extraTopTracks: catalog.KindTrack},
	catalog.KindAlbum:    {extraTracks: catalog.KindTrack},
	catalog.KindTrack:    nil,
	catalog.KindPlaylist: {extraTracks: catalog.KindTrack},
}

// subbrowse answers the subbrowse endpoint: like a look-up of one item with
// one extra, but in pages and in any order.
func (s *Standin) subbrowse(c *call) (any, *problem) {
	ids, p := readIDs(c.path["id"])
	if p != nil {
		return nil, p
	}
	if len(ids) > 1 {
		return nil, refuse(groove.CodeInvalidInputParameter, "there are %d ids, want one", len(ids))
	}
	parent, p := c.readParent()
	if p != nil {
		return nil, p
	}
	extra := strings.ToLower(c.path["extra"])
	inside, p := c.readExtra(parent, extra)
	if p != nil {
		return nil, p
	}
	f := &finder{call: c, extras: map[string]bool{extra: true}}
	if f.page, p = c.paging(); p != nil {
		return nil, p
	}
	if f.sorted, p = c.readSorting(inside); p != nil {
		return nil, p
	}
	if _, p := f.find(ids); p != nil {
		return nil, p
	}
	if !f.holds(parent) {
		return nil, refuse(f.noResult(), "the id is of no %s", c.path["browseType"])
	}
	return &f.answer, nil
}

// readParent reads where the parent is looked for, and what kind it is of.
func (c *call) readParent() (catalog.Kind, *problem) {
	switch from := source(strings.ToLower(c.path["source"])); from {
	case fromCatalogue:
		c.from = from
	case fromCollection:
		c.from = from
		if p := c.needUser(); p != nil {
			return 0, p
		}
	default:
		return 0, refuse(groove.CodeInvalidInputParameter, "source is %q, want catalog or collection", c.path["source"])
	}
	parent, ok := parents[strings.ToLower(c.path["browseType"])]
	if !ok {
		return 0, refuse(groove.CodeInvalidInputParameter, "browseType is %q, want artist, album or playlist", c.path["browseType"])
	}
	return parent, nil
}

// readExtra checks that a parent has the list, and returns what is in it.
func (c *call) readExtra(parent catalog.Kind, extra string) (catalog.Kind, *problem) {
	inside, ok := extrasOf[parent][extra]
	switch {
	case ok && (extra != extraTopTracks || c.from == fromCatalogue):
		return inside, nil
	case extra == extraAlbums || extra == extraTopTracks || extra == extraTracks:
		return 0, refuse(groove.CodeIncompatibleInputParameters, "%v of the %s have no %s", parent, c.from, extra)
	default:
		return 0, refuse(groove.CodeInvalidInputParameter, "extra is %q, want albums, topTracks or tracks", c.path["extra"])
	}
}

// holds reports whether an item of a kind was found.
func (f *finder) holds(k catalog.Kind) bool {
	switch k {
	case catalog.KindArtist:
		return f.answer.Artists != nil
	case catalog.KindAlbum:
		return f.answer.Albums != nil
	case catalog.KindTrack:
		return f.answer.Tracks != nil
	case catalog.KindPlaylist:
	}
	return f.answer.Playlists != nil
}
