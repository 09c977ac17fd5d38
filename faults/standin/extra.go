package standin

import (
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// What follows renders items with the extras that are asked for.

func (f *finder) artist(at int) datacontract.Artist {
	a := &f.standin.catalog.Artists[at]
	v := f.view()
	rendered := v.detailedArtist(at)
	if f.extras[extraAlbums] {
		albums := f.sorted.places(f.standin.catalog, catalog.KindAlbum, a.Albums)
		rendered.Albums = nested(f, a.ID, extraAlbums, len(albums), each(cut(f.page, albums), v.album))
	}
	if f.extras[extraTopTracks] {
		tracks := f.sorted.places(f.standin.catalog, catalog.KindTrack, a.Tracks)
		rendered.TopTracks = nested(f, a.ID, extraTopTracks, len(tracks), each(cut(f.page, tracks), v.track))
	}
	return rendered
}

func (f *finder) album(at int) datacontract.Album {
	a := &f.standin.catalog.Albums[at]
	v := f.view()
	rendered := v.detailedAlbum(at)
	if f.extras[extraTracks] {
		tracks := f.sorted.places(f.standin.catalog, catalog.KindTrack, a.Tracks)
		rendered.Tracks = nested(f, a.ID, extraTracks, len(tracks), each(cut(f.page, tracks), v.track))
	}
	if f.extras[extraArtistDetails] {
		rendered.Artists[0].Artist = v.detailedArtist(a.Artist)
	}
	return rendered
}

func (f *finder) track(at int) datacontract.Track {
	t := &f.standin.catalog.Tracks[at]
	v := f.view()
	rendered := v.detailedTrack(at)
	if f.extras[extraAlbumDetails] {
		rendered.Album = new(v.detailedAlbum(t.Album))
	}
	if f.extras[extraArtistDetails] {
		rendered.Artists[0].Artist = v.detailedArtist(f.standin.catalog.Albums[t.Album].Artist)
	}
	return rendered
}

// playlist always has its tracks, as those of the samples do.
func (f *finder) playlist(at int) datacontract.Playlist {
	p := &f.standin.catalog.Playlists[at]
	v := f.view()
	rendered := v.playlist(at)
	tracks := f.sorted.places(f.standin.catalog, catalog.KindTrack, p.Tracks)
	rendered.Tracks = nested(f, p.ID, extraTracks, len(tracks), each(cut(f.page, tracks), v.track))
	return rendered
}

// ownArtist and ownAlbum have no details and no top tracks: the reference
// passes over those extras in a collection.
func (f *finder) ownArtist(at int) datacontract.Artist {
	o := f.own()
	r := catalog.Ref{Kind: catalog.KindArtist, At: at}
	rendered := o.artist(at)
	if f.extras[extraAlbums] {
		var places []int
		for _, album := range f.standin.catalog.Artists[at].Albums {
			if f.user.Times(catalog.Ref{Kind: catalog.KindAlbum, At: album}) > 0 {
				places = append(places, album)
			}
		}
		places = f.sorted.own(f.user, catalog.KindAlbum, places)
		rendered.Albums = nested(f, o.user.ItemID(r), extraAlbums, len(places), each(cut(f.page, places), o.album))
	}
	return rendered
}

func (f *finder) ownAlbum(at int) datacontract.Album {
	o := f.own()
	r := catalog.Ref{Kind: catalog.KindAlbum, At: at}
	rendered := o.album(at)
	if f.extras[extraTracks] {
		entries := f.sorted.entries(f.user, f.user.Of(r))
		rendered.Tracks = nested(f, o.user.ItemID(r), extraTracks, len(entries), eachOf(cut(f.page, entries), o.entry))
	}
	return rendered
}
