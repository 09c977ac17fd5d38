package groove_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	const id = "music.C61C0000-0200-11DB-89CA-0019B92A3933"
	tests := map[string]struct {
		method, path string
		want         string
	}{
		"as documented":                      {"GET", "/1/content/music/search", groove.Search},
		"HEAD like GET":                      {"HEAD", "/1/content/music/search", groove.Search},
		"words in another case":              {"GET", "/1/Content/music/Catalog/Tracks/Browse", groove.CatalogBrowse},
		"several ids":                        {"GET", "/1/content/" + id + "+" + id + "/lookup", groove.Lookup},
		"encoded plus":                       {"GET", "/1/content/" + id + "%2B" + id + "/lookup", groove.Lookup},
		"encoded slash stays in its segment": {"GET", "/1/content/a%2Fb/lookup", groove.Lookup},
		"encoded letter in a word":           {"GET", "/1/content/music/%73earch", groove.Search},
		"encoded upper-case letter":          {"GET", "/1/content/music/%53EARCH", groove.Search},
		"collection":                         {"GET", "/1/content/music/collection/playlists/browse", groove.CollectionBrowse},
		"parts of an item":                   {"GET", "/1/content/" + id + "/catalog/artist/TopTracks/browse", groove.Subbrowse},
		"genres":                             {"GET", "/1/content/music/catalog/genres", groove.Genres},
		"genres as the SDK asks":             {"GET", "/3/content/music/catalog/genres", groove.Genres},
		"profile":                            {"GET", "/1/user/music/profile", groove.Profile},
		"collection write":                   {"POST", "/1/content/music/collection/add", groove.CollectionAdd},
		"playlist write":                     {"POST", "/1/content/music/collection/playlists/update", groove.PlaylistsUpdate},
		"word where an id could be":          {"GET", "/1/content/music/radio/recentlyplayed", groove.RadioRecentlyPlayed},
		"id that is a word":                  {"GET", "/1/content/music/radio/recentlyplayed/next", groove.RadioNext},
		"token":                              {"POST", "/accesstoken.srf", groove.Token},
		"image":                              {"GET", "/content/" + id + "/image", groove.Image},
		"image of a mood":                    {"GET", "/catalog/music.mood.happy/image", groove.Image},

		"other method":              {"DELETE", "/1/content/music/search", ""},
		"POST to a GET":             {"POST", "/1/content/music/search", ""},
		"GET to a POST":             {"GET", "/1/content/music/collection/add", ""},
		"method in lower case":      {"get", "/1/content/music/search", ""},
		"other version":             {"GET", "/3/content/music/search", ""},
		"slash at the end":          {"GET", "/1/content/music/search/", ""},
		"empty segment":             {"GET", "/1/content//search", ""},
		"slash twice":               {"GET", "//1/content/music/search", ""},
		"too short":                 {"GET", "/1/content/music", ""},
		"too long":                  {"GET", "/1/content/music/search/more", ""},
		"root":                      {"GET", "/", ""},
		"empty":                     {"GET", "", ""},
		"asterisk":                  {"OPTIONS", "*", ""},
		"no slash":                  {"GET", "1/content/music/search", ""},
		"bad encoding in a word":    {"GET", "/1/content/music/%7searc%", ""},
		"encoding cut short":        {"GET", "/1/content/music/searc%6", ""},
		"encoded word with a tail":  {"GET", "/1/content/music/%73earchx", ""},
		"word with a tail":          {"GET", "/1/content/music/searching", ""},
		"word without its end":      {"GET", "/1/content/music/searc", ""},
		"letter that folds to an s": {"GET", "/1/content/music/\u017fearch", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := groove.Resolve(tt.method, tt.path)
			got := ""
			if ok {
				got = e.Name
			}
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("Resolve(%q, %q) = %q, %t, want %q", tt.method, tt.path, got, ok, tt.want)
			}
		})
	}
}

func TestResolveFindsEveryTemplate(t *testing.T) {
	t.Parallel()
	for _, want := range groove.Endpoints() {
		for _, text := range append([]string{want.Template}, want.Aliases...) {
			e, ok := groove.Resolve(want.Method, text) // a variable matches its own name
			if !ok || e.Name != want.Name {
				t.Errorf("Resolve(%q, %q) = %v, %t, want %s", want.Method, text, e, ok, want.Name)
			}
		}
	}
}

// pathWords are words of the templates, and others that stand for ids.
var pathWords = []string{
	"1", "3", "content", "user", "catalog", "collection", "search", "lookup", "browse", "genres", "moods",
	"playlists", "add", "create", "radio", "next", "recentlyplayed", "profile", "image", "accesstoken.srf",
	"music", "A+b", "x.Y-z", "",
}

// drawPath draws a path that is close to a documented one.
func drawPath(t *rapid.T) string {
	word := rapid.SampledFrom(pathWords)
	e := rapid.SampledFrom(groove.Endpoints()).Draw(t, "endpoint")
	texts := append([]string{e.Template}, e.Aliases...)
	segments := strings.Split(rapid.SampledFrom(texts).Draw(t, "template"), "/")[1:]
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") || rapid.IntRange(0, 19).Draw(t, "replace") == 0 {
			segments[i] = word.Draw(t, "segment")
		}
	}
	switch rapid.IntRange(0, 9).Draw(t, "length") {
	case 0:
		segments = append(segments, word.Draw(t, "more"))
	case 1:
		segments = segments[:len(segments)-1]
	}
	return "/" + disguise(t, strings.Join(segments, "/"))
}

// disguise writes some bytes of a path in another case or percent-encoded.
func disguise(t *rapid.T, path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i : i+1]
		switch rapid.IntRange(0, 15).Draw(t, "disguise") {
		case 0:
			c = strings.ToUpper(c)
		case 1:
			if c != "/" {
				c = "%" + strings.ToUpper(hexOf(c[0]))
			}
		case 2:
			if c != "/" {
				c = "%" + hexOf(c[0])
			}
		}
		b.WriteString(c)
	}
	return b.String()
}

func hexOf(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// matchesNaively is what a template means, written down without regard to cost.
func matchesNaively(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if last := len(want) - 1; strings.HasSuffix(want[last], "...}") && len(got) > last {
		want, got = want[:last], got[:last]
	}
	if len(want) != len(got) || got[0] != "" {
		return false
	}
	for i := 1; i < len(want); i++ {
		switch decoded, err := url.PathUnescape(got[i]); {
		case template == "/" && path == "/":
		case got[i] == "":
			return false
		case strings.HasPrefix(want[i], "{"):
		case err != nil || !strings.EqualFold(decoded, want[i]):
			return false
		}
	}
	return true
}

func resolveNaively(method, path string) string {
	if method == "HEAD" {
		method = "GET"
	}
	for _, e := range groove.Endpoints() {
		for _, template := range append([]string{e.Template}, e.Aliases...) {
			if e.Method == method && matchesNaively(template, path) {
				return e.Name
			}
		}
	}
	return ""
}

func TestResolveAgreesWithTheNaiveWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom([]string{"GET", "POST", "HEAD", "PUT"}).Draw(t, "method")
		path := drawPath(t)
		e, ok := groove.Resolve(method, path)
		got := ""
		if ok {
			got = e.Name
		}
		if want := resolveNaively(method, path); got != want {
			t.Fatalf("Resolve(%q, %q) = %q, want %q", method, path, got, want)
		}
	})
}

func TestResolveDoesNotAllocate(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	found := 0
	allocations := testing.AllocsPerRun(100, func() {
		for _, path := range []string{"/1/Content/x/%43atalog/albums/browse", "/1/content/a/b/c/d/browse", "/no/such/thing"} {
			if _, ok := groove.Resolve("HEAD", path); ok {
				found++
			}
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want 0", allocations)
	}
	if found == 0 {
		t.Error("nothing was resolved, want two of three paths")
	}
}

func BenchmarkResolve(b *testing.B) {
	for name, path := range map[string]string{
		"short":   "/1/content/music/search",
		"long":    "/1/content/music.C61C0000-0200-11DB-89CA-0019B92A3933/catalog/artist/topTracks/browse",
		"encoded": "/1/%63ontent/music/%43ATALOG/albums/brows%65",
		"unknown": "/1/content/music/catalog/albums/browsing",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				groove.Resolve("GET", path)
			}
		})
	}
}
