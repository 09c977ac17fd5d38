package standin

import "strings"

// view renders the catalogue for one caller.
type view struct {
	all     *catalogue
	from    source
	culture string
	// owned are the items that the caller has; places are nil when the
	// collection is not looked at.
	owned [kindCount]places
}

func (s *Standin) view(who caller, from source, culture string) *view {
	v := &view{all: s.catalogue, from: from, culture: culture}
	if from.collection() {
		v.owned = s.collections.owned(who.user)
	}
	return v
}

// visible reports whether the sources of v hold an item. A public playlist is
// part of somebody's collection and of nobody's catalogue: it always shows.
func (v *view) visible(r ref) bool {
	return v.from.catalogue() || r.kind == kindPlaylist || v.owned[r.kind].has(r.at)
}

// brief renders what every mention of an item holds.
func (v *view) brief(r ref, id, name string) item {
	i := item{
		CompatibleSources: "Catalog, Collection",
		ID:                id,
		ImageURL:          "http://musicimage.xboxlive.com/content/" + id + "/image?locale=" + v.culture,
		Link:              link(r.kind, id),
		Name:              name,
		Source:            "Catalog",
	}
	if owned := v.owned[r.kind]; owned != nil && owned.has(r.at) {
		i.Source = "Collection"
	}
	return i
}

var linkWords = [kindCount]string{"Artist", "Album", "Track", "Playlist"}

func link(k kind, id string) string {
	return "https://music.microsoft.com/" + linkWords[k] + "/" + id[strings.LastIndexByte(id, '.')+1:] + "?partnerID=Standin"
}

func (v *view) briefArtist(at int) artistItem {
	a := &v.all.artists[at]
	return artistItem{item: v.brief(ref{kindArtist, at}, a.id, a.name)}
}

func (v *view) artist(at int) artistItem {
	a := &v.all.artists[at]
	rendered := v.briefArtist(at)
	rendered.OtherIDs = otherIDs{"music.amg": a.amg}
	rendered.Genres = genreNames{a.genre}
	rendered.Subgenres = genreNames{a.subgenre}
	return rendered
}

func (v *view) briefAlbum(at int) albumItem {
	a := &v.all.albums[at]
	return albumItem{trackContainer: trackContainer{item: v.brief(ref{kindAlbum, at}, a.id, a.name)}}
}

func (v *view) album(at int) albumItem {
	a := &v.all.albums[at]
	owner := &v.all.artists[a.artist]
	rendered := v.briefAlbum(at)
	rendered.OtherIDs = otherIDs{"music.amg": a.amg}
	rendered.Duration = newDuration(a.seconds)
	rendered.TrackCount = new(len(a.tracks))
	rendered.AlbumType = "Album"
	rendered.Artists = items[contributor]{{v.briefArtist(a.artist), "Main"}}
	rendered.Genres = genreNames{owner.genre}
	rendered.IsExplicit = new(a.explicit)
	rendered.LabelName = a.label
	rendered.ReleaseDate = a.released
	rendered.Subgenres = genreNames{owner.subgenre}
	return rendered
}

func (v *view) track(at int) trackItem {
	t := &v.all.tracks[at]
	a := &v.all.albums[t.album]
	owner := &v.all.artists[a.artist]
	rendered := trackItem{
		item:        v.brief(ref{kindTrack, at}, t.id, t.name),
		Album:       new(v.briefAlbum(t.album)),
		Artists:     items[contributor]{{v.briefArtist(a.artist), "Main"}},
		Duration:    newDuration(t.seconds),
		Genres:      genreNames{owner.genre},
		IsExplicit:  new(t.explicit),
		ReleaseDate: a.released,
		Rights:      rightNames{"Purchase", "Stream", "FreeStream"},
		Subgenres:   genreNames{owner.subgenre},
		TrackNumber: t.number,
	}
	rendered.OtherIDs = otherIDs{"music.amg": t.amg}
	return rendered
}

// publicPlaylist renders a playlist that everybody can read.
func (v *view) publicPlaylist(at int) playlistItem {
	p := &v.all.playlists[at]
	rendered := playlistItem{Description: p.description, IsPublished: true, IsReadOnly: true}
	rendered.item = v.brief(ref{kindPlaylist, at}, p.id, p.name)
	rendered.TrackCount = new(len(p.tracks))
	return rendered
}

// playlist renders a playlist of the caller.
func (v *view) playlist(p *playlist, stateToken string) playlistItem {
	rendered := playlistItem{CollectionStateToken: stateToken, IsPublished: p.published, UserIsOwner: true}
	rendered.item = item{
		CompatibleSources: "Collection",
		ID:                p.id,
		ImageURL:          "http://musicimage.xboxlive.com/content/" + p.id + "/image?locale=" + v.culture,
		Link:              link(kindPlaylist, p.id),
		Name:              p.name,
		Source:            "Collection",
	}
	rendered.TrackCount = new(len(p.tracks))
	return rendered
}
