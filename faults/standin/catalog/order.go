package catalog

import (
	"cmp"
	"slices"
)

// Order is a way to sort items of the catalogue.
type Order int

// The orders of the reference. Popularity is the order of the slices.
const (
	MostPopular Order = iota
	AllTimePlayCount
	ReleaseDate
)

const orderCount = 3

// Ordered returns all places of a kind in an order. The caller must not change
// them. Playlists have no dates: they come by popularity.
func (c *Catalog) Ordered(k Kind, o Order) []int { return c.orders[k][o] }

// Sort sorts places of a kind by an order, in place.
func (c *Catalog) Sort(k Kind, o Order, places []int) {
	switch o {
	case MostPopular:
		slices.Sort(places)
	case AllTimePlayCount:
		slices.SortFunc(places, func(a, b int) int {
			return cmp.Or(cmp.Compare(c.Head(Ref{k, b}).plays, c.Head(Ref{k, a}).plays), cmp.Compare(a, b))
		})
	case ReleaseDate:
		slices.SortFunc(places, func(a, b int) int {
			return cmp.Or(cmp.Compare(c.Released(Ref{k, b}), c.Released(Ref{k, a})), cmp.Compare(a, b))
		})
	}
}

// Released is when an item came out, as an xs:dateTime: for an artist the
// latest album, for a playlist "".
func (c *Catalog) Released(r Ref) string {
	switch r.Kind {
	case KindArtist:
		return c.Albums[c.Artists[r.At].Albums[0]].Released
	case KindAlbum:
		return c.Albums[r.At].Released
	case KindTrack:
		return c.Albums[c.Tracks[r.At].Album].Released
	case KindPlaylist:
	}
	return ""
}

func (c *Catalog) order() {
	for k := range Kind(KindCount) {
		for o := range Order(orderCount) {
			places := make([]int, c.Len(k))
			for i := range places {
				places[i] = i
			}
			c.Sort(k, o, places)
			c.orders[k][o] = places
		}
	}
}
