package standin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// listed returns the list of a response that a word of a path names, as ids.
func listed(r datacontract.ContentResponse, word string) (ids []string, token string, total int) {
	switch strings.ToLower(word) {
	case "artists":
		for _, i := range r.Artists.Items {
			ids = append(ids, i.ID)
		}
		return ids, r.Artists.ContinuationToken, r.Artists.TotalItemCount
	case "albums":
		for _, i := range r.Albums.Items {
			ids = append(ids, i.ID)
		}
		return ids, r.Albums.ContinuationToken, r.Albums.TotalItemCount
	case "tracks":
		for _, i := range r.Tracks.Items {
			ids = append(ids, i.ID)
		}
		return ids, r.Tracks.ContinuationToken, r.Tracks.TotalItemCount
	default:
		for _, i := range r.Playlists.Items {
			ids = append(ids, i.ID)
		}
		return ids, r.Playlists.ContinuationToken, r.Playlists.TotalItemCount
	}
}

// TestPagingYieldsEachItemOnce walks lists by page and by token, in several
// sizes: both ways give the same items in the same order, each once.
func TestPagingYieldsEachItemOnce(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	tracks := s.catalog.Tracks
	for i := 0; i < 300; i += 100 {
		var ids []string
		for _, track := range tracks[i : i+100] {
			ids = append(ids, track.ID)
		}
		s.play(UserTokenFree, addPath, addBody(ids...))
	}
	for range 30 {
		s.create(t, UserTokenFree, `{"Name":"x"}`)
	}
	for target, c := range map[string]struct {
		word  string
		total int
	}{
		"/1/content/music/catalog/tracks/browse?orderBy=AllTimePlayCount":       {"tracks", 1000},
		"/1/content/music/catalog/albums/browse?orderBy=MostPopular&country=fr": {"albums", 1000},
		"/1/content/music/catalog/artists/browse?x=1":                           {"artists", len(s.catalog.Artists)},
		"/1/content/music/catalog/playlists/browse?x=1":                         {"playlists", len(s.catalog.Playlists)},
		"/1/content/music/catalog/tracks/browse?genre=Rock":                     {"tracks", 1000},
		"/1/content/music/collection/tracks/browse?orderBy=CollectionDate":      {"tracks", 300},
		"/1/content/music/collection/albums/browse?x=1":                         {"albums", 0},
		"/1/content/music/collection/playlists/browse?x=1":                      {"playlists", 30},
	} {
		for _, size := range []int{7, 25} {
			t.Run(target+" by "+strconv.Itoa(size), func(t *testing.T) {
				t.Parallel()
				byPage := walkPages(t, s, target+"&maxItems="+strconv.Itoa(size), c.word)
				byToken := walkTokens(t, s, target+"&maxItems="+strconv.Itoa(size), c.word)
				if !slices.Equal(byPage, byToken) {
					t.Errorf("by page there are %d items, by token %d, or in another order", len(byPage), len(byToken))
				}
				if c.total > 0 && len(byPage) != c.total {
					t.Errorf("there are %d items, want %d", len(byPage), c.total)
				}
				slices.Sort(byPage)
				if n := len(slices.Compact(byPage)); n != len(byToken) {
					t.Errorf("%d of %d items are different, want all", n, len(byToken))
				}
			})
		}
	}
}

func walkPages(t *testing.T, s *Standin, target, word string) (all []string) {
	t.Helper()
	for page := 0; ; page++ {
		ids, _, total := listed(s.play(UserTokenFree, target+"&page="+strconv.Itoa(page), "").content(t), word)
		all = append(all, ids...)
		if len(ids) == 0 {
			if len(all) != total {
				t.Errorf("by page there are %d items, TotalItemCount is %d", len(all), total)
			}
			return all
		}
	}
}

func walkTokens(t *testing.T, s *Standin, target, word string) []string {
	t.Helper()
	all, token, total := listed(s.play(UserTokenFree, target, "").content(t), word)
	path, _, _ := strings.Cut(target, "?")
	for token != "" {
		if token != url.QueryEscape(token) {
			t.Fatalf("token %s is not safe in a URL", token)
		}
		var ids []string
		ids, token, _ = listed(s.play(UserTokenFree, path+"?continuationToken="+token, "").content(t), word)
		all = append(all, ids...)
	}
	if len(all) != total {
		t.Errorf("by token there are %d items, TotalItemCount is %d", len(all), total)
	}
	return all
}

func TestBrowseOrders(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	got := s.play(ApplicationToken, "/1/content/music/catalog/albums/browse", "").content(t).Albums.Items
	if !slices.IsSortedFunc(got, func(a, b datacontract.Album) int { return strings.Compare(b.ReleaseDate, a.ReleaseDate) }) {
		t.Errorf("without orderBy the latest does not come first: %s … %s", got[0].ReleaseDate, got[24].ReleaseDate)
	}
	s.play(UserTokenFree, addPath, addBody(getLucky, "music.9941BE07-0100-11DB-89CA-0019B92A3933", "music.3770F306-0100-11DB-89CA-0019B92A3933"))
	for order, key := range map[string]func(datacontract.Track) string{
		"TrackTitle":  func(t datacontract.Track) string { return strings.ToLower(t.Name) },
		"AlbumTitle":  func(t datacontract.Track) string { return strings.ToLower(t.Album.Name) },
		"ArtistName":  func(t datacontract.Track) string { return strings.ToLower(t.Artists[0].Artist.Name) },
		"GenreName":   func(t datacontract.Track) string { return strings.ToLower(t.Genres[0]) },
		"TrackNumber": func(t datacontract.Track) string { return strconv.Itoa(100 + t.TrackNumber) },
	} {
		tracks := s.play(UserTokenFree, "/1/content/music/collection/tracks/browse?orderBy="+order, "").content(t).Tracks.Items
		if !slices.IsSortedFunc(tracks, func(a, b datacontract.Track) int { return strings.Compare(key(a), key(b)) }) || len(tracks) != 3 {
			t.Errorf("%s: got %q, %q, %q", order, key(tracks[0]), key(tracks[1]), key(tracks[2]))
		}
	}
	tracks := s.play(UserTokenFree, "/1/content/music/collection/tracks/browse?orderBy=CollectionDate", "").content(t).Tracks.Items
	if tracks[2].Name != "Get Lucky" {
		t.Errorf("CollectionDate: the one that was added first is %s at the end, want Get Lucky", tracks[2].Name)
	}
}

func TestBrowseByGenre(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, genre := range []string{"Electronic / Dance", "DANCE"} {
		got := s.play(ApplicationToken, "/1/content/music/catalog/tracks/browse?genre="+url.QueryEscape(genre), "").content(t)
		for _, track := range got.Tracks.Items {
			if !strings.EqualFold(track.Genres[0], genre) && !strings.EqualFold(track.Subgenres[0], genre) {
				t.Errorf("genre %s gave a track of %v, %v", genre, track.Genres, track.Subgenres)
			}
		}
	}
	// The SDK does not escape: what arrives is a genre that there is not.
	expectError(t, s.play(ApplicationToken, "/1/content/music/catalog/tracks/browse?genre=R&B%20/%20Soul", ""), groove.CodeCatalogNoResult)
	expectError(t, s.play(ApplicationToken, "/1/content/music/newreleases?genre=R&B%20/%20Soul", ""), groove.CodeDiscoveryInvalidGenre)
	for _, result := range s.play(ApplicationToken, "/1/content/music/newreleases?genre=pop", "").content(t).Results.Items {
		if result.Type != "Albums" || result.Album.Genres[0] != "Pop" {
			t.Errorf("a new release of Pop is %s of %v", result.Type, result.Album.Genres)
		}
	}
}

func TestSpotlightDiffersByCountry(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	us, fr := s.play(ApplicationToken, "/1/content/music/spotlight", "").content(t), s.play(ApplicationToken, "/1/content/music/spotlight?country=FR", "").content(t)
	kinds := make(map[string]int)
	same := 0
	for i, one := range us.Results.Items {
		kinds[one.Type]++
		if (one.Album == nil) == (one.Artist == nil) {
			t.Errorf("result %d has not one of an album and an artist", i)
		}
		if other := fr.Results.Items[i]; one.Album != nil && other.Album != nil && one.Album.ID == other.Album.ID {
			same++
		}
	}
	if len(kinds) != 2 || len(us.Results.Items) != countSpotlight || same == countSpotlight {
		t.Errorf("the spotlight has %v, %d of them as in France", kinds, same)
	}
}

// TestSubbrowseIsALookup holds what the reference says of it.
func TestSubbrowseIsALookup(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	lookup := s.play(ApplicationToken, "/1/content/"+avicii+"/lookup?extras=albums", "").content(t).Artists.Items[0]
	sub := s.play(ApplicationToken, "/1/content/"+avicii+"/catalog/artist/albums/browse", "").content(t).Artists.Items[0]
	for i, a := range lookup.Albums.Items {
		if sub.Albums.Items[i].ID != a.ID {
			t.Errorf("album %d is %s by sub-browse, %s by look-up", i, sub.Albums.Items[i].ID, a.ID)
		}
	}
	if sub.TopTracks != nil || sub.Albums.TotalItemCount < 20 {
		t.Errorf("got %d albums, and top tracks %v", sub.Albums.TotalItemCount, sub.TopTracks)
	}
	base := "/1/content/" + daftPunk + "/catalog/Artists/TopTracks/browse?orderBy=ReleaseDate&maxItems=10"
	first := s.play(ApplicationToken, base+"&page=1", "").content(t).Artists.Items[0].TopTracks
	token := s.play(ApplicationToken, base, "").content(t).Artists.Items[0].TopTracks.ContinuationToken
	second := s.play(ApplicationToken, strings.Split(base, "?")[0]+"?continuationToken="+token, "").content(t).Artists.Items[0].TopTracks
	if len(first.Items) != 10 || first.Items[0].ID != second.Items[0].ID || first.ContinuationToken != second.ContinuationToken {
		t.Errorf("page 1 begins with %s, the continuation with %s", first.Items[0].ID, second.Items[0].ID)
	}
}

func TestSubbrowseInACollection(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	s.play(UserTokenFree, addPath, addBody(getLucky, getLucky, "music.9941BE07-0100-11DB-89CA-0019B92A3933"))
	got := s.play(UserTokenFree, "/1/content/"+accessMem+"/collection/album/tracks/browse", "").content(t).Albums.Items[0]
	if *got.TrackCount != 2 || len(got.Tracks.Items) != 2 || got.Tracks.Items[0].ID == got.Tracks.Items[1].ID || got.Source != "Collection" {
		t.Errorf("the album in the collection is %+v", got)
	}
	artist := s.play(UserTokenFree, "/1/content/"+got.Artists[0].Artist.ID+"/collection/artist/albums/browse", "").content(t).Artists.Items[0]
	if artist.Name != "Daft Punk" || len(artist.Albums.Items) != 1 || artist.Albums.Items[0].ID != got.ID {
		t.Errorf("the artist in the collection is %+v", artist)
	}
	expectError(t, s.play(UserTokenFree, "/1/content/"+discovery+"/collection/album/tracks/browse", ""), groove.CodeCollectionNoResult)
	expectError(t, s.play(UserTokenSubscriber, "/1/content/"+got.ID+"/collection/album/tracks/browse", ""), groove.CodeCollectionNoResult)
	expectError(t, s.play(UserTokenSubscriber, "/1/content/music/collection/tracks/browse", ""), groove.CodeCollectionNoResult)
}

// TestTokensAreBound holds that a token goes on with its own request alone.
func TestTokensAreBound(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	const path = "/1/content/music/catalog/tracks/browse"
	token := s.play(ApplicationToken, path+"?genre=Rock&orderBy=MostPopular&country=FR&maxItems=2", "").content(t).Tracks.ContinuationToken
	for _, same := range []string{"", "&genre=rock", "&orderby=mostpopular&country=fr", "&maxItems=3", "&contentType=json"} {
		r := s.play(UserTokenFree, "/1/Content/Music/CATALOG/Tracks/Browse?continuationToken="+token+same, "")
		if got := r.content(t).Tracks; r.status != http.StatusOK || !strings.HasSuffix(got.Items[0].ImageURL, "fr-FR") {
			t.Errorf("%q: got %d, first picture %s", same, r.status, got.Items[0].ImageURL)
		}
	}
	for _, other := range []string{"&genre=Pop", "&mood=Happy", "&orderBy=ReleaseDate", "&country=US", "&language=de"} {
		expectError(t, s.play(ApplicationToken, path+"?continuationToken="+token+other, ""), groove.CodeContinuationTokenInvalidError)
	}
	expectError(t, s.play(ApplicationToken, path+"?page=1&continuationToken="+token, ""), groove.CodeIncompatibleInputParameters)
	for _, elsewhere := range []string{"/1/content/music/catalog/albums/browse", genresPath, "/1/content/music/search", "/1/content/" + getLucky + "/lookup"} {
		expectError(t, s.play(ApplicationToken, elsewhere+"?continuationToken="+token, ""), groove.CodeContinuationTokenInvalidError)
	}
	s.play(UserTokenFree, addPath, addBody(getLucky, discovery, getLucky))
	mine := s.play(UserTokenFree, "/1/content/music/collection/tracks/browse?maxItems=1", "").content(t).Tracks.ContinuationToken
	expectError(t, s.play(UserTokenSubscriber, "/1/content/music/collection/tracks/browse?continuationToken="+mine, ""), groove.CodeContinuationTokenInvalidError)
}

// TestContinuationInOtherWords holds that a token goes on with the request it
// was given out for, however that is spelt, and with no other one.
func TestContinuationInOtherWords(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, c := range []struct {
		first, second string
		same          bool
	}{
		{"q=s&source=Catalog+Collection", "q=s&source=Catalog+Collection", true},
		{"q=s&source=Catalog+Collection", "q=S&source=collection%2Bcatalog", true},
		{"q=s&filters=tracks+albums", "q=s&filters=Albums+Tracks", true},
		{"q=s&_=1", "q=s&_=2", true},
		{"q=s", "q=s&client=other", true},
		{"q=s", "q=s&source=catalog", false},
		{"q=s&filters=tracks+albums", "q=s&filters=tracks", false},
		{"q=s+a", "q=a+s", false},
		{"q=s", "q=s&country=FR", false},
	} {
		const path = "/1/content/music/search?maxItems=2&"
		first := s.play(UserTokenFree, path+c.first, "").content(t).Tracks
		r := s.play(UserTokenFree, path+c.second+"&continuationToken="+first.ContinuationToken, "")
		if !c.same {
			expectError(t, r, groove.CodeContinuationTokenInvalidError)
			continue
		}
		if r.status != http.StatusOK || r.content(t).Tracks.Items[0].ID == first.Items[0].ID {
			t.Errorf("%s after %s: got %d %.200s, want the second page", c.second, c.first, r.status, r.body)
		}
	}
}
