package standin

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// view renders the catalogue in a culture.
type view struct {
	all     *catalog.Catalog
	culture string
}

func (c *call) view() view { return view{c.standin.catalog, c.culture} }

// brief renders what every mention of an item holds.
func (v view) brief(h *catalog.Head) datacontract.Content {
	return datacontract.Content{
		CompatibleSources: datacontract.SourcesBoth,
		ID:                h.ID,
		ImageURL:          h.Image + v.culture,
		Link:              h.Link,
		Name:              h.Name,
		Source:            datacontract.SourceCatalog,
	}
}

// full is brief with the ids of the item elsewhere.
func (v view) full(h *catalog.Head) datacontract.Content {
	content := v.brief(h)
	content.OtherIDs = datacontract.OtherIDs{{Namespace: "music.amg", ID: h.AMG}}
	return content
}

func (v view) briefArtist(at int) datacontract.Artist {
	return datacontract.Artist{Content: v.brief(&v.all.Artists[at].Head)}
}

func (v view) artist(at int) datacontract.Artist {
	a := &v.all.Artists[at]
	return datacontract.Artist{Content: v.full(&a.Head), Genres: a.Genres, Subgenres: a.Subgenres}
}

// detailedArtist is artist as a look-up gives it.
func (v view) detailedArtist(at int) datacontract.Artist {
	a := &v.all.Artists[at]
	rendered := v.artist(at)
	rendered.Biography = fmt.Sprintf("%s plays %s and has %d albums in the catalogue of the stand-in.", a.Name, a.Subgenres[0], len(a.Albums))
	return rendered
}

func (v view) briefAlbum(at int) datacontract.Album {
	return datacontract.Album{TrackContainer: datacontract.TrackContainer{Content: v.brief(&v.all.Albums[at].Head)}}
}

func (v view) album(at int) datacontract.Album {
	a := &v.all.Albums[at]
	owner := &v.all.Artists[a.Artist]
	return datacontract.Album{
		TrackContainer: datacontract.TrackContainer{
			Content:    v.full(&a.Head),
			Duration:   datacontract.NewDuration(a.Seconds),
			TrackCount: new(len(a.Tracks)),
		},
		AlbumType:   "Album",
		Artists:     datacontract.Items[datacontract.Contributor]{{Artist: v.briefArtist(a.Artist), Role: "Main"}},
		Genres:      owner.Genres,
		IsExplicit:  &a.Explicit,
		LabelName:   a.Label,
		ReleaseDate: a.Released,
		Subgenres:   owner.Subgenres,
		Subtitle:    a.Subtitle,
	}
}

// detailedAlbum is album as a look-up gives it.
func (v view) detailedAlbum(at int) datacontract.Album {
	rendered := v.album(at)
	rendered.OtherIDs = append(rendered.OtherIDs, datacontract.OtherID{Namespace: "music.icpn", ID: v.all.Albums[at].ICPN})
	return rendered
}

// Rights of tracks: most can be streamed.
var (
	allRights    = datacontract.RightNames{"Purchase", "Stream", "FreeStream"}
	purchaseOnly = datacontract.RightNames{"Purchase"}
)

func rights(t *catalog.Track) datacontract.RightNames {
	if t.PurchaseOnly {
		return purchaseOnly
	}
	return allRights
}

func (v view) track(at int) datacontract.Track {
	t := &v.all.Tracks[at]
	a := &v.all.Albums[t.Album]
	owner := &v.all.Artists[a.Artist]
	return datacontract.Track{
		Content:     v.full(&t.Head),
		Album:       new(v.briefAlbum(t.Album)),
		Artists:     datacontract.Items[datacontract.Contributor]{{Artist: v.briefArtist(a.Artist), Role: "Main"}},
		Duration:    datacontract.NewDuration(t.Seconds),
		Genres:      owner.Genres,
		IsExplicit:  &a.Explicit,
		ReleaseDate: a.Released,
		Rights:      rights(t),
		Subgenres:   owner.Subgenres,
		Subtitle:    t.Subtitle,
		TrackNumber: t.Number,
	}
}

// detailedTrack is track as a look-up gives it.
func (v view) detailedTrack(at int) datacontract.Track {
	rendered := v.track(at)
	rendered.OtherIDs = append(rendered.OtherIDs, datacontract.OtherID{Namespace: "music.isrc", ID: v.all.Tracks[at].ISRC})
	return rendered
}

// playlist renders a playlist that everybody can read. It is in no album and
// no collection.
func (v view) playlist(at int) datacontract.Playlist {
	p := &v.all.Playlists[at]
	rendered := datacontract.Playlist{Description: p.Description, IsPublished: true, IsReadOnly: true}
	rendered.Content = v.brief(&p.Head)
	rendered.CompatibleSources = datacontract.SourcesCatalog
	rendered.TrackCount = new(len(p.Tracks))
	return rendered
}

// each renders items at some places.
func each[T any](places []int, one func(int) T) []T {
	rendered := make([]T, len(places))
	for i, at := range places {
		rendered[i] = one(at)
	}
	return rendered
}
