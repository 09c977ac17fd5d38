package catalog

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustNew(t testing.TB, seed uint64, scale Scale) *Catalog {
	t.Helper()
	c, err := New(seed, scale)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRepeats(t *testing.T) {
	t.Parallel()
	first := mustNew(t, 7, Full())
	if !reflect.DeepEqual(first, mustNew(t, 7, Full())) {
		t.Error("the same seed gave two catalogues")
	}
	if reflect.DeepEqual(first.Tracks, mustNew(t, 8, Full()).Tracks) {
		t.Error("another seed gave the same tracks")
	}
}

// TestNewIsTheSameOnEveryMachine pins a few items of one seed.
func TestNewIsTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	c := mustNew(t, 1, Full())
	got := []string{
		c.Artists[10].ID, c.Artists[209].Name, c.Albums[500].Name, c.Albums[500].Released,
		c.Tracks[9000].ID, c.Tracks[9000].Name, c.Playlists[299].ID, c.Playlists[299].Name,
		c.Tracks[c.Ordered(KindTrack, AllTimePlayCount)[0]].ID,
	}
	want := []string{
		"music.D3F72398-0200-11DB-89CA-0019B92A3933", "Fenpel Wenuqua", "Gapel Harbour", "1986-07-24T00:00:00Z",
		"music.E2774854-0100-11DB-89CA-0019B92A3933", "Stennor Satellite",
		"music.playlist.2628d303-0e99-00fe-01bc-a5b17cb739ec", "Galo Fires Extended",
		"music.FA1C0FC6-0100-11DB-89CA-0019B92A3933",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seed 1 (-want +got):\n%s", diff)
	}
}

func TestNewIsLargeEnough(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		c := mustNew(t, seed, Full())
		for k, least := range map[Kind]int{KindArtist: 200, KindAlbum: 1000, KindTrack: 10_000, KindPlaylist: 200} {
			if got := c.Len(k); got < least {
				t.Errorf("seed %d: %d %v, want %d or more", seed, got, k, least)
			}
		}
		for _, a := range c.Artists[:10] {
			if len(a.Albums) < 20 || len(a.Tracks) < 100 {
				t.Errorf("seed %d: %s has %d albums and %d tracks, want 20 and 100", seed, a.Name, len(a.Albums), len(a.Tracks))
			}
		}
	}
}

func TestNewIsConsistent(t *testing.T) {
	t.Parallel()
	for _, scale := range []Scale{{Artists: 10, ListedAlbums: 1, Albums: 1, Tracks: 3, Playlists: 1}, Full()} {
		c := mustNew(t, 0, scale)
		want := c.Len(KindArtist) + 2*c.Len(KindAlbum) + 2*c.Len(KindTrack) + c.Len(KindPlaylist)
		if got := len(c.byID); got != want {
			t.Errorf("%+v: %d different ids, want %d", scale, got, want)
		}
		for at, a := range c.Albums {
			seconds := 0
			for i, n := range a.Tracks {
				if c.Tracks[n].Album != at || c.Tracks[n].Number != i+1 {
					t.Fatalf("track %d of album %d says it is %d of %d", i+1, at, c.Tracks[n].Number, c.Tracks[n].Album)
				}
				seconds += c.Tracks[n].Seconds
			}
			if seconds != a.Seconds || len(a.Tracks) == 0 {
				t.Fatalf("album %d: its %d tracks last %d s, it says %d", at, len(a.Tracks), seconds, a.Seconds)
			}
		}
	}
}

// TestCategoriesHoldEnoughPlaylists counts those of moods, activities and
// editorial genres.
func TestCategoriesHoldEnoughPlaylists(t *testing.T) {
	t.Parallel()
	c := mustNew(t, 0, Full())
	count := func(in func(int) bool) int {
		n := 0
		for i := range c.Playlists {
			if in(i) {
				n++
			}
		}
		return n
	}
	for _, m := range c.Moods {
		if n := count(func(i int) bool { return c.InMood(i, strings.ToUpper(m.ID)) }); n < 50 {
			t.Errorf("mood %s has %d playlists, want 50 or more", m.ID, n)
		}
	}
	for _, a := range c.Activities {
		if n := count(func(i int) bool { return c.InActivity(i, a.ID) }); n < 50 {
			t.Errorf("activity %s has %d playlists, want 50 or more", a.ID, n)
		}
	}
	for _, g := range c.Genres {
		n := count(func(i int) bool { return c.InGenre(Ref{KindPlaylist, i}, g.Name) })
		if g.Editorial != (n > 0) {
			t.Errorf("genre %s is editorial: %t, and has %d playlists", g.Name, g.Editorial, n)
		}
	}
	for _, p := range c.Playlists {
		if p.Moods[0] == p.Moods[1] || p.Activities[0] == p.Activities[1] {
			t.Errorf("%s is in %v and %v, want different ones", p.ID, p.Moods, p.Activities)
		}
	}
}

// TestOnlyListedNamesAreKnown holds that all other names are made of the words
// of known.json.
func TestOnlyListedNamesAreKnown(t *testing.T) {
	t.Parallel()
	c := mustNew(t, 0, Full())
	listed := []string{
		"Daft Punk", "Avicii", "Katy Perry", "Foo Fighters", "Madonna", "Muse", "Eminem",
		"Gesaffelstein", "Boris Brejcha", "Britney Spears",
	}
	for i, name := range listed {
		if c.Artists[i].Name != name {
			t.Errorf("artist %d is %s, want %s", i, c.Artists[i].Name, name)
		}
	}
	k, err := readKnown()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range c.Artists[len(listed):] {
		for word := range strings.FieldsSeq(strings.ToLower(a.Name)) {
			if rest := strings.NewReplacer(replaced(k.Syllables)...).Replace(word); strings.Trim(rest, ".") != "" {
				t.Errorf("artist %s holds %q, want invented words", a.Name, word)
			}
		}
	}
}

// replaced are pairs for a Replacer that turns words into dots, the longest
// first.
func replaced(words []string) []string {
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, w := range words {
		pairs = append(pairs, w, ".")
	}
	return pairs
}

func TestOrders(t *testing.T) {
	t.Parallel()
	c := mustNew(t, 3, Full())
	for k := range Kind(KindCount) {
		for _, o := range []Order{MostPopular, AllTimePlayCount, ReleaseDate} {
			places := c.Ordered(k, o)
			if sorted := slices.Sorted(slices.Values(places)); len(sorted) != c.Len(k) || sorted[0] != 0 || sorted[len(sorted)-1] != c.Len(k)-1 {
				t.Errorf("%v in order %d: want each place once", k, o)
			}
			for i := 1; i < len(places); i++ {
				a, b := Ref{k, places[i-1]}, Ref{k, places[i]}
				if o == AllTimePlayCount && c.Head(a).plays < c.Head(b).plays || o == ReleaseDate && c.Released(a) < c.Released(b) {
					t.Fatalf("%v in order %d: %d comes before %d", k, o, a.At, b.At)
				}
			}
		}
	}
}

func TestCodesOfItems(t *testing.T) {
	t.Parallel()
	if got := isrc(123); got != "ZZSTD1700123" {
		t.Errorf("isrc(123) is %s", got)
	}
	// The check digit of a UPC-A: three times the odd places and the even ones
	// once, up to the next ten.
	if got := icpn(7); got != "200000000073" {
		t.Errorf("icpn(7) is %s, want 200000000073", got)
	}
	c := mustNew(t, 0, Full())
	for id, want := range map[string]string{
		"MUSIC.ICPN.886443927087":       "music.B13EB907-0100-11DB-89CA-0019B92A3933",
		"music.icpn." + icpn(77):        c.Albums[77].ID,
		"music.isrc.zzstd1700123":       c.Tracks[123].ID,
		"music.isrc.GBDJQ8800006":       c.Tracks[c.Albums[1].Tracks[0]].ID,
		strings.ToUpper(c.Tracks[9].ID): c.Tracks[9].ID,
	} {
		if r, ok := c.Find(id); !ok || c.Head(r).ID != want {
			t.Errorf("Find(%s) is %v, %t, want %s", id, r, ok, want)
		}
	}
	if _, ok := c.FindKind(KindAlbum, c.Tracks[9].ID); ok {
		t.Error("a track was found as an album")
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept := mustNew(b, 0, Full())
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB-kept")
	for b.Loop() {
		mustNew(b, 0, Full())
	}
	runtime.KeepAlive(kept)
}
