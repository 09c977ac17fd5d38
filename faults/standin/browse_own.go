package standin

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// forYou is the type of collection.browse for playlists that are suggested.
const forYou = "playlistsforyou"

// browseCollection answers the collection.browse endpoint.
func (s *Standin) browseCollection(c *call) (any, *problem) {
	c.from = fromCollection
	k, ok := kindNamed(c.path["type"])
	suggested := strings.EqualFold(c.path["type"], forYou)
	if suggested {
		k = catalog.KindPlaylist
	} else if !ok {
		return nil, refuse(groove.CodeInvalidInputParameter, "type is %q, want one of %s, %s", c.path["type"], strings.Join(kindWords(), ", "), forYou)
	}
	w, p := c.paging()
	if p != nil {
		return nil, p
	}
	order, p := c.readSorting(k)
	if p != nil {
		return nil, p
	}
	if !order.given {
		order = sorting{given: true, library: ordersOf[k][0]}
	}
	answer := &datacontract.ContentResponse{}
	if suggested {
		answer.Playlists = c.suggested(w)
	} else {
		c.browseKind(answer, k, w, order)
	}
	if answer.Empty() {
		return nil, refuse(groove.CodeCollectionNoResult, "the user has no %v", k)
	}
	return answer, nil
}

// browseKind adds the list of a kind to an answer, unless it is empty.
func (c *call) browseKind(answer *datacontract.ContentResponse, k catalog.Kind, w page, order sorting) {
	o := c.own()
	switch k {
	case catalog.KindArtist:
		answer.Artists = owned(c, k, w, order, o.artist)
	case catalog.KindAlbum:
		answer.Albums = owned(c, k, w, order, o.album)
	case catalog.KindTrack:
		if entries := order.entries(c.user, c.user.Tracks()); len(entries) > 0 {
			answer.Tracks = listOf(c, k.String(), w, len(entries), eachOf(cut(w, entries), o.entry))
		}
	case catalog.KindPlaylist:
		latest := slices.Clone(c.user.Playlists())
		slices.Reverse(latest)
		if len(latest) > 0 {
			answer.Playlists = listOf(c, k.String(), w, len(latest), eachOf(cut(w, latest), func(p *library.Playlist) datacontract.Playlist {
				return o.playlist(p, true)
			}))
		}
	}
}

// owned renders a page of the artists or albums of the collection, nil if
// there are none.
func owned[T any](c *call, k catalog.Kind, w page, order sorting, one func(int) T) *datacontract.List[T] {
	set := c.user.Owned(k)
	places := order.own(c.user, k, set.Window(0, set.Count()))
	if len(places) == 0 {
		return nil
	}
	return listOf(c, k.String(), w, len(places), each(cut(w, places), one))
}

// countSuggested is how many playlists are suggested to a user.
const countSuggested = 50

// suggested are public playlists that differ from user to user.
func (c *call) suggested(w page) *datacontract.List[datacontract.Playlist] {
	hash := fnv.New32a()
	hash.Write([]byte(c.caller.user))
	count := c.standin.catalog.Len(catalog.KindPlaylist)
	from := int(hash.Sum32() % uint32(count)) //nolint:gosec // Some hundreds.
	places := make([]int, min(count, countSuggested))
	for i := range places {
		places[i] = (from + i) % count
	}
	return listOf(c, forYou, w, len(places), each(cut(w, places), c.view().playlist))
}
