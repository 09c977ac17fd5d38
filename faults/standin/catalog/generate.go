package catalog

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Scale says how much is generated. The listed artists come first, and have
// more albums than the others.
type Scale struct {
	// Artists is how many artists there are, at least those that are listed.
	Artists int
	// ListedAlbums and Albums are how many albums each artist has.
	ListedAlbums, Albums int
	// Tracks is about how many tracks an album has, 3 or more.
	Tracks int
	// Playlists is how many public playlists there are, 1 or more.
	Playlists int
}

// Full is the scale of the stand-in: at least 200 artists, 1000 albums, 10 000
// tracks and 200 playlists.
func Full() Scale {
	return Scale{Artists: 210, ListedAlbums: 22, Albums: 5, Tracks: 10, Playlists: 300}
}

// generator makes a catalogue; all its choices come from one seed.
type generator struct {
	known known
	scale Scale
	out   Catalog
	rand  *rand.Rand
	taken map[string]bool
	// subgenres are the genres that have a parent.
	subgenres []Genre
}

// New makes the catalogue of a seed: the same on every machine.
func New(seed uint64, scale Scale) (*Catalog, error) {
	k, err := readKnown()
	if err != nil {
		return nil, err
	}
	g := generator{known: k, scale: scale, rand: rand.New(rand.NewPCG(seed, 0)), taken: k.ids()}
	g.genres()
	artists := max(scale.Artists, len(k.Artists))
	g.makeRoom(artists)
	for i := range artists {
		g.artist(i)
	}
	g.playlists()
	g.out.build()
	return &g.out, nil
}

// makeRoom makes the slices about as long as they will become: what grows is
// copied again and again.
func (g *generator) makeRoom(artists int) {
	listed := len(g.known.Artists)
	albums := listed*g.scale.ListedAlbums + (artists-listed)*g.scale.Albums
	g.out.Artists = make([]Artist, 0, artists)
	g.out.Albums = make([]Album, 0, albums)
	g.out.Tracks = make([]Track, 0, albums*(g.scale.Tracks+1))
	g.out.Playlists = make([]Playlist, 0, g.scale.Playlists)
}

func (g *generator) genres() {
	for _, k := range g.known.Genres {
		made := Genre{k.Name, k.Parent, k.Editorial}
		g.out.Genres = append(g.out.Genres, made)
		if made.Parent != "" {
			g.subgenres = append(g.subgenres, made)
		}
	}
	g.out.Moods, g.out.Activities = g.known.Moods, g.known.Activities
}

func (g *generator) artist(at int) {
	k := g.known.artist(at)
	sub := g.subgenre(k.Subgenre)
	g.out.Artists = append(g.out.Artists, Artist{
		Head:      g.head(KindArtist, k.ID, cmp.Or(k.Name, g.invent())),
		Genres:    []string{sub.Parent},
		Subgenres: []string{sub.Name},
	})
	albums := g.scale.Albums
	if at < len(g.known.Artists) {
		albums = g.scale.ListedAlbums
	}
	for n := range max(albums, len(k.Albums)) {
		g.album(at, k.album(n))
	}
	// The reference lists the albums of an artist latest first.
	slices.SortStableFunc(g.out.Artists[at].Albums, func(a, b int) int {
		return cmp.Compare(g.out.Albums[b].Released, g.out.Albums[a].Released)
	})
}

func (g *generator) album(artist int, k knownAlbum) {
	at := len(g.out.Albums)
	g.out.Albums = append(g.out.Albums, Album{
		Head:     g.head(KindAlbum, k.ID, cmp.Or(k.Name, g.title())),
		Label:    g.invent() + " Records",
		Subtitle: g.subtitle(),
		Released: cmp.Or(k.Released, g.date()) + "T00:00:00Z",
		ICPN:     cmp.Or(k.ICPN, icpn(at)),
		Artist:   artist,
		Explicit: g.rand.IntN(8) == 0,
	})
	count := k.Tracks
	if count == 0 {
		count = g.scale.Tracks - 2 + g.rand.IntN(5)
	}
	for _, t := range k.Known {
		count = max(count, t.Number)
	}
	made := &g.out.Albums[at]
	made.Tracks = make([]int, 0, count)
	for n := range count {
		g.track(at, n+1, k.track(n+1))
	}
	owner := &g.out.Artists[artist]
	owner.Albums = append(owner.Albums, at)
	owner.Tracks = append(owner.Tracks, made.Tracks...)
}

func (g *generator) track(album, number int, k knownTrack) {
	at := len(g.out.Tracks)
	t := Track{
		Head:         g.head(KindTrack, k.ID, cmp.Or(k.Name, g.title())),
		Subtitle:     g.subtitle(),
		ISRC:         cmp.Or(k.ISRC, isrc(at)),
		Album:        album,
		Number:       number,
		Seconds:      cmp.Or(k.Seconds, 120+g.rand.IntN(300)),
		PurchaseOnly: k.ID == "" && k.ISRC == "" && g.rand.IntN(40) == 0,
	}
	owner := &g.out.Albums[album]
	owner.Tracks = append(owner.Tracks, at)
	owner.Seconds += t.Seconds
	g.out.Tracks = append(g.out.Tracks, t)
}

// playlists makes the listed one first, which has a track of every artist.
func (g *generator) playlists() {
	var editorial []string
	for _, genre := range g.out.Genres {
		if genre.Editorial {
			editorial = append(editorial, genre.Name)
		}
	}
	k := g.known.Playlist
	for i := range g.scale.Playlists {
		p := Playlist{
			Description: g.title() + ", " + g.title() + " and more.",
			Genre:       editorial[i%len(editorial)],
			Moods:       twoOf(g.out.Moods, i),
			Activities:  twoOf(g.out.Activities, i+i/len(g.out.Activities)),
			Tracks:      g.selection(10 + g.rand.IntN(41)),
		}
		p.Head = g.head(KindPlaylist, "", g.title()+" "+g.pick(g.known.Subtitles))
		if i == 0 {
			p.Head, p.Description = headOf(KindPlaylist, "music."+k.ID, k.Name), k.Description
			p.Tracks = g.selection(len(g.out.Artists))
		}
		g.out.Playlists = append(g.out.Playlists, p)
	}
}

// twoOf picks two categories for a number so that they are all used alike.
func twoOf(all []Category, n int) []string {
	first := n % len(all)
	second := (first + 1 + n/len(all)%(len(all)-1)) % len(all)
	return []string{all[first].ID, all[second].ID}
}

// selection draws one track of each of so many artists.
func (g *generator) selection(count int) []int {
	var tracks []int
	from := g.rand.IntN(len(g.out.Artists))
	for i := range min(count, len(g.out.Artists)) {
		a := &g.out.Artists[(from+i)%len(g.out.Artists)]
		tracks = append(tracks, a.Tracks[g.rand.IntN(len(a.Tracks))])
	}
	return tracks
}

// subgenre finds the subgenre of a name, or draws one.
func (g *generator) subgenre(name string) Genre {
	for _, candidate := range g.subgenres {
		if candidate.Name == name {
			return candidate
		}
	}
	return g.subgenres[g.rand.IntN(len(g.subgenres))]
}
