package catalog

import (
	"strings"
)

// Namespaces under which an item can be looked up besides its own id.
const (
	namespaceISRC = "music.isrc."
	namespaceICPN = "music.icpn."
)

// Catalog is everything that can be found. Callers must not change it.
type Catalog struct {
	Genres            []Genre
	Moods, Activities []Category
	Artists           []Artist
	Albums            []Album
	Tracks            []Track
	Playlists         []Playlist

	byID   map[string]Ref
	index  [KindCount]index
	orders [KindCount][orderCount][]int
}

// Find looks an id up, with its namespace and without regard to case: that of
// an item, or its ISRC or ICPN.
func (c *Catalog) Find(id string) (Ref, bool) {
	r, ok := c.byID[strings.ToLower(id)]
	return r, ok
}

// FindKind is Find for what must be of one kind; it returns the place.
func (c *Catalog) FindKind(k Kind, id string) (int, bool) {
	r, ok := c.Find(id)
	return r.At, ok && r.Kind == k
}

// Head returns what an item has in common with all others.
func (c *Catalog) Head(r Ref) *Head {
	switch r.Kind {
	case KindArtist:
		return &c.Artists[r.At].Head
	case KindAlbum:
		return &c.Albums[r.At].Head
	case KindTrack:
		return &c.Tracks[r.At].Head
	case KindPlaylist:
	}
	return &c.Playlists[r.At].Head
}

// Len is how many items of a kind there are.
func (c *Catalog) Len(k Kind) int {
	return [KindCount]int{len(c.Artists), len(c.Albums), len(c.Tracks), len(c.Playlists)}[k]
}

// ArtistOf returns the place of the artist of a track or an album, or of an
// artist itself. A playlist has none: -1.
func (c *Catalog) ArtistOf(r Ref) int {
	switch r.Kind {
	case KindArtist:
		return r.At
	case KindAlbum:
		return c.Albums[r.At].Artist
	case KindTrack:
		return c.Albums[c.Tracks[r.At].Album].Artist
	case KindPlaylist:
	}
	return -1
}

// Search returns the items of a kind that hold, for each word of a query, a
// word that begins with it. The text of an item is its name, for albums and
// tracks together with the names of what they belong to. A query without any
// letter or digit finds nothing.
func (c *Catalog) Search(k Kind, query string) Set { return c.index[k].find(Words(query)) }

// GenreNamed finds a genre by its name, without regard to case.
func (c *Catalog) GenreNamed(name string) (Genre, bool) {
	for _, g := range c.Genres {
		if strings.EqualFold(g.Name, name) {
			return g, true
		}
	}
	return Genre{}, false
}

// InGenre reports whether an item is filed under a genre or a subgenre.
func (c *Catalog) InGenre(r Ref, name string) bool {
	at := c.ArtistOf(r)
	if at < 0 {
		return strings.EqualFold(c.Playlists[r.At].Genre, name)
	}
	a := &c.Artists[at]
	return holds(a.Genres, name) || holds(a.Subgenres, name)
}

// InMood and InActivity report whether a playlist is in a category, by id.
func (c *Catalog) InMood(playlist int, id string) bool { return holds(c.Playlists[playlist].Moods, id) }

// InActivity is InMood for activities.
func (c *Catalog) InActivity(playlist int, id string) bool {
	return holds(c.Playlists[playlist].Activities, id)
}

func holds(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// build fills in what follows from the items: ids, search index and orders.
func (c *Catalog) build() {
	c.byID = make(map[string]Ref, 2*(len(c.Albums)+len(c.Tracks))+len(c.Artists)+len(c.Playlists))
	c.enterArtists()
	c.enterAlbums()
	c.enterTracks()
	c.enterPlaylists()
	c.order()
}

func (c *Catalog) enter(k Kind, at int, id string) { c.byID[strings.ToLower(id)] = Ref{k, at} }

func (c *Catalog) enterArtists() {
	var x indexer
	for i := range c.Artists {
		c.enter(KindArtist, i, c.Artists[i].ID)
		x.add(i, Words(c.Artists[i].Name))
	}
	c.index[KindArtist] = x.index(len(c.Artists))
}

// wordsOf are the words of an album and its artist.
func (c *Catalog) wordsOf(a *Album) []string { return Words(a.Name + " " + c.Artists[a.Artist].Name) }

func (c *Catalog) enterAlbums() {
	var x indexer
	for i := range c.Albums {
		a := &c.Albums[i]
		c.enter(KindAlbum, i, a.ID)
		c.enter(KindAlbum, i, namespaceICPN+a.ICPN)
		x.add(i, c.wordsOf(a))
	}
	c.index[KindAlbum] = x.index(len(c.Albums))
}

func (c *Catalog) enterTracks() {
	var x indexer
	for i := range c.Albums {
		// The tracks of an album follow each other, as the albums do.
		shared := c.wordsOf(&c.Albums[i])
		for _, at := range c.Albums[i].Tracks {
			t := &c.Tracks[at]
			c.enter(KindTrack, at, t.ID)
			c.enter(KindTrack, at, namespaceISRC+t.ISRC)
			x.add(at, Words(t.Name))
			x.add(at, shared)
		}
	}
	c.index[KindTrack] = x.index(len(c.Tracks))
}

func (c *Catalog) enterPlaylists() {
	var x indexer
	for i := range c.Playlists {
		c.enter(KindPlaylist, i, c.Playlists[i].ID)
		x.add(i, Words(c.Playlists[i].Name))
	}
	c.index[KindPlaylist] = x.index(len(c.Playlists))
}
