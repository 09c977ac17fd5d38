package standin

import (
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// maxBrowsed is how many items of the catalogue can be browsed in all.
const maxBrowsed = 1000

// browseCatalog answers the catalog.browse endpoint.
func (s *Standin) browseCatalog(c *call) (any, *problem) {
	c.from = fromCatalogue
	k, ok := kindNamed(c.path["type"])
	if !ok {
		return nil, refuse(groove.CodeInvalidInputParameter, "type is %q, want one of %s", c.path["type"], strings.Join(kindWords(), ", "))
	}
	w, p := c.paging()
	if p != nil {
		return nil, p
	}
	order, p := c.readSorting(k)
	if p != nil {
		return nil, p
	}
	if !order.given && k != catalog.KindPlaylist {
		order.catalog = catalog.ReleaseDate
	}
	filter, p := c.readFilter(k)
	if p != nil {
		return nil, p
	}
	places := browsed(s.catalog.Ordered(k, order.catalog), filter)
	if len(places) == 0 {
		return nil, refuse(groove.CodeCatalogNoResult, "there are no such %v", k)
	}
	return c.browsedPage(k, w, places), nil
}

// kindNamed finds the kind that a word of a path is for.
func kindNamed(word string) (catalog.Kind, bool) {
	for k := range catalog.Kind(catalog.KindCount) {
		if strings.EqualFold(word, k.String()) {
			return k, true
		}
	}
	return 0, false
}

// browsed returns what passes a filter, as far as it can be browsed.
func browsed(places []int, filter func(int) bool) []int {
	if filter == nil {
		return places[:min(len(places), maxBrowsed)]
	}
	var passed []int
	for _, at := range places {
		if len(passed) < maxBrowsed && filter(at) {
			passed = append(passed, at)
		}
	}
	return passed
}

func (c *call) browsedPage(k catalog.Kind, w page, places []int) *datacontract.ContentResponse {
	v := c.view()
	shown := cut(w, places)
	answer := &datacontract.ContentResponse{}
	switch k {
	case catalog.KindArtist:
		answer.Artists = listOf(c, k.String(), w, len(places), each(shown, v.artist))
	case catalog.KindAlbum:
		answer.Albums = listOf(c, k.String(), w, len(places), each(shown, v.album))
	case catalog.KindTrack:
		answer.Tracks = listOf(c, k.String(), w, len(places), each(shown, v.track))
	case catalog.KindPlaylist:
		answer.Playlists = listOf(c, k.String(), w, len(places), each(shown, v.playlist))
	}
	return answer
}

// Parameters that say which items are browsed. At most one can be given.
const (
	byGenre    = "genre"
	byMood     = "mood"
	byActivity = "activity"
)

// readFilter reads genre, mood and activity; nil stands for none of them.
func (c *call) readFilter(k catalog.Kind) (func(int) bool, *problem) {
	var by []string
	for _, name := range []string{byGenre, byMood, byActivity} {
		if value, given := c.query[name]; given {
			by = append(by, name)
			if strings.TrimSpace(value) == "" {
				return nil, refuse(groove.CodeInvalidInputParameter, "%s is empty", name)
			}
		}
	}
	switch {
	case len(by) == 0:
		return nil, nil //nolint:nilnil // No filter is asked for.
	case len(by) > 1:
		return nil, refuse(groove.CodeIncompatibleInputParameters, "%s are given, want one of them", strings.Join(by, " and "))
	case by[0] != byGenre && k != catalog.KindPlaylist:
		return nil, refuse(groove.CodeIncompatibleInputParameters, "%s goes with playlists alone", by[0])
	}
	all, value := c.standin.catalog, c.query[by[0]]
	switch by[0] {
	case byMood:
		return func(at int) bool { return all.InMood(at, value) }, nil
	case byActivity:
		return func(at int) bool { return all.InActivity(at, value) }, nil
	default:
		return func(at int) bool { return all.InGenre(catalog.Ref{Kind: k, At: at}, value) }, nil
	}
}
