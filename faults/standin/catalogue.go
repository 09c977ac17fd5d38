package standin

import "strings"

// kind is the type of a catalogue item.
type kind int

const (
	kindArtist kind = iota
	kindAlbum
	kindTrack
	kindPlaylist
)

const kindCount = 4

// kindNames are the words of the filters parameter, in the order of kind.
var kindNames = [kindCount]string{"artists", "albums", "tracks", "playlists"}

// ref names one item of the catalogue.
type ref struct {
	kind kind
	at   int
}

type genre struct {
	name, parent string
	editorial    bool
}

// Items refer to each other by their place in the catalogue's slices. The
// order of those slices is the order of popularity.
type artist struct {
	id, amg, name   string
	genre, subgenre string
	albums, tracks  []int
}

type album struct {
	id, amg, name, label string
	// released is an xs:dateTime in UTC.
	released string
	artist   int
	explicit bool
	tracks   []int
	seconds  int
}

type track struct {
	id, amg, name   string
	album           int
	number, seconds int
	explicit        bool
}

type publicPlaylist struct {
	id, name, description string
	tracks                []int
}

// catalogue is everything that can be found, immutable once made.
type catalogue struct {
	genres    []genre
	artists   []artist
	albums    []album
	tracks    []track
	playlists []publicPlaylist
	byID      map[string]ref
	index     [kindCount]index
}

// find looks an id up, with its namespace and without regard to case.
func (c *catalogue) find(id string) (ref, bool) {
	r, ok := c.byID[strings.ToLower(id)]
	return r, ok
}

// findTrack is find for what must be a track.
func (c *catalogue) findTrack(id string) (int, bool) {
	r, ok := c.find(id)
	return r.at, ok && r.kind == kindTrack
}

// noPlaces is an empty set for each kind of item.
func (c *catalogue) noPlaces() [kindCount]places {
	return [kindCount]places{
		newPlaces(len(c.artists)), newPlaces(len(c.albums)), newPlaces(len(c.tracks)), newPlaces(len(c.playlists)),
	}
}

// build fills in what follows from the items: ids and the search index.
func (c *catalogue) build() {
	c.byID = make(map[string]ref, len(c.artists)+len(c.albums)+len(c.tracks)+len(c.playlists))
	var texts [kindCount][]string
	enter := func(k kind, at int, id, text string) {
		c.byID[strings.ToLower(id)] = ref{k, at}
		texts[k] = append(texts[k], text)
	}
	for i, a := range c.artists {
		enter(kindArtist, i, a.id, a.name)
	}
	for i, a := range c.albums {
		enter(kindAlbum, i, a.id, a.name+" "+c.artists[a.artist].name)
	}
	for i, t := range c.tracks {
		a := c.albums[t.album]
		enter(kindTrack, i, t.id, t.name+" "+a.name+" "+c.artists[a.artist].name)
	}
	for i, p := range c.playlists {
		enter(kindPlaylist, i, p.id, p.name)
	}
	for k := range c.index {
		c.index[k] = newIndex(texts[k])
	}
}
