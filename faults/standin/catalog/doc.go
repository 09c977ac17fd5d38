// Package catalog is what the stand-in has to offer: artists, albums, tracks
// and public playlists, with the genres, moods and activities they are filed
// under. It is generated from a seed, the same on every machine, and immutable
// afterwards, so that it is safe for concurrent use.
//
// Items refer to each other by their place in the slices of a Catalog. The
// order of those slices is the order of popularity.
//
// Names and ids that the reference's samples use are in known.json; all other
// names are made of the words that stand there too, and name nobody.
package catalog
