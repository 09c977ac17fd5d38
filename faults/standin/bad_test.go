package standin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// TestBadInput asks with parameters over, under, missing, of the wrong type,
// repeated, in the wrong case and oddly encoded. Each answer is an Error of the
// documented status, in the asked format.
func TestBadInput(t *testing.T) {
	t.Parallel()
	const (
		tracks  = "/1/content/music/catalog/tracks/browse"
		lists   = "/1/content/music/catalog/playlists/browse"
		own     = "/1/content/music/collection/tracks/browse"
		search  = "/1/content/music/search"
		stream  = "/1/content/" + getLucky + "/stream"
		preview = "/1/content/" + getLucky + "/preview"
	)
	invalid, incompatible := groove.CodeInvalidInputParameter, groove.CodeIncompatibleInputParameters
	missing, none := groove.CodeMissingInputParameter, groove.CodeCatalogNoResult
	long := "music." + strings.Repeat("x", maxIDs-len("music."))
	s := newStandin(t, Options{})
	for target, want := range map[string]groove.ErrorCode{
		tracks + "?maxItems=0":                          invalid,
		tracks + "?maxItems=26":                         invalid,
		tracks + "?MAXITEMS=1e1":                        invalid,
		tracks + "?maxItems=":                           invalid,
		tracks + "?maxItems=1&maxitems=1":               invalid,
		tracks + "?%6Daxitems=99":                       invalid,
		tracks + "?maxItems=%31%30%30":                  invalid,
		tracks + "?page=-1":                             invalid,
		tracks + "?page=2147483648":                     invalid,
		tracks + "?page=x":                              invalid,
		tracks + "?page=":                               invalid,
		tracks + "?page=%2B1":                           invalid,
		tracks + "?orderBy=Loudness":                    invalid,
		tracks + "?orderBy=":                            invalid,
		tracks + "?orderBy=TrackTitle":                  incompatible,
		tracks + "?genre=Rock&mood=Happy":               incompatible,
		lists + "?mood=Happy&activity=Party":            incompatible,
		lists + "?genre=Rock&activity=Party&mood=Happy": incompatible,
		tracks + "?mood=Happy":                          incompatible,
		lists + "?orderBy=ReleaseDate":                  incompatible,
		tracks + "?genre=":                              invalid,
		tracks + "?genre=Polka":                         none,
		lists + "?mood=Seasick":                         none,
		tracks + "?country=XX":                          groove.CodeInvalidCountry,
		tracks + "?country=U":                           invalid,
		tracks + "?country=%C3%9CS":                     invalid,
		tracks + "?language=english":                    invalid,

		tracks + "?continuationToken=":                                                groove.CodeContinuationTokenInvalidError,
		tracks + "?continuationToken=AZYULjMZCQQADwcDAQACMjU":                         groove.CodeContinuationTokenInvalidError,
		tracks + "?genre=%zz":                                                         invalid,
		tracks + "?x=1&x=2":                                                           invalid,
		"/1/content/music/catalog/songs/browse":                                       invalid,
		"/1/content/video/catalog/tracks/browse":                                      invalid,
		own + "?orderBy=AllTimePlayCount":                                             incompatible,
		"/1/content/music/collection/playlists/browse?orderBy=TrackTitle":             incompatible,
		"/1/content/music/collection/albums/browse?orderBy=TrackNumber":               incompatible,
		"/1/content/music/collection/songs/browse":                                    invalid,
		own + "?maxItems=-5":                                                          invalid,
		"/1/content/" + daftPunk + "/catalog/artist/tracks/browse":                    incompatible,
		"/1/content/" + daftPunk + "/collection/artist/topTracks/browse":              incompatible,
		"/1/content/" + daftPunk + "/catalog/artist/lyrics/browse":                    invalid,
		"/1/content/" + daftPunk + "/catalog/track/albums/browse":                     invalid,
		"/1/content/" + daftPunk + "/radio/artist/albums/browse":                      invalid,
		"/1/content/" + getLucky + "/catalog/artist/albums/browse":                    none,
		"/1/content/" + daftPunk + "/catalog/album/tracks/browse":                     none,
		"/1/content/" + daftPunk + "+" + avicii + "/catalog/artist/albums/browse":     invalid,
		"/1/content/" + daftPunk + "/catalog/artist/albums/browse?orderBy=ArtistName": incompatible,
		"/1/content/" + daftPunk + "/catalog/artist/albums/browse?maxItems=100":       invalid,
		"/1/content/" + long + "/lookup":                                              none,
		"/1/content/" + long + "x/lookup":                                             invalid,
		"/1/content/" + long + "/stream?clientInstanceId=" + clientInstance:           groove.CodeDeliveryUnavailableContent,
		"/1/content/" + long + "x/stream?clientInstanceId=" + clientInstance:          invalid,
		"/1/content/music.%00/lookup":                                                 none,
		"/1/content/%6Dusic%2E" + "x/lookup":                                          none,
		"/1/content/MUSIC.x+Music.y+music.z/lookup":                                   none,
		"/1/content/+/lookup":                                                         missing,
		"/1/content/x.y/lookup":                                                       invalid,
		search + "?q=%ff%fe":                                                          none,
		search + "?q=" + strings.Repeat("a", maxQuery+1):                              invalid,
		search + "?filters=artists":                                                   missing,
		stream:                                                                        missing,
		stream + "?clientInstanceId=":                                                 missing,
		stream + "?clientInstanceId=" + strings.Repeat("x", minInstance-1):            invalid,
		stream + "?clientInstanceId=" + strings.Repeat("x", maxInstance+1):            invalid,
		preview:                             missing,
		preview + "?clientInstanceId=short": invalid,
		"/1/content/" + daftPunk + "/preview?clientInstanceId=" + clientInstance: groove.CodeDeliveryUnavailableContent,
		"/1/content/music/newreleases?genre=Polka":                               groove.CodeDiscoveryInvalidGenre,
		"/1/content/music/newreleases?genre=":                                    groove.CodeDiscoveryInvalidGenre,
		"/1/content/music/radio/music.radio.none/next":                           invalid,
		"/1/content/music/radio/x/next?maxItems=0":                               invalid,
		recentPath + "?page=-1":                                                  invalid,
		"/1/user/video/profile":                                                  invalid,
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			r := s.play(UserTokenSubscriber, target, "")
			expectError(t, r, want)
			inXML := s.play(UserTokenSubscriber, target, "", "Accept", "application/xml")
			expectError(t, inXML, want)
			e, ok := groove.Resolve(http.MethodGet, strings.Split(target, "?")[0])
			if !ok {
				t.Fatalf("%s is no path of the reference", target)
			}
			if wanted := "<" + e.Answer + " "; !strings.HasPrefix(string(inXML.body), wanted) {
				t.Errorf("in XML: got %s, want it to begin with %s", inXML.body, wanted)
			}
		})
	}
}

// bodies are those that no write takes, with the Content-Type they come with.
var bodies = map[string]struct {
	media, body string
	want        groove.ErrorCode
}{
	"blank":             {"application/json", " ", groove.CodeInvalidInputParameter},
	"text":              {"text/plain", "track", groove.CodeInvalidInputParameter},
	"cut":               {"application/json", `{"TrackIds":[`, groove.CodeInvalidInputParameter},
	"an array":          {"application/json", `[]`, groove.CodeInvalidInputParameter},
	"wrong types":       {"application/json", `{"TrackIds":{},"Name":[],"Seeds":"x","Id":7}`, groove.CodeInvalidInputParameter},
	"deep":              {"application/json", strings.Repeat(`{"a":`, 20_000), groove.CodeInvalidInputParameter},
	"10 MB":             {"application/json", `{"Name":"` + strings.Repeat("x", 10<<20) + `"}`, groove.CodeInvalidInputParameter},
	"10 MB of XML":      {"application/xml", "<TrackActionRequest>" + strings.Repeat("<a/>", 5<<19), groove.CodeInvalidInputParameter},
	"JSON as XML":       {"application/xml", `{}`, groove.CodeInvalidInputParameter},
	"XML as JSON":       {"application/json", `<TrackActionRequest/>`, groove.CodeInvalidInputParameter},
	"another root":      {"application/xml", `<Tracks xmlns="` + groove.XMLNamespace + `"/>`, groove.CodeInvalidInputParameter},
	"another namespace": {"text/xml; charset=utf-8", `<TrackActionRequest xmlns="urn:x"/>`, groove.CodeInvalidInputParameter},
	"cut XML":           {"application/xml", `<TrackActionRequest><TrackIds>`, groove.CodeInvalidInputParameter},
	"two roots":         {"application/xml", `<PlaylistAction/><PlaylistAction/>`, groove.CodeInvalidInputParameter},
	"another charset":   {"application/xml", `<?xml version="1.0" encoding="utf-16"?><PlaylistAction/>`, groove.CodeInvalidInputParameter},
	"a bomb": {"application/xml", `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>` +
		`<PlaylistAction><Name>&b;</Name></PlaylistAction>`, groove.CodeInvalidInputParameter},
	"an outside entity": {"application/xml", `<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><PlaylistAction><Name>&a;</Name></PlaylistAction>`, groove.CodeInvalidInputParameter},
	"an entity":         {"application/xml", `<PlaylistAction><Name>&a;</Name></PlaylistAction>`, groove.CodeInvalidInputParameter},
	"deep XML":          {"application/xml", strings.Repeat("<PlaylistAction>", 20_000), groove.CodeInvalidInputParameter},
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, c := range bodies {
		for _, path := range []string{addPath, deletePath, createPath, updatePath, deleteListPath, radioPath} {
			t.Run(name+" to "+path, func(t *testing.T) {
				t.Parallel()
				expectError(t, s.play(UserTokenFree, path, c.body, "Content-Type", c.media), c.want)
			})
		}
	}
	t.Cleanup(func() {
		if got := s.State().Users; len(got) != 0 {
			t.Errorf("state after refused writes is %v, want nobody", got)
		}
	})
}

// TestBodiesInXML plays each write as the SDK's contract and the older samples
// write it.
func TestBodiesInXML(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, namespace := range []string{groove.XMLNamespace, "http://schemas.microsoft.com/xboxmusic/2013/10/platform"} {
		in := func(root, members string) string {
			return `<?xml version="1.0" encoding="utf-8"?><!-- sent --><` + root + ` xmlns="` + namespace + `">` + members + `</` + root + ">\n"
		}
		const media = "application/xml"
		added := s.play(UserTokenFree, addPath, in("TrackActionRequest", "<TrackIds><TrackId>"+getLucky+"</TrackId></TrackIds>"), "Content-Type", media)
		expectContract(t, "TrackActionResponse", added)
		if r := s.play(UserTokenFree, createPath, in("PlaylistAction", "<IsPublished>true</IsPublished><Name>R&amp;B</Name><TrackActions><TrackAction><Action>Add</Action><Id>"+
			getLucky+"</Id></TrackAction></TrackActions>"), "Content-Type", media); r.status != http.StatusOK {
			t.Errorf("create: got %d %s", r.status, r.body)
		}
		if r := s.play(UserTokenFree, radioPath, in("CreateRadioRequest", "<Seeds><RadioSeed><Id>Pop</Id><Type>Genre</Type></RadioSeed></Seeds>"), "Content-Type", media); r.status != http.StatusOK {
			t.Errorf("radio: got %d %s", r.status, r.body)
		}
	}
	got := s.State().Users["free"]
	if got.Tracks[getLucky] != 2 || len(got.Playlists) != 2 || got.Playlists[0].Name != "R&B" || len(got.Playlists[0].Tracks) != 1 {
		t.Errorf("the state is %+v, want a track twice and two playlists", got)
	}
}
