package standin

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

const (
	deletePath       = "/1/content/music/collection/delete"
	updatePath       = "/1/content/music/collection/playlists/update"
	deleteListPath   = "/1/content/music/collection/playlists/delete"
	radioPath        = "/1/content/music/radio/create"
	recentPath       = "/1/content/music/radio/recentlyplayed"
	avicii           = "music.2F531400-0200-11DB-89CA-0019B92A3933"
	clientInstance   = "5b559245-96ed-4cf2-a4de-e0a13d66609c"
	xmlBatchTemplate = `<TrackActionRequest xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.microsoft.com/xboxmusic/2013/10/platform"><TrackIds xmlns:d2p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays"><d2p1:string>ID</d2p1:string></TrackIds></TrackActionRequest>`
)

// sample is a request as the reference's pages show it, but for the tokens.
type sample struct {
	endpoint, token, target, body, media string
	// code is the Error of the answer, "" for none.
	code groove.ErrorCode
}

// samples are the requests of the reference, page by page. KEYS in braces are
// filled in from what a user has.
var samples = []sample{
	{groove.Search, ApplicationToken, "/1/content/music/search?q=daft+punk", "", "", ""},
	{groove.Search, ApplicationToken, "/1/content/music/search?q=daft+punk&filters=Albums+tracks", "", "", ""},
	{groove.Search, ApplicationToken, "/1/content/music/search?q=muse&filters=artists&maxItems=1", "", "", ""},
	{groove.Search, UserTokenSubscriber, "/1/content/music/search?q=daft&source=collection&filters=artists+albums+tracks+playlists", "", "", ""},
	{groove.Search, UserTokenSubscriber, "/1/content/music/search?q=daft&source=collection+catalog&filters=artists+albums+tracks+playlists", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + daftPunk + "/lookup", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + accessMem + "/lookup", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + getLucky + "/lookup", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + unknownID + "/lookup", "", "", groove.CodeCatalogNoResult},
	{groove.Lookup, ApplicationToken, "/1/content/" + getLucky + "+" + accessMem + "+" + daftPunk + "/lookup", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + getLucky + "+" + accessMem + "+" + daftPunk + "/lookup?extras=Albums+TopTracks+ArtistDetails+Tracks+AlbumDetails", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + getLucky + "+" + unknownID + "/lookup", "", "", groove.CodeCatalogInvalidData},
	{groove.Lookup, ApplicationToken, "/1/content/music.isrc.GBDJQ8800006/lookup", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/music.icpn.886443927087/lookup", "", "", ""},
	{groove.Lookup, ApplicationToken, "/1/content/" + sharedList + "/lookup", "", "", ""},
	{groove.Lookup, UserTokenSubscriber, "/1/content/" + accessMem + "/lookup?source=collection&extras=tracks", "", "", ""},
	{groove.Lookup, UserTokenSubscriber, "/1/content/{playlist}/lookup?source=collection", "", "", ""},
	{groove.Lookup, UserTokenSubscriber, "/1/content/music.3770F306-0100-11DB-89CA-0019B92A3933+{artist}/lookup?source=collection+catalog&extras=albums", "", "", ""},
	{groove.CatalogBrowse, ApplicationToken, "/1/content/music/catalog/artists/browse?orderBy=MostPopular", "", "", ""},
	{groove.CatalogBrowse, ApplicationToken, "/1/content/music/catalog/albums/browse?orderBy=AllTimePlayCount&maxItems=5", "", "", ""},
	{groove.CatalogBrowse, ApplicationToken, "/1/content/music/catalog/tracks/browse?orderBy=AllTimePlayCount&country=FR", "", "", ""},
	{groove.CatalogBrowse, ApplicationToken, "/1/content/music/catalog/tracks/browse?orderBy=AllTimePlayCount&country=FR&page=1", "", "", ""},
	{groove.CatalogBrowse, ApplicationToken, "/1/content/music/Catalog/Playlists/browse?country=US&language=en&mood=Sleepy", "", "", ""},
	{groove.CatalogBrowse, ApplicationToken, "/1/content/music/Catalog/Tracks/browse?genre=R%26B+%2F+Soul&orderby=releasedate&maxitems=3", "", "", ""},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/artists/browse?orderBy=ArtistName", "", "", ""},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/artists/browse?orderBy=AlbumTitle", "", "", groove.CodeIncompatibleInputParameters},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/albums/browse?orderBy=AlbumTitle", "", "", ""},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/playlists/browse?maxItems=1", "", "", ""},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/playlistsforyou/browse", "", "", ""},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/tracks/browse?orderBy=TrackTitle", "", "", ""},
	{groove.CollectionBrowse, UserTokenSubscriber, "/1/content/music/collection/tracks/browse?maxItems=26", "", "", groove.CodeInvalidInputParameter},
	{groove.Subbrowse, ApplicationToken, "/1/content/" + avicii + "/catalog/artist/albums/browse", "", "", ""},
	{groove.Subbrowse, ApplicationToken, "/1/content/" + avicii + "/Catalog/Artist/TopTracks/browse?orderby=MostPopular&page=1", "", "", ""},
	{groove.Subbrowse, ApplicationToken, "/1/content/" + discovery + "/catalog/album/tracks/browse?maxItems=3", "", "", ""},
	{groove.Subbrowse, UserTokenSubscriber, "/1/content/{playlist}/collection/playlist/tracks/browse", "", "", ""},
	{groove.Genres, ApplicationToken, "/1/content/music/catalog/genres", "", "", ""},
	{groove.Genres, ApplicationToken, "/3/content/music/catalog/genres?country=FR", "", "", ""},
	{groove.Moods, ApplicationToken, "/1/content/music/catalog/moods", "", "", ""},
	{groove.Activities, ApplicationToken, "/1/content/music/catalog/activities", "", "", ""},
	{groove.NewReleases, ApplicationToken, "/1/content/music/newreleases", "", "", ""},
	{groove.NewReleases, ApplicationToken, "/1/content/music/newreleases?country=FR&genre=Rock", "", "", ""},
	{groove.Spotlight, ApplicationToken, "/1/content/music/spotlight?country=FR&language=FR", "", "", ""},
	{groove.Preview, ApplicationToken, "/1/content/" + getLucky + "/preview?clientInstanceId=fa624b17-412c-454a-a5a5-950bb06ae019", "", "", ""},
	{groove.Stream, UserTokenFree, "/1/content/" + getLucky + "/stream?clientInstanceId=" + clientInstance, "", "", groove.CodeNoMusicPassSubscription},
	{groove.Stream, UserTokenSubscriber, "/1/content/" + getLucky + "/stream?clientInstanceId=" + clientInstance, "", "", ""},
	{groove.Profile, UserTokenFree, "/1/user/music/profile", "", "", ""},
	{groove.Profile, UserTokenSubscriber, "/1/user/music/profile", "", "", ""},
	{groove.Profile, ApplicationToken, "/1/user/music/profile?country=fr", "", "", ""},
	{groove.CollectionAdd, UserTokenSubscriber, addPath, `{"TrackIds":["music.9bb2c5c5-455c-4c15-827c-f9bfd759a458","` + getLucky + `"]}`, "", groove.CodeCollectionSomeOperationsFailed},
	{groove.CollectionAdd, UserTokenSubscriber, addPath, strings.Replace(xmlBatchTemplate, "ID", "music.873FB507-0100-11DB-89CA-0019B92A3933", 1), "application/xml", ""},
	{groove.CollectionAdd, ApplicationToken, addPath, addBody(getLucky), "", groove.CodeInvalidAuthorizationHeader},
	{groove.CollectionDelete, UserTokenSubscriber, deletePath, `{"TrackIds":["music.9bb2c5c5-455c-4c15-827c-f9bfd759a458","{track}"]}`, "", groove.CodeCollectionSomeOperationsFailed},
	{groove.PlaylistsCreate, UserTokenSubscriber, createPath, `{"Name":"Groove is awesome","IsPublished":false}`, "", ""},
	{groove.PlaylistsCreate, UserTokenSubscriber, createPath, `{"Name":"Groove APIs rock!","IsPublished":false,"TrackActions":[{"Id":"` + getLucky + `","Action":"Add"},{"Id":"music.9941BE07-0100-11DB-89CA-0019B92A3933","Action":"Add"}]}`, "", ""},
	{groove.PlaylistsCreate, UserTokenSubscriber, createPath, `{"Name":"Please","TrackActions":[{"Id":"` + getLucky + `","Action":"Add"},{"Id":"music.9F41BE07-357E-23A5-7B54-0019B92A3933","Action":"Add"}]}`, "", groove.CodeCollectionSomeOperationsFailed},
	{groove.PlaylistsUpdate, UserTokenSubscriber, updatePath, `{"Id":"{playlist}","Name":"Fill me up with love","IsPublished":true}`, "", ""},
	{groove.PlaylistsUpdate, UserTokenSubscriber, updatePath, `{"Id":"{playlist}","InsertBeforeTrackId":"{listed}","TrackActions":[{"Id":"{last}","Action":"Move"}]}`, "", ""},
	{groove.PlaylistsUpdate, UserTokenSubscriber, updatePath, `{"Id":"{playlist}","TrackActions":[{"Id":"music.E8AEDB01-23D6-4659-9916-2349BE9F9C26","Action":"Delete"}]}`, "", groove.CodeCollectionSomeOperationsFailed},
	{groove.PlaylistsUpdate, UserTokenSubscriber, updatePath, `{"Id":"{playlist}","Name":"Fill me up with hate","TrackActions":[{"Id":"{listed}","Action":"Delete"},{"Id":"music.2DEBEA07-0100-11DB-89CA-0019B92A3933","Action":"Add"}]}`, "", ""},
	{groove.PlaylistsDelete, UserTokenSubscriber, deleteListPath, `{"Id":"{playlist}"}`, "", ""},
	{groove.RadioCreate, UserTokenSubscriber, radioPath + "?maxItems=5", `{"Seeds":[{"Id":"` + daftPunk + `","Type":"Artist"}]}`, "", ""},
	{groove.RadioCreate, UserTokenSubscriber, radioPath, `{"Seeds":[{"Id":"Rock","Type":"Genre"}]}`, "", ""},
	{groove.RadioNext, UserTokenSubscriber, "/1/content/music/radio/{session}/next?maxItems=5", "", "", ""},
	{groove.RadioNext, UserTokenSubscriber, "/1/content/music/radio/{radio}/next?maxItems=5", "", "", ""},
	{groove.RadioRecentlyPlayed, UserTokenSubscriber, recentPath + "?maxItems=5", "", "", ""},
}

// furnish gives the subscriber a collection, a playlist and a radio, and
// returns what fills the braces of samples.
func furnish(t *testing.T, s *Standin) *strings.Replacer {
	t.Helper()
	var added datacontract.TrackActionResponse
	decodeStrictly(t, s.play(UserTokenSubscriber, addPath, addBody(getLucky, "music.9941BE07-0100-11DB-89CA-0019B92A3933")), &added)
	var made datacontract.PlaylistActionResponse
	decodeStrictly(t, s.play(UserTokenSubscriber, createPath, `{"Name":"Daft evenings","TrackActions":[{"Id":"`+getLucky+`","Action":"Add"},{"Id":"`+getLucky+`","Action":"Add"}]}`), &made)
	var radio datacontract.RadioResponse
	decodeStrictly(t, s.play(UserTokenSubscriber, radioPath, `{"Seeds":[{"Id":"`+daftPunk+`","Type":"Artist"}]}`), &radio)
	artists := s.play(UserTokenSubscriber, "/1/content/music/collection/artists/browse", "").content(t).Artists.Items
	radios := s.play(UserTokenSubscriber, recentPath, "").content(t).Radios.Items
	listed := made.PlaylistActionResult.TrackActionResults
	return strings.NewReplacer(
		"{track}", added.TrackActionResults[0].ID, "{artist}", artists[1].ID,
		"{playlist}", made.PlaylistActionResult.ID, "{listed}", listed[0].ID, "{last}", listed[1].ID,
		"{session}", radio.SessionID, "{radio}", radios[0].ID,
	)
}

// formats are the representations of the reference.
var formats = map[string]struct {
	accept, encoding, query, media string
}{
	"json":              {"application/json", "", "", "application/json; charset=utf-8"},
	"json, gzip":        {"application/json", "gzip, deflate", "", "application/json; charset=utf-8"},
	"json by parameter": {"application/xml", "", "contentType=json", "application/json; charset=utf-8"},
	"xml":               {"application/xml", "", "", "application/xml; charset=utf-8"},
	"xml by parameter":  {"", "gzip", "contentType=xml", "application/xml; charset=utf-8"},
	"jsonp":             {"", "", "jsonp=read.it", "application/javascript; charset=utf-8"},
}

// TestSamples asks every sample request in every representation: the answer
// must be of the documented shape, to a reader that takes no unknown member
// and, in XML, none out of order.
func TestSamples(t *testing.T) {
	t.Parallel()
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// One after the other, as writes change what follows.
			s := newStandin(t, Options{})
			keys := furnish(t, s)
			for _, one := range samples {
				target := keys.Replace(one.target)
				if format.query != "" {
					target += map[bool]string{true: "&", false: "?"}[strings.Contains(target, "?")] + format.query
				}
				r := s.play(one.token, target, keys.Replace(one.body), "Accept", format.accept, "Accept-Encoding", format.encoding, "Content-Type", one.media)
				checkSample(t, one, r, format.media)
				if t.Failed() {
					t.Fatalf("after %s %s", target, one.body)
				}
			}
		})
	}
}

func checkSample(t *testing.T, one sample, r reply, media string) {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != media {
		t.Errorf("Content-Type is %s, want %s", got, media)
	}
	r = plainReply(t, r)
	if one.code == "" && (r.status != http.StatusOK || r.code() != "") {
		t.Errorf("got %d %s, want 200 and no Error: %.500s", r.status, r.code(), r.body)
	}
	if one.code != "" {
		expectError(t, r, one.code)
	}
	e, _ := groove.EndpointByName(one.endpoint)
	expectContract(t, e.Answer, r)
}

// plainReply unpacks gzip and JSONP.
func plainReply(t *testing.T, r reply) reply {
	t.Helper()
	if r.header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(bytes.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		if r.body, err = io.ReadAll(unpacked); err != nil {
			t.Fatal(err)
		}
	}
	if rest, ok := bytes.CutPrefix(r.body, []byte("read.it(")); ok {
		r.body = bytes.TrimSuffix(rest, []byte(");"))
	}
	return r
}

// TestSamplesCoverTheReference holds that no endpoint is left out.
func TestSamplesCoverTheReference(t *testing.T) {
	t.Parallel()
	for _, e := range groove.Endpoints() {
		if e.Name == groove.Token || e.Name == groove.Image {
			continue // no data contract: see their own tests
		}
		covered := false
		for _, one := range samples {
			covered = covered || one.endpoint == e.Name
			if one.endpoint != e.Name {
				continue
			}
			path, _, _ := strings.Cut(strings.NewReplacer("{", "", "}", "").Replace(one.target), "?")
			method := map[bool]string{true: http.MethodGet, false: http.MethodPost}[one.body == ""]
			if resolved, ok := groove.Resolve(method, path); !ok || resolved.Name != e.Name {
				t.Errorf("%s is a sample of %s, but resolves to %v", one.target, e.Name, resolved)
			}
		}
		if !covered {
			t.Errorf("there is no sample of %s", e.Name)
		}
	}
}
