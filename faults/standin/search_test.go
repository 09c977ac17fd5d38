package standin

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

const searchPath = "/1/content/music/search?"

func TestSearchFindsTheListedArtists(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, name := range []string{
		"Daft Punk", "Avicii", "Katy Perry", "Foo Fighters", "Madonna", "Muse", "Eminem",
		"Gesaffelstein", "Boris Brejcha", "Britney Spears",
	} {
		got := s.play(ApplicationToken, searchPath+"q="+url.QueryEscape(strings.ToUpper(name)), "").content(t)
		if got.Artists == nil || got.Artists.Items[0].Name != name {
			t.Errorf("search for %s found the artists %+v", name, got.Artists)
		}
		if got.Albums == nil || got.Tracks == nil || got.Playlists != nil {
			t.Errorf("search for %s: want albums and tracks and no playlists", name)
		}
	}
}

// TestListedItemsAreComplete holds what data-contract readers rely on.
func TestListedItemsAreComplete(t *testing.T) {
	t.Parallel()
	got := newStandin(t, Options{}).play(ApplicationToken, searchPath+"q=muse", "").content(t)
	for _, track := range got.Tracks.Items {
		if track.Album == nil || track.Album.Name == "" || len(track.Artists) == 0 || track.Artists[0].Artist.Name != "Muse" {
			t.Errorf("track %s lacks its album or artists: %+v", track.ID, track)
		}
		if len(track.Duration) != len("00:00:00") || track.CompatibleSources != "Catalog, Collection" || len(track.OtherIDs) == 0 {
			t.Errorf("track %s: %+v", track.ID, track)
		}
	}
	for _, album := range got.Albums.Items {
		if len(album.Artists) == 0 || album.TrackCount == nil || album.ReleaseDate == "" {
			t.Errorf("album %s lacks its artists, track count or release date: %+v", album.ID, album)
		}
	}
}

func TestSearchRefused(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, c := range map[string]struct {
		query string
		want  groove.ErrorCode
	}{
		"no q":                    {"", groove.CodeMissingInputParameter},
		"empty q":                 {"q=", groove.CodeMissingInputParameter},
		"blank q":                 {"q=+%20", groove.CodeMissingInputParameter},
		"long q":                  {"q=" + strings.Repeat("x", maxQuery+1), groove.CodeInvalidInputParameter},
		"q without words":         {"q=%21%21", groove.CodeCatalogNoResult},
		"q without match":         {"q=zzzzzz", groove.CodeCatalogNoResult},
		"maxItems 0":              {"q=x&maxItems=0", groove.CodeInvalidInputParameter},
		"maxItems -1":             {"q=x&maxItems=-1", groove.CodeInvalidInputParameter},
		"maxItems 26":             {"q=x&maxitems=26", groove.CodeInvalidInputParameter},
		"maxItems in words":       {"q=x&maxItems=ten", groove.CodeInvalidInputParameter},
		"maxItems empty":          {"q=x&maxItems=", groove.CodeInvalidInputParameter},
		"maxItems with a point":   {"q=x&maxItems=1.0", groove.CodeInvalidInputParameter},
		"maxItems with a sign":    {"q=x&maxItems=%2B1", groove.CodeInvalidInputParameter},
		"maxItems beyond 64 bits": {"q=x&maxItems=18446744073709551617", groove.CodeInvalidInputParameter},
		"maxItems twice":          {"q=x&maxItems=1&MaxItems=1", groove.CodeInvalidInputParameter},
		"unknown filter":          {"q=x&filters=artists+songs", groove.CodeInvalidInputParameter},
		"unknown source":          {"q=x&source=radio", groove.CodeInvalidInputParameter},
		"unknown country":         {"q=x&country=XX", groove.CodeInvalidCountry},
		"long country":            {"q=x&country=usa", groove.CodeInvalidInputParameter},
		"long language":           {"q=x&language=eng", groove.CodeInvalidInputParameter},
		"bad escape":              {"q=%zz", groove.CodeInvalidInputParameter},
		"bad escape in a name":    {"q=x&%zz=1", groove.CodeInvalidInputParameter},
		"token, no base64":        {"continuationToken=%21", groove.CodeContinuationTokenInvalidError},
		"token, empty":            {"continuationToken=", groove.CodeContinuationTokenInvalidError},
		"token, made up":          {"continuationToken=AYdrKUUZCQQBAAcACWRhZnQgcHVuawEAAjI1", groove.CodeContinuationTokenInvalidError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectError(t, s.play(ApplicationToken, searchPath+c.query, ""), c.want)
		})
	}
	expectError(t, s.play(ApplicationToken, "/1/content/video/search?q=x", ""), groove.CodeInvalidInputParameter)
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	got := s.play(ApplicationToken, searchPath+"q=daft;punk&filters=Albums%2BTRACKS&maxItems=25", "").content(t)
	if got.Artists != nil || got.Albums == nil || got.Tracks == nil {
		t.Errorf("filters albums and tracks gave %+v", got)
	}
	got = s.play(ApplicationToken, searchPath+"q=shared+even&filters=playlists", "").content(t)
	if got.Playlists == nil || got.Playlists.Items[0].ID != sharedList || got.Artists != nil {
		t.Errorf("filter playlists gave %+v, want the public one", got)
	}
}

// TestSearchPages walks a list by its tokens: each item once, no more.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, size := range []int{1, 7, 25} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			t.Parallel()
			seen := make(map[string]bool)
			got := s.play(ApplicationToken, searchPath+"q=daft+punk&filters=tracks&country=fr&maxItems="+strconv.Itoa(size), "").content(t)
			total := got.Tracks.TotalItemCount
			for {
				if n := len(got.Tracks.Items); n == 0 || n > size {
					t.Fatalf("a page has %d items, want 1 to %d", n, size)
				}
				for _, track := range got.Tracks.Items {
					if seen[track.ID] {
						t.Fatalf("%s came twice", track.ID)
					}
					seen[track.ID] = true
					if !strings.HasSuffix(track.ImageURL, "locale=fr-FR") {
						t.Fatalf("ImageUrl is %s, want the culture of the first page", track.ImageURL)
					}
				}
				token := got.Tracks.ContinuationToken
				if token == "" {
					break
				}
				if token != url.QueryEscape(token) {
					t.Fatalf("token %s is not safe in a URL", token)
				}
				got = s.play(ApplicationToken, searchPath+"continuationToken="+token, "").content(t)
			}
			if len(seen) != total || total < 30 {
				t.Errorf("saw %d items, want all %d, and 30 or more", len(seen), total)
			}
		})
	}
}

func TestSearchTokenBelongsToItsQuery(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	token := s.play(ApplicationToken, searchPath+"q=daft+punk&filters=tracks&maxItems=1", "").content(t).Tracks.ContinuationToken
	if r := s.play(ApplicationToken, searchPath+"q=daft+punk&continuationToken="+token, ""); r.status != http.StatusOK {
		t.Errorf("with its own q: got %d %s, want 200", r.status, r.body)
	}
	top := s.play(ApplicationToken, "/1/content/"+daftPunk+"/lookup?extras=topTracks", "").content(t).Artists.Items[0].TopTracks
	signed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString(bytes.Replace(signed, []byte(`"Offset":1`), []byte(`"Offset":9`), 1))
	for name, target := range map[string]string{
		"a look-up's token": searchPath + "continuationToken=" + top.ContinuationToken,
		"a forged token":    searchPath + "continuationToken=" + forged,
		"another q":         searchPath + "q=muse&continuationToken=" + token,
		"another endpoint":  "/1/content/" + daftPunk + "/lookup?continuationToken=" + token,
		"a changed token":   searchPath + "continuationToken=" + token[:len(token)-2] + "AA",
		"a cut token":       searchPath + "continuationToken=" + token[:9],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectError(t, s.play(ApplicationToken, target, ""), groove.CodeContinuationTokenInvalidError)
		})
	}
}

func TestSearchInACollection(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	s.play(UserTokenFree, addPath, addBody(getLucky))
	s.play(UserTokenFree, createPath, `{"Name":"Daft evenings"}`)
	const query = searchPath + "q=daft&filters=artists+albums+tracks+playlists&source="

	got := s.play(UserTokenFree, query+"collection", "").content(t)
	if got.Tracks.TotalItemCount != 1 || got.Tracks.Items[0].Source != "Collection" {
		t.Errorf("tracks are %+v, want the one added", got.Tracks)
	}
	if got.Albums.TotalItemCount != 1 || got.Artists.TotalItemCount != 1 || got.Playlists.TotalItemCount != 1 {
		t.Errorf("got %d albums, %d artists, %d playlists, want 1 of each", got.Albums.TotalItemCount, got.Artists.TotalItemCount, got.Playlists.TotalItemCount)
	}
	got = s.play(UserTokenFree, query+"collection%2Bcatalog", "").content(t)
	if got.Tracks.TotalItemCount < 2 || got.Playlists.TotalItemCount != 1 {
		t.Errorf("in both: got %d tracks, %d playlists, want more tracks and 1 playlist", got.Tracks.TotalItemCount, got.Playlists.TotalItemCount)
	}
	catalogue := s.play(UserTokenFree, query+"catalog", "").content(t)
	if got.Tracks.TotalItemCount != catalogue.Tracks.TotalItemCount {
		t.Errorf("in both there are %d tracks, in the catalogue %d: want as many", got.Tracks.TotalItemCount, catalogue.Tracks.TotalItemCount)
	}
	pages := make(map[string]bool)
	for page := got.Tracks; ; {
		for i, track := range page.Items {
			if pages[track.Link] || (track.Source == "Collection") != (len(pages) == 0) {
				t.Fatalf("item %d, %s of the %s, came twice or out of turn", i, track.Name, track.Source)
			}
			pages[track.Link] = true
		}
		if page.ContinuationToken == "" {
			break
		}
		page = s.play(UserTokenFree, searchPath+"continuationToken="+page.ContinuationToken, "").content(t).Tracks
	}
	if len(pages) != got.Tracks.TotalItemCount {
		t.Errorf("in both there are %d tracks by token, want %d", len(pages), got.Tracks.TotalItemCount)
	}
	if got := s.play(UserTokenFree, query+"catalog", "").content(t); got.Tracks.Items[0].Source != "Catalog" || got.Playlists != nil {
		t.Errorf("in the catalogue: got %+v", got)
	}
	expectError(t, s.play(UserTokenSubscriber, query+"collection", ""), groove.CodeCatalogNoResult)
}

// dropped is an answer that nobody reads: what is measured is the stand-in.
type dropped struct{ header http.Header }

func (d *dropped) Header() http.Header         { return d.header }
func (d *dropped) WriteHeader(int)             {}
func (d *dropped) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkSearch measures a whole answer in JSON. CPU time is that of the
// process, so that a busy machine matters little.
func BenchmarkSearch(b *testing.B) {
	s := newStandin(b, Options{})
	for name, query := range map[string]string{
		"one artist":  "q=avicii",
		"full pages":  "q=silver",
		"one letter":  "q=s",
		"ten results": "q=silver&filters=tracks&maxItems=10",
	} {
		b.Run(name, func(b *testing.B) {
			size := len(s.play(ApplicationToken, searchPath+query, "").body)
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, searchPath+query, nil)
				r.Header.Set("Authorization", "Bearer "+ApplicationToken)
				s.ServeHTTP(&dropped{make(http.Header)}, r)
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(size), "body-B")
		})
	}
}
