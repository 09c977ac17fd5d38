package standin

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// maxQuery bounds q, in bytes; the reference names no bound.
const maxQuery = 1000

// kindWords are the words of the filters parameter.
func kindWords() []string {
	var words []string
	for k := range catalog.Kind(catalog.KindCount) {
		words = append(words, k.String())
	}
	return words
}

// search answers the search endpoint.
func (s *Standin) search(c *call) (any, *problem) {
	window, p := c.window()
	if p != nil {
		return nil, p
	}
	if p := checkQuery(c.query); p != nil {
		return nil, p
	}
	if p := c.readSource(); p != nil {
		return nil, p
	}
	filters, p := c.query.words("filters", kindWords()...)
	if p != nil {
		return nil, p
	}
	answer := &datacontract.ContentResponse{}
	for k := range catalog.Kind(catalog.KindCount) {
		asked := filters[k.String()] || len(filters) == 0 && k != catalog.KindPlaylist
		if asked && c.wants(k.String(), "") {
			c.searchKind(answer, k, window)
		}
	}
	if answer.Empty() {
		return nil, refuse(groove.CodeCatalogNoResult, "nothing matches")
	}
	return answer, nil
}

func checkQuery(query parameters) *problem {
	q := query["q"]
	if strings.TrimSpace(q) == "" {
		return refuse(groove.CodeMissingInputParameter, "q is missing or empty")
	}
	if len(q) > maxQuery {
		return refuse(groove.CodeInvalidInputParameter, "q has %d bytes, want %d at most", len(q), maxQuery)
	}
	return nil
}

// searchKind adds one list of matches to an answer, unless there are none.
func (c *call) searchKind(answer *datacontract.ContentResponse, k catalog.Kind, w page) {
	v, o := c.view(), c.own()
	switch k {
	case catalog.KindArtist:
		answer.Artists = matches(c, k, w, [2]func(int) datacontract.Artist{o.artist, v.artist})
	case catalog.KindAlbum:
		answer.Albums = matches(c, k, w, [2]func(int) datacontract.Album{o.album, v.album})
	case catalog.KindTrack:
		answer.Tracks = matches(c, k, w, [2]func(int) datacontract.Track{o.first, v.track})
	case catalog.KindPlaylist:
		answer.Playlists = c.matchingPlaylists(w)
	}
}

// matches renders a page of the items of one kind that match, nil for none:
// those of the collection first, each as the first of two functions renders
// it, then those of the catalogue that are not in the collection, as the
// second does.
func matches[T any](c *call, k catalog.Kind, w page, render [2]func(int) T) *datacontract.List[T] {
	found := c.standin.catalog.Search(k, c.query["q"])
	var owned catalog.Set
	if c.from.collection() {
		owned = c.user.Owned(k)
		all := slices.Clone(found)
		found.Drop(owned)
		owned.Keep(all)
	}
	if !c.from.catalogue() {
		clear(found)
	}
	mine := owned.Count()
	total := mine + found.Count()
	if total == 0 {
		return nil
	}
	first := owned.Window(w.offset, w.limit)
	second := found.Window(max(0, w.offset-mine), w.limit-len(first))
	items := make([]T, 0, len(first)+len(second))
	for _, at := range first {
		items = append(items, render[0](at))
	}
	for _, at := range second {
		items = append(items, render[1](at))
	}
	return listOf(c, k.String(), w, total, items)
}

// matchingPlaylists is matches for playlists: the caller's own, then public
// ones.
func (c *call) matchingPlaylists(w page) *datacontract.List[datacontract.Playlist] {
	var mine []*library.Playlist
	if c.from.collection() {
		terms := catalog.Words(c.query["q"])
		for _, p := range c.user.Playlists() {
			if matchesAll(catalog.Words(p.Name), terms) {
				mine = append(mine, p)
			}
		}
	}
	public := catalog.NewSet(0)
	if c.from.catalogue() {
		public = c.standin.catalog.Search(catalog.KindPlaylist, c.query["q"])
	}
	total := len(mine) + public.Count()
	if total == 0 {
		return nil
	}
	items := eachOf(cut(w, mine), func(p *library.Playlist) datacontract.Playlist { return c.own().playlist(p, true) })
	rest := public.Window(max(0, w.offset-len(mine)), w.limit-len(items))
	return listOf(c, catalog.KindPlaylist.String(), w, total, append(items, each(rest, c.view().playlist)...))
}

// matchesAll reports whether there are terms and each begins one of the words.
func matchesAll(words, terms []string) bool {
	for _, term := range terms {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, term) }) {
			return false
		}
	}
	return len(terms) > 0
}
