package standin

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// FuzzRequests holds that every answer has a documented status and that every
// error says what it is, whatever is asked.
func FuzzRequests(f *testing.F) {
	for _, seed := range []struct{ method, target, token, media, body string }{
		{"GET", "/1/content/music/search?q=daft+punk&maxItems=3&filters=tracks", ApplicationToken, "", ""},
		{"GET", "/1/content/music/search?continuationToken=AYdrKUUZ", UserTokenFree, "", ""},
		{"GET", "/1/content/" + getLucky + "+" + unknownID + "/lookup?extras=albums&contentType=xml", UserTokenFree, "", ""},
		{"HEAD", "/3/content/music/catalog/genres?country=fr&language=tr&jsonp=cb", ApplicationToken, "", ""},
		{"GET", "/1/user/music/profile?source=collection%2Bcatalog", UserTokenSubscriber, "", ""},
		{"POST", addPath, UserTokenFree, "application/json", addBody(getLucky, unknownID)},
		{"POST", createPath + "?contentType=xml", UserTokenFree, "application/json", `{"Name":"\u0000","TrackActions":[{"Id":"` + getLucky + `","Action":"Add"}]}`},
		{"POST", "/accesstoken.srf", "", "application/x-www-form-urlencoded", "grant_type=client_credentials&client_id=i&client_secret=s&scope=" + Scope},
		{"POST", updatePath, UserTokenFree, "application/xml", `<PlaylistAction xmlns="` + groove.XMLNamespace + `"><Id>x</Id><Name>y</Name></PlaylistAction>`},
		{"POST", deleteListPath, UserTokenSubscriber, "application/json", `{"Id":"music.playlist.x","CollectionStateToken":"3"}`},
		{"POST", radioPath + "?maxItems=3", UserTokenFree, "application/json", seed("Pop", "Genre")},
		{"GET", "/1/content/music/radio/music.radio.x/next?maxItems=1", UserTokenFree, "", ""},
		{"GET", "/1/content/music/Catalog/Playlists/browse?mood=Happy&page=3&orderBy=MostPopular", ApplicationToken, "", ""},
		{"GET", "/1/content/music/collection/tracks/browse?orderBy=TrackNumber", UserTokenFree, "", ""},
		{"GET", "/1/content/" + daftPunk + "/catalog/artist/topTracks/browse?maxItems=2", ApplicationToken, "", ""},
		{"GET", streamTarget(getLucky, clientInstance), UserTokenSubscriber, "", ""},
		{"GET", "/content/" + getLucky + "/image?w=9&h=9&mode=letterbox&background=%23123", "", "", ""},
		{"GET", "/__standin/media/" + getLucky + "/segment-0.mp3?expires=9&signature=x", "", "", ""},
		{"OPTIONS", "*", "", "", ""},
		{"DELETE", "/%2f//..", "x", "", ""},
	} {
		f.Add(seed.method, seed.target, seed.token, seed.media, seed.body)
	}
	s := newStandin(f, Options{MaxUsers: 10, MaxPlaylists: 10})
	f.Fuzz(func(t *testing.T, method, target, token, media, body string) {
		head := method + " " + target + " HTTP/1.1\r\nHost: music.xboxlive.com\r\n\r\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
		if err != nil {
			t.Skip("the server would not have let it in")
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", media)
		r.Body = http.NoBody
		if body != "" {
			r.Body = readCloser{strings.NewReader(body)}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if status, ok := groove.StatusByCode(w.Code); !ok || status.Code >= 500 {
			t.Fatalf("%s %s answered %d %s", method, target, w.Code, w.Body)
		}
		if w.Code == http.StatusOK || w.Code == http.StatusPartialContent || strings.EqualFold(r.URL.Path, "/accesstoken.srf") && method == http.MethodPost {
			return
		}
		code := groove.Classify(w.Code, w.Body.Bytes()).Code
		info, ok := groove.ErrorCodeByName(string(code))
		if !ok || info.Status != w.Code {
			t.Fatalf("%s %s answered %d with %q, want a documented code of that status: %s", method, target, w.Code, code, w.Body)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
