package datacontract

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The generators draw values of all types with every member there and not
// there. Texts hold what needs escapes; ids, dates and words do not.
var (
	anyText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "R&B / Soul", "<b>", "\"\\\x00\n", "\u2028é\xff", "plain"}))
	plain   = rapid.StringMatching(`[A-Za-z0-9 .:/?=_-]{0,12}`)
	texts   = rapid.SliceOfN(anyText, 0, 3)
	count   = rapid.IntRange(0, 3)
)

func optional[T any](t *rapid.T, draw func(*rapid.T) T) *T {
	if rapid.Bool().Draw(t, "absent") {
		return nil
	}
	return new(draw(t))
}

func some[T any](t *rapid.T, draw func(*rapid.T) T) Items[T] {
	all := make(Items[T], count.Draw(t, "count"))
	for i := range all {
		all[i] = draw(t)
	}
	return all
}

func someList[T any](t *rapid.T, draw func(*rapid.T) T) *List[T] {
	return optional(t, func(t *rapid.T) List[T] {
		return List[T]{plain.Draw(t, "token"), some(t, draw), rapid.Int().Draw(t, "total")}
	})
}

func content(t *rapid.T) Content {
	c := Content{
		CompatibleSources: Sources(plain.Draw(t, "sources")), ID: "music." + plain.Draw(t, "id"), ImageURL: plain.Draw(t, "image"),
		Link: plain.Draw(t, "link"), Name: anyText.Draw(t, "name"), Source: "x" + plain.Draw(t, "source"),
	}
	for i := range count.Draw(t, "others") {
		c.OtherIDs = append(c.OtherIDs, OtherID{"music." + string(rune('a'+i)), "i" + plain.Draw(t, "other")})
	}
	return c
}

func flag(t *rapid.T) bool { return rapid.Bool().Draw(t, "flag") }

func artist(depth int) func(*rapid.T) Artist {
	return func(t *rapid.T) Artist {
		a := Artist{Content: content(t), Biography: anyText.Draw(t, "biography"), Genres: texts.Draw(t, "genres"), Subgenres: texts.Draw(t, "subgenres")}
		if depth > 0 {
			a.Albums, a.TopTracks = someList(t, album(depth-1)), someList(t, track(depth-1))
		}
		return a
	}
}

func container(t *rapid.T, depth int) TrackContainer {
	c := TrackContainer{
		Content: content(t), Duration: Duration(plain.Draw(t, "duration")),
		TrackCount: optional(t, func(t *rapid.T) int { return rapid.Int().Draw(t, "tracks") }),
	}
	if depth > 0 {
		c.Tracks = someList(t, track(depth-1))
	}
	return c
}

func album(depth int) func(*rapid.T) Album {
	return func(t *rapid.T) Album {
		return Album{
			TrackContainer: container(t, depth), AlbumType: plain.Draw(t, "type"), Artists: some(t, contributor),
			Genres: texts.Draw(t, "genres"), IsExplicit: optional(t, flag), LabelName: anyText.Draw(t, "label"),
			ReleaseDate: plain.Draw(t, "date"), Subgenres: texts.Draw(t, "subgenres"), Subtitle: anyText.Draw(t, "subtitle"),
		}
	}
}

func track(depth int) func(*rapid.T) Track {
	return func(t *rapid.T) Track {
		return Track{
			Content: content(t), Album: optional(t, album(depth-1)), Artists: some(t, contributor), Duration: Duration(plain.Draw(t, "duration")),
			Genres: texts.Draw(t, "genres"), IsExplicit: optional(t, flag), ReleaseDate: plain.Draw(t, "date"),
			Rights: texts.Draw(t, "rights"), Subgenres: texts.Draw(t, "subgenres"), Subtitle: anyText.Draw(t, "subtitle"),
			TrackNumber: count.Draw(t, "number"),
		}
	}
}

func contributor(t *rapid.T) Contributor {
	return Contributor{artist(0)(t), "r" + plain.Draw(t, "role")}
}

func playlist(t *rapid.T) Playlist {
	return Playlist{container(t, 1), anyText.Draw(t, "state"), anyText.Draw(t, "description"), flag(t), flag(t), flag(t)}
}

func category(t *rapid.T) Category {
	return Category{anyText.Draw(t, "description"), anyText.Draw(t, "id"), anyText.Draw(t, "image"), anyText.Draw(t, "name")}
}

func response(t *rapid.T) *ContentResponse {
	return &ContentResponse{
		Base: Base{optional(t, func(t *rapid.T) Error {
			return Error{anyText.Draw(t, "description"), anyText.Draw(t, "code"), anyText.Draw(t, "message")}
		})},
		Albums: someList(t, album(1)), Artists: someList(t, artist(1)),
		CatalogActivities: some(t, func(t *rapid.T) Activity { return Activity{category(t)} }),
		CatalogGenres:     some(t, func(t *rapid.T) Genre { return Genre{anyText.Draw(t, "name"), flag(t), anyText.Draw(t, "parent")} }),
		CatalogMoods:      some(t, func(t *rapid.T) Mood { return Mood{category(t)} }),
		Culture:           anyText.Draw(t, "culture"),
		Playlists:         someList(t, playlist),
		Radios:            someList(t, func(t *rapid.T) Radio { return Radio{content(t)} }),
		Results: someList(t, func(t *rapid.T) ContentItem {
			return ContentItem{optional(t, album(0)), optional(t, artist(0)), anyText.Draw(t, "type")}
		}),
		Tracks: someList(t, track(1)),
	}
}

// TestJSONIsThatOfThePackage compares what is written by hand with what
// encoding/json writes of the same types.
func TestJSONIsThatOfThePackage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		answer := response(t)
		got, err := AppendJSON([]byte("before "), answer)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(answer); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("before "+want.String(), string(got)+"\n"); diff != "" {
			t.Fatalf("(-encoding/json +ours):\n%s", diff)
		}
	})
}
