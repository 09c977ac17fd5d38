package standin

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

var servedNames = []string{
	groove.Token, groove.Search, groove.Lookup, groove.Genres,
	groove.CollectionAdd, groove.PlaylistsCreate, groove.Profile,
}

// TestEveryEndpointIsServedOrSaysSo also holds the list in doc.go to the truth.
func TestEveryEndpointIsServedOrSaysSo(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "# What is not there yet")
	text, _, _ = strings.Cut(text, " answer 403")
	absent := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,/\n", r) })
	s := newStandin(t, Options{})
	for _, e := range groove.Endpoints() {
		path := strings.NewReplacer("{namespace}", "music", "{ids}", getLucky, "{id}", getLucky, "{type}", "tracks",
			"{source}", "catalog", "{browseType}", "artist", "{extra}", "albums").Replace(e.Template)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(e.Method, path, nil))
		code := groove.Classify(w.Code, w.Body.Bytes()).Code
		isServed := slices.Contains(servedNames, e.Name)
		if refused := code == groove.CodeUnauthorizedAPIMethod; refused == isServed {
			t.Errorf("%s: got %d %s, served should be %v", e.Name, w.Code, w.Body, isServed)
		}
		if listed := slices.Contains(absent, e.Name); listed == isServed {
			t.Errorf("%s: doc.go lists it as missing: %v, served: %v", e.Name, listed, isServed)
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
		"one not served":       {"/1/content/x/stream?contentType=xml", "<StreamResponse "},
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
