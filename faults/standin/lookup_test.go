package standin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
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
		"250 that are no ASCII":      {"music." + strings.Repeat("%C3%A9", maxIDs-len("music.")), "", groove.CodeCatalogNoResult},
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
		list       func(datacontract.ContentResponse) *datacontract.List[datacontract.Track]
	}{
		"top tracks": {daftPunk, "?extras=topTracks", func(r datacontract.ContentResponse) *datacontract.List[datacontract.Track] {
			return r.Artists.Items[0].TopTracks
		}},
		"playlist": {sharedList, "", func(r datacontract.ContentResponse) *datacontract.List[datacontract.Track] {
			return r.Playlists.Items[0].Tracks
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := c.list(s.play(ApplicationToken, "/1/content/"+c.ids+"/lookup"+c.query, "").content(t))
			seen := make(map[string]bool)
			for page := first; ; {
				for _, track := range page.Items {
					if seen[track.ID] {
						t.Fatalf("%s came twice", track.ID)
					}
					seen[track.ID] = true
				}
				if page.ContinuationToken == "" {
					break
				}
				page = c.list(s.play(ApplicationToken, "/1/content/"+c.ids+"/lookup?continuationToken="+page.ContinuationToken, "").content(t))
			}
			if len(seen) != first.TotalItemCount || len(seen) < 100 {
				t.Errorf("saw %d items, want all %d, and 100 or more", len(seen), first.TotalItemCount)
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
	if mine := got.Playlists.Items[0]; mine.Name != "Mine" || !mine.UserIsOwner || mine.Tracks.Items[0].Name != "Get Lucky" {
		t.Errorf("the user's playlist is %+v", mine)
	}
	track := got.Playlists.Items[0].Tracks.Items[0].ID
	if got := s.play(UserTokenFree, "/1/content/"+strings.ToLower(track)+query, "").content(t); got.Tracks.Items[0].ID != track {
		t.Errorf("the track of the playlist is found as %+v, want %s", got.Tracks.Items[0], track)
	}
	expectError(t, s.play(UserTokenSubscriber, "/1/content/"+id+"/lookup", ""), groove.CodeCatalogNoResult)
	expectError(t, s.play(UserTokenSubscriber, "/1/content/"+track+"/lookup", ""), groove.CodeCatalogNoResult)
}
