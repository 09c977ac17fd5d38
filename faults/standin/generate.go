package standin

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

//go:embed catalogue.json
var wellKnownJSON []byte

// wellKnown is what the catalogue must carry under known names and ids, and
// the words that all other names are made of.
type wellKnown struct {
	Genres []struct {
		Name, Parent string
		Editorial    bool
	}
	Artists  []knownArtist
	Playlist struct{ ID, Name, Description string }

	Syllables, Qualities, Things []string
}

type knownArtist struct {
	Name, ID, Subgenre string
	Albums             []knownAlbum
}

type knownAlbum struct {
	Name, ID, Released string
	Tracks             int
	Known              []knownTrack
}

type knownTrack struct {
	Name, ID        string
	Number, Seconds int
}

// scale says how much is generated. The listed artists come first.
type scale struct {
	artists, albumsEach, tracksEach int
}

var defaultScale = scale{artists: 50, albumsEach: 4, tracksEach: 10}

// generator makes a catalogue; all its choices come from one seed.
type generator struct {
	known wellKnown
	out   catalogue
	rand  *rand.Rand
	taken map[string]bool
}

// generate makes the catalogue of a seed: the same on every machine.
func generate(seed uint64, size scale) (*catalogue, error) {
	g := generator{rand: rand.New(rand.NewPCG(seed, 0)), taken: make(map[string]bool)}
	if err := json.Unmarshal(wellKnownJSON, &g.known); err != nil {
		return nil, fmt.Errorf("read catalogue.json: %w", err)
	}
	g.reserve()
	for _, k := range g.known.Genres {
		g.out.genres = append(g.out.genres, genre{k.Name, k.Parent, k.Editorial})
	}
	for i := range max(size.artists, len(g.known.Artists)) {
		g.artist(i, size)
	}
	g.playlist()
	g.out.build()
	return &g.out, nil
}

// reserve takes the known ids, before any is drawn.
func (g *generator) reserve() {
	for _, a := range g.known.Artists {
		g.taken[head(a.ID)] = true
		for _, b := range a.Albums {
			g.taken[head(b.ID)] = true
			for _, t := range b.Known {
				g.taken[head(t.ID)] = true
			}
		}
	}
}

func (g *generator) artist(i int, size scale) {
	var known knownArtist
	if i < len(g.known.Artists) {
		known = g.known.Artists[i]
	}
	sub := g.subgenre(known.Subgenre)
	at := len(g.out.artists)
	g.out.artists = append(g.out.artists, artist{
		id:       g.id(known.ID, "0200"),
		amg:      fmt.Sprintf("P %8d", g.rand.IntN(10_000_000)),
		name:     or(known.Name, g.invent),
		genre:    sub.parent,
		subgenre: sub.name,
	})
	for n := range max(size.albumsEach, len(known.Albums)) {
		var k knownAlbum
		if n < len(known.Albums) {
			k = known.Albums[n]
		}
		g.album(at, k, size)
	}
	// The reference lists the albums of an artist latest first.
	slices.SortStableFunc(g.out.artists[at].albums, func(a, b int) int {
		return cmp.Compare(g.out.albums[b].released, g.out.albums[a].released)
	})
}

func (g *generator) album(artistAt int, known knownAlbum, size scale) {
	at := len(g.out.albums)
	g.out.albums = append(g.out.albums, album{
		id:       g.id(known.ID, "0100"),
		amg:      fmt.Sprintf("R %8d", g.rand.IntN(10_000_000)),
		name:     or(known.Name, g.title),
		label:    g.invent() + " Records",
		released: or(known.Released, g.date) + "T00:00:00Z",
		artist:   artistAt,
		explicit: g.rand.IntN(8) == 0,
	})
	count := known.Tracks
	if count == 0 {
		count = size.tracksEach - 2 + g.rand.IntN(5)
	}
	for n := range count {
		g.track(at, n+1, known.Known)
	}
	owner := &g.out.artists[artistAt]
	owner.albums = append(owner.albums, at)
	owner.tracks = append(owner.tracks, g.out.albums[at].tracks...)
}

func (g *generator) track(albumAt, number int, known []knownTrack) {
	var k knownTrack
	for _, candidate := range known {
		if candidate.Number == number {
			k = candidate
		}
	}
	owner := &g.out.albums[albumAt]
	t := track{
		id:       g.id(k.ID, "0100"),
		amg:      fmt.Sprintf("T %8d", g.rand.IntN(100_000_000)),
		name:     or(k.Name, g.title),
		album:    albumAt,
		number:   number,
		seconds:  k.Seconds,
		explicit: owner.explicit,
	}
	if t.seconds == 0 {
		t.seconds = 120 + g.rand.IntN(300)
	}
	owner.tracks = append(owner.tracks, len(g.out.tracks))
	owner.seconds += t.seconds
	g.out.tracks = append(g.out.tracks, t)
}

// playlist fills the one public playlist with a track of every artist.
func (g *generator) playlist() {
	k := g.known.Playlist
	p := publicPlaylist{id: "music." + k.ID, name: k.Name, description: k.Description}
	for _, a := range g.out.artists {
		p.tracks = append(p.tracks, a.tracks[g.rand.IntN(len(a.tracks))])
	}
	g.out.playlists = append(g.out.playlists, p)
}

// subgenre finds the subgenre of a name, or draws one.
func (g *generator) subgenre(name string) genre {
	var subs []genre
	for _, candidate := range g.out.genres {
		if candidate.name == name {
			return candidate
		}
		if candidate.parent != "" {
			subs = append(subs, candidate)
		}
	}
	return subs[g.rand.IntN(len(subs))]
}

// id returns a known id or draws one that is not taken; group is what tells
// artists (0200) from albums and tracks (0100) in the ids of the service.
func (g *generator) id(known, group string) string {
	if known != "" {
		return "music." + known
	}
	for {
		drawn := fmt.Sprintf("%08X", g.rand.Uint32())
		if !g.taken[drawn] {
			g.taken[drawn] = true
			return "music." + drawn + "-" + group + "-11DB-89CA-0019B92A3933"
		}
	}
}

// head is the part of an id that differs between items of one type.
func head(id string) string {
	first, _, _ := strings.Cut(id, "-")
	return first
}

func (g *generator) invent() string {
	word := func() string {
		var text strings.Builder
		for range 2 + g.rand.IntN(2) {
			text.WriteString(g.pick(g.known.Syllables))
		}
		return strings.ToUpper(text.String()[:1]) + text.String()[1:]
	}
	return word() + " " + word()
}

func (g *generator) title() string {
	return g.pick(g.known.Qualities) + " " + g.pick(g.known.Things)
}

func (g *generator) date() string {
	return fmt.Sprintf("%04d-%02d-%02d", 1985+g.rand.IntN(32), 1+g.rand.IntN(12), 1+g.rand.IntN(28))
}

func (g *generator) pick(words []string) string { return words[g.rand.IntN(len(words))] }

// or returns known, or draws if there is nothing known.
func or(known string, draw func() string) string {
	if known != "" {
		return known
	}
	return draw()
}
