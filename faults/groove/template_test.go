package groove_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// parser is a test, a benchmark or one case of a law.
type parser interface {
	Helper()
	Fatalf(format string, args ...any)
}

func parse(t parser, text string) groove.Template {
	t.Helper()
	template, err := groove.ParseTemplate(text)
	if err != nil {
		t.Fatalf("ParseTemplate(%q): %v", text, err)
	}
	return template
}

func TestTemplateMatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template  string
		match     []string
		different []string
	}{
		"words": {
			"/1/Content/music",
			[]string{"/1/content/music", "/1/CONTENT/Music", "/1/%63ontent/m%75sic"},
			[]string{"/1/content", "/1/content/music/", "/1/content/musics", "1/content/music", "", "/"},
		},
		"one variable": {
			"/1/content/{id}/lookup",
			[]string{"/1/content/a/lookup", "/1/content/%2F/LOOKUP", "/1/content/%zz/lookup"},
			[]string{"/1/content//lookup", "/1/content/a/b/lookup", "/1/content/lookup"},
		},
		"the rest": {
			"/1/content/{rest...}",
			[]string{"/1/content/a", "/1/content/a/b/", "/1/content/", "/1/content//"},
			[]string{"/1/content", "/2/content/a"},
		},
		"everything":      {"/{all...}", []string{"/", "/a", "/a/b", "//"}, []string{"", "*", "a"}},
		"root":            {"/", []string{"/"}, []string{"", "//", "/a"}},
		"word with space": {"/my path", []string{"/my%20path", "/MY%20PATH"}, []string{"/my+path"}},
		"encoded slash":   {"/a%2Fb", []string{"/a%2fb", "/A%2FB"}, []string{"/a/b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := parse(t, tt.template)
			if got := template.String(); got != tt.template {
				t.Errorf("String() = %q, want %q", got, tt.template)
			}
			for _, path := range tt.match {
				if !template.Match(path) {
					t.Errorf("%s does not match %q", tt.template, path)
				}
			}
			for _, path := range tt.different {
				if template.Match(path) {
					t.Errorf("%s matches %q", tt.template, path)
				}
			}
		})
	}
}

func TestTemplateWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"/":                       nil,
		"/{rest...}":              nil,
		"/1/Content/{id}/m%75sic": {"1", "content", "", "music"},
		"/a%2Fb/{x}/{rest...}":    {"a/b", ""},
	} {
		template := parse(t, text)
		got := template.Words()
		if !slices.Equal(got, want) {
			t.Errorf("%s has the words %q, want %q", text, got, want)
		}
		clear(got)
		if again := template.Words(); !slices.Equal(again, want) {
			t.Errorf("%s has the words %q once a caller changed them, want %q", text, again, want)
		}
	}
}

// TestAppendWordSpellsWhatAWordFits holds the spelling of a segment against
// what templates match.
func TestAppendWordSpellsWhatAWordFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		segment := rapid.StringOfN(rapid.SampledFrom([]rune("aAbB%614\u017fs")), 1, 8, -1).Draw(t, "segment")
		word := rapid.StringOfN(rapid.SampledFrom([]rune("aAbB\u017fs")), 1, 4, -1).Draw(t, "word")
		template := parse(t, "/"+word)
		got := string(groove.AppendWord([]byte("before"), segment)) == "before"+template.Words()[0]
		if want := template.Match("/" + segment); got != want {
			t.Fatalf("%q is spelt like %q: %t, want %t", segment, word, got, want)
		}
	})
}

func TestZeroTemplateIsRoot(t *testing.T) {
	t.Parallel()
	var zero groove.Template
	if zero.String() != "/" || !zero.Match("/") || zero.Match("/a") || zero.Match("") {
		t.Errorf("zero template %q matches otherwise than the root", zero)
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"nothing":              {"", `want a path such as "/1/content/{id}/lookup"`},
		"no slash":             {"1/content", `does not begin with "/"`},
		"full URL":             {"http://host/1", `does not begin with "/"`},
		"empty segment":        {"/1//content", `want a word or {name} after every "/"`},
		"slash at the end":     {"/1/content/", `has an empty segment`},
		"open brace":           {"/1/{id", `segment "{id" is no variable`},
		"text after a brace":   {"/1/{id}x", `segment "{id}x" is no variable`},
		"no name":              {"/1/{}", `want {name} or {name...}`},
		"no name for the rest": {"/1/{...}", `segment "{...}" is no variable`},
		"odd name":             {"/1/{a-b}", `of letters, digits and underscores`},
		"text before a brace":  {"/1/a{id}", `segment "a{id}" mixes a word with a brace`},
		"rest in the middle":   {"/1/{rest...}/x", `segment "{rest...}" is followed by others`},
		"query":                {"/1/search?q=x", `segment "search?q=x" has a query`},
		"fragment":             {"/1/search#x", `want the path alone`},
		"bad encoding":         {"/1/%zz", `want two hexadecimal digits after "%"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := groove.ParseTemplate(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseTemplate(%q): %v, want an error with %q", tt.text, err, tt.want)
			}
		})
	}
}

func TestTemplateCouldMatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template, endpoint string
		want               bool
	}{
		"itself":                 {"/1/content/{namespace}/search", groove.Search, true},
		"narrower":               {"/1/CONTENT/music/Search", groove.Search, true},
		"wider":                  {"/{a}/{b}/{c}/{d}", groove.Search, true},
		"other word":             {"/1/content/music/lookup", groove.Search, false},
		"shorter":                {"/1/content/music", groove.Search, false},
		"longer":                 {"/1/content/music/search/x", groove.Search, false},
		"rest":                   {"/1/{rest...}", groove.Search, true},
		"rest that begins late":  {"/1/content/music/search/{rest...}", groove.Search, false},
		"rest for the last":      {"/1/content/music/{rest...}", groove.Search, true},
		"everything":             {"/{all...}", groove.Token, true},
		"alias":                  {"/3/{rest...}", groove.Genres, true},
		"version of no alias":    {"/3/{rest...}", groove.Moods, false},
		"word against variable":  {"/1/content/{id}/catalog/genres/browse", groove.CatalogBrowse, true},
		"crosswise":              {"/{version}/content/music/{source}/tracks/browse", groove.CollectionBrowse, true},
		"crosswise, other words": {"/{version}/content/music/{source}/tracks/add", groove.CollectionBrowse, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, _ := groove.EndpointByName(tt.endpoint)
			if got := parse(t, tt.template).CouldMatch(e); got != tt.want {
				t.Errorf("%s could match %s: %t, want %t", tt.template, tt.endpoint, got, tt.want)
			}
		})
	}
}

func TestCouldMatchOfAnEndpointWithoutTemplate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "nowhere", "/{open...}"} {
		if parse(t, "/{all...}").CouldMatch(groove.Endpoint{Template: text}) {
			t.Errorf("could match an endpoint at %q, which is no endpoint's template", text)
		}
	}
}

// drawTemplate draws a template of at most four segments over a small alphabet.
func drawTemplate(t *rapid.T, open bool) string {
	segments := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "B", "{x}"}), 1, 4).Draw(t, "segments")
	if open && rapid.Bool().Draw(t, "open") {
		segments[len(segments)-1] = "{rest...}"
	}
	return "/" + strings.Join(segments, "/")
}

func TestTemplateMatchAgreesWithTheNaiveWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawTemplate(t, true)
		segments := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "A", "b", "c", "%61", ""}), 0, 5).Draw(t, "path")
		path := "/" + strings.Join(segments, "/")
		template, err := groove.ParseTemplate(text)
		if err != nil {
			t.Fatalf("ParseTemplate(%q): %v", text, err)
		}
		if got, want := template.Match(path), matchesNaively(text, path); got != want {
			t.Fatalf("%s matches %q: %t, want %t", text, path, got, want)
		}
	})
}

// pathsOver lists every path of one to depth segments out of words.
func pathsOver(words []string, depth int) []string {
	var all []string
	level := []string{""}
	for range depth {
		var next []string
		for _, path := range level {
			for _, word := range words {
				next = append(next, path+"/"+word)
			}
		}
		all = append(all, next...)
		level = next
	}
	return all
}

func TestCouldMatchMeansThatThereIsAPath(t *testing.T) {
	t.Parallel()
	paths := pathsOver([]string{"a", "b", "c"}, 4)
	rapid.Check(t, func(t *rapid.T) {
		text, other := drawTemplate(t, true), drawTemplate(t, false)
		template, err := groove.ParseTemplate(text)
		if err != nil {
			t.Fatalf("ParseTemplate(%q): %v", text, err)
		}
		want := false
		for _, path := range paths {
			want = want || matchesNaively(text, path) && matchesNaively(other, path)
		}
		if got := template.CouldMatch(groove.Endpoint{Template: other}); got != want {
			t.Fatalf("%s could match %s: %t, want %t", text, other, got, want)
		}
	})
}

func TestTemplateMatchDoesNotAllocate(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	template := parse(t, "/1/content/{id}/{rest...}")
	matched := false
	if got := testing.AllocsPerRun(100, func() {
		matched = template.Match("/1/%43ontent/music.1/catalog/albums/browse")
	}); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
	if !matched {
		t.Error("no match, want one")
	}
}

func FuzzParseTemplate(f *testing.F) {
	for _, e := range groove.Endpoints() {
		f.Add(e.Template, "/1/content/music/search")
	}
	f.Add("/{rest...}", "/")
	f.Add("/a%2Fb", "/a%2fB")
	f.Add("/{", "%")
	f.Fuzz(func(t *testing.T, text, path string) {
		template, err := groove.ParseTemplate(text)
		if err != nil {
			if !strings.Contains(err.Error(), "want ") {
				t.Errorf("ParseTemplate(%q): %v, want an error that says what is wanted", text, err)
			}
			return
		}
		if template.Match(path) && !strings.HasPrefix(path, "/") {
			t.Errorf("%s matches %q, which is no path", text, path)
		}
		if !strings.ContainsAny(text, "{}") && !template.Match(text) {
			t.Errorf("%q, which has no variable, does not match itself", text)
		}
	})
}

func BenchmarkTemplateMatch(b *testing.B) {
	template := parse(b, "/1/content/{id}/{source}/{rest...}")
	b.ReportAllocs()
	for b.Loop() {
		template.Match("/1/content/music.C61C0000-0200-11DB-89CA-0019B92A3933/catalog/artist/topTracks/browse")
	}
}
