package standin

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// Lists inside an item that a look-up can add and continue.
const (
	extraAlbums    = "albums"
	extraTopTracks = "toptracks"
	extraTracks    = "tracks"
)

// lookup answers the lookup endpoint.
func (s *Standin) lookup(c *call) (any, *problem) {
	ids, p := readIDs(c.path["ids"])
	if p != nil {
		return nil, p
	}
	l := finder{standin: s, caller: c.caller}
	if token, given := c.query["continuationtoken"]; given {
		ids, p = l.resume(c, ids, token)
	} else {
		p = l.begin(c)
	}
	if p != nil {
		return nil, p
	}
	missing := 0
	for _, id := range ids {
		if !l.add(id) {
			missing++
		}
	}
	if missing == len(ids) {
		return nil, refuse(l.noResult(), "none of the ids is known")
	}
	if missing > 0 {
		l.answer.Error = refuse(groove.CodeCatalogInvalidData, "%d of %d ids are not known", missing, len(ids)).object()
	}
	return &l.answer, nil
}

// finder collects the answer to one look-up.
type finder struct {
	standin *Standin
	caller  caller
	view    *view
	extras  map[string]bool
	// offset is where lists inside items begin.
	offset int
	answer contentResponse
}

// begin reads the parameters of a first look-up.
func (l *finder) begin(c *call) *problem {
	from, p := c.source()
	if p != nil {
		return p
	}
	l.extras, p = c.query.words("extras", extraAlbums, extraTopTracks, extraTracks, "artistdetails", "albumdetails")
	l.view = l.standin.view(c.caller, from, c.culture)
	return p
}

// resume continues a list of an earlier look-up and returns the one id it is
// about.
func (l *finder) resume(c *call, ids []string, token string) ([]string, *problem) {
	rest, p := l.standin.pages.read(groove.Lookup, token)
	if p != nil {
		return nil, p
	}
	if !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, rest.Key) }) {
		return nil, refuse(groove.CodeContinuationTokenInvalidError, "the token belongs to other ids")
	}
	if source(rest.Source).collection() {
		if p := c.needUser(); p != nil {
			return nil, p
		}
	}
	l.extras = map[string]bool{rest.List: true}
	l.offset = rest.Offset
	l.view = l.standin.view(c.caller, source(rest.Source), rest.Culture)
	return []string{rest.Key}, nil
}

func (l *finder) noResult() groove.ErrorCode {
	if l.view.from == fromCollection {
		return groove.CodeCollectionNoResult
	}
	return groove.CodeCatalogNoResult
}

// add puts the item of an id into the answer, if there is one.
func (l *finder) add(id string) bool {
	if l.view.from.collection() {
		if own, state, ok := l.standin.collections.playlist(l.caller.user, id); ok {
			rendered := l.view.playlist(&own, state)
			rendered.Tracks = nested(l, own.id, extraTracks, own.tracks, l.view.track)
			appendTo(&l.answer.Playlists, rendered)
			return true
		}
	}
	r, ok := l.view.all.find(id)
	if !ok || !l.view.visible(r) {
		return false
	}
	switch r.kind {
	case kindArtist:
		appendTo(&l.answer.Artists, l.artist(r.at))
	case kindAlbum:
		appendTo(&l.answer.Albums, l.album(r.at))
	case kindTrack:
		appendTo(&l.answer.Tracks, l.track(r.at))
	case kindPlaylist:
		appendTo(&l.answer.Playlists, l.publicPlaylist(r.at))
	}
	return true
}

func (l *finder) artist(at int) artistItem {
	a := &l.view.all.artists[at]
	rendered := l.view.artist(at)
	if l.extras[extraAlbums] {
		rendered.Albums = nested(l, a.id, extraAlbums, a.albums, l.view.album)
	}
	if l.extras[extraTopTracks] {
		rendered.TopTracks = nested(l, a.id, extraTopTracks, a.tracks, l.view.track)
	}
	return rendered
}

func (l *finder) album(at int) albumItem {
	a := &l.view.all.albums[at]
	rendered := l.view.album(at)
	if l.extras[extraTracks] {
		rendered.Tracks = nested(l, a.id, extraTracks, a.tracks, l.view.track)
	}
	if l.extras["artistdetails"] {
		rendered.Artists[0].Artist = l.view.artist(a.artist)
	}
	return rendered
}

func (l *finder) track(at int) trackItem {
	t := &l.view.all.tracks[at]
	rendered := l.view.track(at)
	if l.extras["albumdetails"] {
		rendered.Album = new(l.view.album(t.album))
	}
	if l.extras["artistdetails"] {
		rendered.Artists[0].Artist = l.view.artist(l.view.all.albums[t.album].artist)
	}
	return rendered
}

func (l *finder) publicPlaylist(at int) playlistItem {
	p := &l.view.all.playlists[at]
	rendered := l.view.publicPlaylist(at)
	rendered.Tracks = nested(l, p.id, extraTracks, p.tracks, l.view.track)
	return rendered
}

// nested renders a page of a list inside an item.
func nested[T any](l *finder, id, name string, at []int, one func(int) T) *list[T] {
	c := continuation{
		Endpoint: groove.Lookup, List: name, Key: id,
		Source: string(l.view.from), Culture: l.view.culture, Offset: l.offset, Limit: maxPage,
	}
	return listOf(cut(c.page(), at), l.standin.pages.token(c.next(), len(at)), len(at), one)
}

// appendTo adds an item to a list that may not be there yet.
func appendTo[T any](l **list[T], one T) {
	if *l == nil {
		*l = &list[T]{}
	}
	(*l).Items = append((*l).Items, one)
	(*l).TotalItemCount++
}
