package standin

import (
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// own renders what a user has: under ids of the user's own, with pictures and
// pages of the catalogue.
type own struct {
	view
	user *library.User
}

func (c *call) own() own { return own{c.view(), c.user} }

func (o own) content(r catalog.Ref, id string) datacontract.Content {
	content := o.brief(o.all.Head(r))
	content.ID = id
	content.Source = datacontract.SourceCollection
	return content
}

// item renders an artist or an album: under the id that it has in the
// collection, or as the catalogue does if it is not there. Those of a track
// that is in a playlist alone are not.
func (o own) item(k catalog.Kind, at int) datacontract.Content {
	r := catalog.Ref{Kind: k, At: at}
	if o.user.Times(r) == 0 {
		return o.brief(o.all.Head(r))
	}
	return o.content(r, o.user.ItemID(r))
}

func (o own) artist(at int) datacontract.Artist {
	return datacontract.Artist{Content: o.item(catalog.KindArtist, at), Genres: o.all.Artists[at].Genres}
}

func (o own) briefAlbum(at int) datacontract.Album {
	return datacontract.Album{
		TrackContainer: datacontract.TrackContainer{Content: o.item(catalog.KindAlbum, at)},
		Genres:         o.all.Artists[o.all.Albums[at].Artist].Genres,
		ReleaseDate:    o.all.Albums[at].Released,
	}
}

func (o own) album(at int) datacontract.Album {
	a := &o.all.Albums[at]
	rendered := o.briefAlbum(at)
	rendered.TrackCount = new(o.user.Times(catalog.Ref{Kind: catalog.KindAlbum, At: at}))
	rendered.Artists = o.contributors(a.Artist, "AlbumArtist")
	rendered.IsExplicit = &a.Explicit
	return rendered
}

// contributors names an artist once for each role.
func (o own) contributors(artist int, roles ...string) datacontract.Items[datacontract.Contributor] {
	var all datacontract.Items[datacontract.Contributor]
	for _, role := range roles {
		all = append(all, datacontract.Contributor{Artist: datacontract.Artist{Content: o.item(catalog.KindArtist, artist)}, Role: role})
	}
	return all
}

// entry renders a track of the collection.
func (o own) entry(e library.Entry) datacontract.Track { return o.track(e, o.user.EntryID(e)) }

// listed renders a track of a playlist.
func (o own) listed(e library.Entry) datacontract.Track { return o.track(e, o.user.ListedID(e)) }

// first renders the oldest entry of a track that is in the collection.
func (o own) first(track int) datacontract.Track {
	e, _ := o.user.First(track)
	return o.entry(e)
}

func (o own) track(e library.Entry, id string) datacontract.Track {
	t := &o.all.Tracks[e.Track]
	a := &o.all.Albums[t.Album]
	return datacontract.Track{
		Content:     o.content(catalog.Ref{Kind: catalog.KindTrack, At: e.Track}, id),
		Album:       new(o.briefAlbum(t.Album)),
		Artists:     o.contributors(a.Artist, "PrimaryArtist", "AlbumArtist"),
		Duration:    datacontract.NewDuration(t.Seconds),
		Genres:      o.all.Artists[a.Artist].Genres,
		IsExplicit:  &a.Explicit,
		ReleaseDate: a.Released,
		Rights:      rights(t),
		Subtitle:    t.Subtitle,
		TrackNumber: t.Number,
	}
}

// playlist renders a playlist of the user, or one that another user published.
func (o own) playlist(p *library.Playlist, mine bool) datacontract.Playlist {
	rendered := datacontract.Playlist{IsPublished: p.Published, IsReadOnly: !mine, UserIsOwner: mine}
	rendered.Content = datacontract.Content{
		CompatibleSources: datacontract.SourcesCollection,
		ID:                p.ID,
		ImageURL:          catalog.Image(p.ID) + o.culture,
		Link:              catalog.Link(catalog.KindPlaylist, p.ID),
		Name:              p.Name,
		Source:            datacontract.SourceCollection,
	}
	if mine {
		rendered.CollectionStateToken = o.user.StateToken()
	}
	rendered.TrackCount = new(len(p.Tracks))
	return rendered
}

// eachOf renders the elements of a list.
func eachOf[E, T any](all []E, one func(E) T) []T {
	rendered := make([]T, len(all))
	for i, e := range all {
		rendered[i] = one(e)
	}
	return rendered
}
