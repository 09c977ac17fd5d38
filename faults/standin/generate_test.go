package standin

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustGenerate(t testing.TB, seed uint64, size scale) *catalogue {
	t.Helper()
	c, err := generate(seed, size)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGenerateRepeats(t *testing.T) {
	t.Parallel()
	allow := cmp.AllowUnexported(catalogue{}, genre{}, artist{}, album{}, track{}, publicPlaylist{}, ref{}, index{})
	first := mustGenerate(t, 7, defaultScale)
	if diff := cmp.Diff(first, mustGenerate(t, 7, defaultScale), allow); diff != "" {
		t.Errorf("the same seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(first.tracks, mustGenerate(t, 8, defaultScale).tracks, allow) {
		t.Error("another seed gave the same tracks")
	}
}

func TestGenerateIsConsistent(t *testing.T) {
	t.Parallel()
	for _, size := range []scale{{10, 1, 3}, defaultScale, {200, 5, 10}} {
		c := mustGenerate(t, 0, size)
		if got, want := len(c.byID), len(c.artists)+len(c.albums)+len(c.tracks)+len(c.playlists); got != want {
			t.Errorf("%+v: %d different ids for %d items", size, got, want)
		}
		for at, a := range c.albums {
			seconds := 0
			for i, n := range a.tracks {
				if c.tracks[n].album != at || c.tracks[n].number != i+1 {
					t.Fatalf("track %d of album %d says it is %d of %d", i+1, at, c.tracks[n].number, c.tracks[n].album)
				}
				seconds += c.tracks[n].seconds
			}
			if seconds != a.seconds || len(a.tracks) == 0 {
				t.Fatalf("album %d: its %d tracks last %d s, it says %d", at, len(a.tracks), seconds, a.seconds)
			}
		}
	}
}

func TestGenresHaveParents(t *testing.T) {
	t.Parallel()
	r := newStandin(t, Options{}).play(ApplicationToken, genresPath+"?country=tr", "")
	if !bytes.Contains(r.body, []byte("R&B / Soul")) {
		t.Errorf("R&B / Soul is not, or is not plainly, in %s", r.body)
	}
	got := r.content(t)
	names := make(map[string]bool)
	for _, g := range got.CatalogGenres {
		names[g.Name] = true
	}
	children := 0
	for _, g := range got.CatalogGenres {
		if g.ParentName != "" {
			children++
			if !names[g.ParentName] {
				t.Errorf("%s has the unknown parent %s", g.Name, g.ParentName)
			}
		}
	}
	if got.Culture != "tr-TR" || children == 0 {
		t.Errorf("culture is %s, %d genres have a parent; want tr-TR and some", got.Culture, children)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		mustGenerate(b, 0, scale{200, 5, 10})
	}
}
