package standin

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// catalogOrders are the values of orderBy in the catalogue, in lower case.
// Playlists have none of them.
var catalogOrders = map[string]catalog.Order{
	"alltimeplaycount": catalog.AllTimePlayCount,
	"mostpopular":      catalog.MostPopular,
	"releasedate":      catalog.ReleaseDate,
}

// libraryOrders are the values of orderBy in a collection, in lower case.
var libraryOrders = map[string]library.Order{
	"albumtitle":     library.AlbumTitle,
	"artistname":     library.ArtistName,
	"collectiondate": library.CollectionDate,
	"genrename":      library.GenreName,
	"releasedate":    library.ReleaseDate,
	"tracknumber":    library.TrackNumber,
	"tracktitle":     library.TrackTitle,
}

// ordersOf are those that a type has in a collection, the first by default.
var ordersOf = [catalog.KindCount][]library.Order{
	catalog.KindArtist:   {library.ArtistName, library.CollectionDate},
	catalog.KindAlbum:    {library.AlbumTitle, library.ArtistName, library.GenreName, library.ReleaseDate, library.CollectionDate},
	catalog.KindTrack:    {library.TrackTitle, library.AlbumTitle, library.ArtistName, library.GenreName, library.ReleaseDate, library.CollectionDate, library.TrackNumber},
	catalog.KindPlaylist: {library.CollectionDate},
}

// sorting is what orderBy says. The zero value leaves lists as they are.
type sorting struct {
	given   bool
	catalog catalog.Order
	library library.Order
}

// readSorting reads orderBy for a list of a kind.
func (c *call) readSorting(k catalog.Kind) (sorting, *problem) {
	text, given := c.query["orderby"]
	if !given {
		return sorting{}, nil
	}
	word := strings.ToLower(text)
	inCatalog, catalogWord := catalogOrders[word]
	inLibrary, libraryWord := libraryOrders[word]
	switch {
	case !catalogWord && !libraryWord:
		return sorting{}, refuse(groove.CodeInvalidInputParameter, "orderBy is %q", text)
	case c.from == fromCatalogue && catalogWord && k != catalog.KindPlaylist:
		return sorting{given: true, catalog: inCatalog}, nil
	case c.from == fromCollection && libraryWord && slices.Contains(ordersOf[k], inLibrary):
		return sorting{given: true, library: inLibrary}, nil
	}
	return sorting{}, refuse(groove.CodeIncompatibleInputParameters, "%v of the %s have no order %s", k, c.from, text)
}

// places sorts items of the catalogue.
func (o sorting) places(all *catalog.Catalog, k catalog.Kind, places []int) []int {
	if !o.given {
		return places
	}
	places = slices.Clone(places)
	all.Sort(k, o.catalog, places)
	return places
}

// own sorts artists or albums of a collection.
func (o sorting) own(u *library.User, k catalog.Kind, places []int) []int {
	if !o.given {
		return places
	}
	return u.SortedItems(k, places, o.library)
}

// entries sorts tracks of a collection or a playlist.
func (o sorting) entries(u *library.User, entries []library.Entry) []library.Entry {
	if !o.given {
		return entries
	}
	return u.Sorted(entries, o.library)
}
