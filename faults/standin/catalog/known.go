package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed known.json
var knownJSON []byte

// known is what a catalogue must carry under known names and ids, and the
// words that all other names are made of. An item that is known by its id
// alone, from a sample of the reference, gets a name like any other.
type known struct {
	Genres []struct {
		Name, Parent string
		Editorial    bool
	}
	Moods, Activities []Category
	Artists           []knownArtist
	Playlist          struct{ ID, Name, Description string }

	Syllables, Qualities, Things, Subtitles []string
}

type knownArtist struct {
	Name, ID, Subgenre string
	Albums             []knownAlbum
}

type knownAlbum struct {
	Name, ID, ICPN, Released string
	Tracks                   int
	Known                    []knownTrack
}

type knownTrack struct {
	Name, ID, ISRC  string
	Number, Seconds int
}

func readKnown() (known, error) {
	var k known
	if err := json.Unmarshal(knownJSON, &k); err != nil {
		return known{}, fmt.Errorf("read known.json: %w", err)
	}
	return k, nil
}

// artist is what is known of the artist at a place.
func (k *known) artist(at int) knownArtist {
	if at < len(k.Artists) {
		return k.Artists[at]
	}
	return knownArtist{}
}

// album is what is known of the nth album of an artist.
func (a *knownArtist) album(n int) knownAlbum {
	if n < len(a.Albums) {
		return a.Albums[n]
	}
	return knownAlbum{}
}

// track is what is known of a track by its number on the album.
func (a *knownAlbum) track(number int) knownTrack {
	for _, t := range a.Known {
		if t.Number == number {
			return t
		}
	}
	return knownTrack{}
}

// ids returns the heads of all known ids.
func (k *known) ids() map[string]bool {
	taken := make(map[string]bool)
	for _, a := range k.Artists {
		taken[head(a.ID)] = true
		for _, b := range a.Albums {
			taken[head(b.ID)] = true
			for _, t := range b.Known {
				taken[head(t.ID)] = true
			}
		}
	}
	return taken
}

// head is the part of an id that differs between items of one type.
func head(id string) string {
	first, _, _ := strings.Cut(id, "-")
	return first
}
