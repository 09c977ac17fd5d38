package standin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestLookupKnowsTheWellKnownIDs(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for id, name := range map[string]string{
		daftPunk: "Daft Punk",
		"music.2F531400-0200-11DB-89CA-0019B92A3933": "Avicii",
		"music.97E60200-0200-11DB-89CA-0019B92A3933": "Katy Perry",
		accessMem:  "Random Access Memories",
		discovery:  "Discovery",
		getLucky:   "Get Lucky",
		sharedList: "Shared Evenings",
	} {
		for _, spelt := range []string{id, strings.ToUpper(id), strings.ToLower(id)} {
			r := s.play(ApplicationToken, "/1/content/"+spelt+"/lookup", "")
			if r.status != http.StatusOK || !strings.Contains(string(r.body), `"Id":"`+id+`"`) || !strings.Contains(string(r.body), `"Name":"`+name+`"`) {
				t.Errorf("lookup of %s: got %d %s, want %s under %s", spelt, r.status, r.body, name, id)
			}
		}
	}
}

func TestLookupRefused(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	long := "music." + strings.Repeat("x", maxIDs-len("music."))
	for name, c := range map[string]struct {
		ids, query string
		want       groove.ErrorCode
	}{
		"unknown id":                 {unknownID, "", groove.CodeCatalogNoResult},
		"several unknown ids":        {unknownID + "+music.x", "", groove.CodeCatalogNoResult},
		"250 characters":             {long, "", groove.CodeCatalogNoResult},
		"251 characters":             {long + "x", "", groove.CodeInvalidInputParameter},
		"another namespace":          {"video.x", "", groove.CodeInvalidInputParameter},
		"no namespace":               {"x", "", groove.CodeInvalidInputParameter},
		"namespace alone":            {"music.", "", groove.CodeInvalidInputParameter},
		"pluses alone":               {"++", "", groove.CodeMissingInputParameter},
		"unknown extra":              {getLucky, "?extras=lyrics", groove.CodeInvalidInputParameter},
		"unknown country":            {getLucky, "?country=zz", groove.CodeInvalidCountry},
		"made-up continuation token": {daftPunk, "?continuationToken=AA", groove.CodeContinuationTokenInvalidError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectError(t, s.play(ApplicationToken, "/1/content/"+c.ids+"/lookup"+c.query, ""), c.want)
		})
	}
}

func TestLookupOfSomeUnknownIDs(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, separator := range []string{"+", "%2B", "%20"} {
		r := s.play(ApplicationToken, "/1/content/"+getLucky+separator+unknownID+separator+accessMem+"/lookup", "")
		expectError(t, r, groove.CodeCatalogInvalidData)
		if got := r.content(t); len(got.Tracks.Items) != 1 || len(got.Albums.Items) != 1 {
			t.Errorf("got %s, want one track and one album", r.body)
		}
	}
}

func TestLookupExtras(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	got := s.play(ApplicationToken, "/1/content/"+getLucky+"+"+accessMem+"+"+daftPunk+
		"/lookup?extras=Albums+TopTracks+ArtistDetails+Tracks+AlbumDetails", "").content(t)
	artist, album, track := got.Artists.Items[0], got.Albums.Items[0], got.Tracks.Items[0]
	for i := 1; i < len(artist.Albums.Items); i++ {
		if artist.Albums.Items[i-1].ReleaseDate < artist.Albums.Items[i].ReleaseDate {
			t.Errorf("albums are not latest first: %+v", artist.Albums.Items)
		}
	}
	if artist.TopTracks == nil || len(artist.TopTracks.Items) != maxPage {
		t.Errorf("top tracks are %+v, want a full page", artist.TopTracks)
	}
	if len(album.Tracks.Items) != 13 || album.Tracks.Items[7].Name != "Get Lucky" {
		t.Errorf("tracks of the album are %+v, want 13, the eighth Get Lucky", album.Tracks)
	}
	if album.Artists[0].Artist.Genres == nil || track.Artists[0].Artist.Genres == nil || track.Album.TrackCount == nil {
		t.Errorf("details are missing in %+v and %+v", album, track)
	}
	plain := s.play(ApplicationToken, "/1/content/"+getLucky+"+"+daftPunk+"/lookup", "").content(t)
	if plain.Artists.Items[0].TopTracks != nil || plain.Tracks.Items[0].Album.TrackCount != nil {
		t.Errorf("extras came without being asked for: %+v", plain)
	}
}

func TestLookupContinues(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, c := range map[string]struct {
		ids, query string
		list       func(contentResponse) *list[trackItem]
	}{
		"top tracks": {daftPunk, "?extras=topTracks", func(r contentResponse) *list[trackItem] { return r.Artists.Items[0].TopTracks }},
		"playlist":   {sharedList, "", func(r contentResponse) *list[trackItem] { return r.Playlists.Items[0].Tracks }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := c.list(s.play(ApplicationToken, "/1/content/"+c.ids+"/lookup"+c.query, "").content(t))
			rest := c.list(s.play(ApplicationToken, "/1/content/"+c.ids+"/lookup?continuationToken="+first.ContinuationToken, "").content(t))
			if len(first.Items)+len(rest.Items) != first.TotalItemCount || rest.ContinuationToken != "" {
				t.Errorf("got %d and %d items, want %d together", len(first.Items), len(rest.Items), first.TotalItemCount)
			}
			if first.Items[0].ID == rest.Items[0].ID {
				t.Errorf("the second page begins like the first, with %s", rest.Items[0].ID)
			}
			expectError(t, s.play(ApplicationToken, "/1/content/"+getLucky+"/lookup?continuationToken="+first.ContinuationToken, ""), groove.CodeContinuationTokenInvalidError)
		})
	}
}

func TestLookupInACollection(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	const query = "/lookup?source=collection"
	expectError(t, s.play(UserTokenFree, "/1/content/"+getLucky+query, ""), groove.CodeCollectionNoResult)
	s.play(UserTokenFree, addPath, addBody(getLucky))
	if got := s.play(UserTokenFree, "/1/content/"+getLucky+query, "").content(t); got.Tracks.Items[0].Source != "Collection" {
		t.Errorf("source is %s, want Collection", got.Tracks.Items[0].Source)
	}
	if got := s.play(UserTokenFree, "/1/content/"+sharedList+query, "").content(t); got.Playlists.Items[0].UserIsOwner {
		t.Error("the public playlist says it is the user's own")
	}
	id := s.create(t, UserTokenFree, `{"Name":"Mine","TrackActions":[{"Id":"`+getLucky+`","Action":"Add"}]}`)
	got := s.play(UserTokenFree, "/1/content/"+strings.ToUpper(id)+"/lookup", "").content(t)
	if mine := got.Playlists.Items[0]; mine.Name != "Mine" || !mine.UserIsOwner || mine.Tracks.Items[0].ID != getLucky {
		t.Errorf("the user's playlist is %+v", mine)
	}
	expectError(t, s.play(UserTokenSubscriber, "/1/content/"+id+"/lookup", ""), groove.CodeCatalogNoResult)
}
