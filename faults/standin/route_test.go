package standin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// TestEveryEndpointIsServed asks each one without a token.
func TestEveryEndpointIsServed(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, e := range groove.Endpoints() {
		for _, template := range append([]string{e.Template}, e.Aliases...) {
			path := strings.NewReplacer("{namespace}", "music", "{ids}", getLucky, "{id}", getLucky, "{type}", "tracks",
				"{source}", "catalog", "{browseType}", "artist", "{extra}", "albums").Replace(template)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(e.Method, path, nil))
			got := reply{w.Code, w.Header(), w.Body.Bytes()}
			switch {
			case e.Name == groove.Token:
				if got.status != http.StatusBadRequest || !strings.Contains(string(got.body), "invalid_request") {
					t.Errorf("%s: got %d %s, want an error of OAuth", e.Name, got.status, got.body)
				}
			case path == "/catalog/"+getLucky+"/image":
				expectError(t, got, groove.CodeCatalogNoResult)
			case e.Name == groove.Image:
				if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/png" {
					t.Errorf("%s: got %d %s, want a picture", e.Name, got.status, got.header)
				}
			default:
				expectError(t, got, groove.CodeAccessTokenMissing)
			}
		}
	}
}

func TestPathsCompareWithoutCase(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, path := range []string{
		"/1/content/music/catalog/genres",
		"/1/CONTENT/Music/Catalog/Genres",
		"/3/content/music/catalog/genres",
		"/3/Content/MUSIC/catalog/GENRES",
		"/1/content/music/search?q=muse",
		"/1/Content/music/Search?Q=MUSE",
		"/1/content/" + strings.ToLower(getLucky) + "/LOOKUP",
	} {
		if r := s.play(ApplicationToken, path, ""); r.status != http.StatusOK {
			t.Errorf("%s: got %d %s, want 200", path, r.status, r.body)
		}
	}
}

func TestPathsThatAreNotServed(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, c := range map[string]struct {
		method, path string
		want         groove.ErrorCode
	}{
		"unknown path":       {"GET", "/1/nothing", groove.CodeCatalogNoResult},
		"root":               {"GET", "/", groove.CodeCatalogNoResult},
		"slash at the end":   {"GET", "/1/content/music/search/", groove.CodeCatalogNoResult},
		"double slash":       {"GET", "//1/content/music/search", groove.CodeCatalogNoResult},
		"dots":               {"GET", "/1/x/../content/music/search", groove.CodeCatalogNoResult},
		"version 2":          {"GET", "/2/content/music/search", groove.CodeCatalogNoResult},
		"word with a prefix": {"GET", "/1/content/music/xsearch", groove.CodeCatalogNoResult},
		"dot is a dot":       {"POST", "/accesstokenXsrf", groove.CodeCatalogNoResult},
		"GET for a write":    {"GET", "/1/content/music/collection/add", groove.CodeUnauthorizedAPIMethod},
		"POST for a read":    {"POST", "/1/content/music/search", groove.CodeUnauthorizedAPIMethod},
		"DELETE":             {"DELETE", "/1/user/music/profile", groove.CodeUnauthorizedAPIMethod},
		"POST for the state": {"POST", "/__standin/state", groove.CodeUnauthorizedAPIMethod},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			expectError(t, reply{w.Code, w.Header(), w.Body.Bytes()}, c.want)
		})
	}
}

func TestErrorsInTheAskedFormat(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, c := range map[string]struct{ target, begins string }{
		"an endpoint's":        {"/1/user/music/profile?contentType=xml", "<UserProfileResponse "},
		"an unknown path's":    {"/nothing?contentType=xml", "<ContentResponse "},
		"a stream's":           {"/1/content/x/stream?contentType=xml", "<StreamResponse "},
		"jsonp, in any status": {"/1/user/music/profile?jsonp=cb", `cb({"Error":{`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := s.play("", c.target, ""); !strings.HasPrefix(string(r.body), c.begins) {
				t.Errorf("got %s, want it to begin with %s", r.body, c.begins)
			}
		})
	}
}
