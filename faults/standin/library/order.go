package library

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/standin/catalog"
)

// Order is a way to sort what a user has.
type Order int

// The orders of the reference. Names and titles are sorted without regard to
// case, dates latest first.
const (
	AlbumTitle Order = iota
	ArtistName
	CollectionDate
	GenreName
	ReleaseDate
	TrackNumber
	TrackTitle
)

// Sorted returns the tracks of the collection, or some of them, in an order.
// What is equal comes in the order in which it was added.
func (u *User) Sorted(entries []Entry, o Order) []Entry {
	sorted := make([]keyed[Entry], len(entries))
	for i, e := range entries {
		sorted[i] = keyed[Entry]{e, u.key(catalog.Ref{Kind: catalog.KindTrack, At: e.Track}, o), int64(e.serial)} //nolint:gosec // It counts writes.
	}
	return inOrder(sorted, o)
}

// SortedItems returns the artists or albums of the collection, or some of
// them, in an order.
func (u *User) SortedItems(k catalog.Kind, places []int, o Order) []int {
	added := u.added(k)
	sorted := make([]keyed[int], len(places))
	for i, at := range places {
		sorted[i] = keyed[int]{at, u.key(catalog.Ref{Kind: k, At: at}, o), added[at]}
	}
	return inOrder(sorted, o)
}

// keyed is something to sort: by text, then by when it was added.
type keyed[T any] struct {
	it    T
	text  string
	added int64
}

func inOrder[T any](all []keyed[T], o Order) []T {
	slices.SortFunc(all, func(a, b keyed[T]) int {
		switch o {
		case CollectionDate:
			return cmp.Compare(b.added, a.added)
		case ReleaseDate:
			return cmp.Or(cmp.Compare(b.text, a.text), cmp.Compare(a.added, b.added))
		case AlbumTitle, ArtistName, GenreName, TrackNumber, TrackTitle:
		}
		return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.added, b.added))
	})
	sorted := make([]T, len(all))
	for i := range all {
		sorted[i] = all[i].it
	}
	return sorted
}

// key is what an item is sorted by.
func (u *User) key(r catalog.Ref, o Order) string {
	all := u.library.all
	switch o {
	case AlbumTitle:
		if r.Kind == catalog.KindTrack {
			r = catalog.Ref{Kind: catalog.KindAlbum, At: all.Tracks[r.At].Album}
		}
		return strings.ToLower(all.Head(r).Name)
	case ArtistName:
		return strings.ToLower(all.Artists[all.ArtistOf(r)].Name)
	case GenreName:
		return strings.ToLower(all.Artists[all.ArtistOf(r)].Genres[0])
	case ReleaseDate:
		return all.Released(r)
	case TrackNumber:
		return fmt.Sprintf("%09d", all.Tracks[r.At].Number)
	case TrackTitle:
		return strings.ToLower(all.Head(r).Name)
	case CollectionDate:
	}
	return ""
}

// added says, for each artist or album of the collection, when its first track
// was added.
func (u *User) added(k catalog.Kind) map[int]int64 {
	first := make(map[int]int64)
	for _, e := range u.tracks {
		at := u.library.all.Tracks[e.Track].Album
		if k == catalog.KindArtist {
			at = u.library.all.Albums[at].Artist
		}
		if _, known := first[at]; !known {
			first[at] = int64(e.serial) //nolint:gosec // It counts writes.
		}
	}
	return first
}
