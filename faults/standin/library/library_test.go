package library

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

func newLibrary(t *testing.T) (*Library, *catalog.Catalog) {
	t.Helper()
	all, err := catalog.New(0, catalog.Scale{Artists: 12, ListedAlbums: 2, Albums: 2, Tracks: 4, Playlists: 1})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{MaxTracks: 20, MaxPlaylists: 3, MaxPlaylistTracks: 5, MaxUsers: 2}, all), all
}

// TestLibraryAgreesWithAModel plays random writes against the library and a
// plain list of what should be in a collection.
func TestLibraryAgreesWithAModel(t *testing.T) {
	t.Parallel()
	l, all := newLibrary(t)
	rapid.Check(t, func(t *rapid.T) {
		l.Reset("")
		type owned struct {
			id    string
			track int
		}
		var model []owned
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				at := rapid.IntRange(0, len(all.Tracks)-1).Draw(t, "track")
				results, p := l.Add("u", []string{strings.ToLower(all.Tracks[at].ID)})
				if full := len(model) == 20; full != (p != nil) {
					t.Fatalf("with %d tracks: %v", len(model), p)
				}
				if p == nil {
					model = append(model, owned{results[0].ID, at})
				}
			},
			"delete": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip("there is nothing")
				}
				i := rapid.IntRange(0, len(model)-1).Draw(t, "place")
				results, p := l.Delete("u", []string{model[i].id})
				if p != nil || results[0].Problem != nil {
					t.Fatalf("delete: %v, %+v", p, results)
				}
				model = slices.Delete(model, i, i+1)
			},
			"": func(t *rapid.T) {
				l.Read("u", func(u *User) {
					if len(u.Tracks()) != len(model) || u.State().TrackCount != len(model) {
						t.Fatalf("there are %d tracks, want %d", len(u.Tracks()), len(model))
					}
					counts := make(map[catalog.Ref]int)
					for i, e := range u.Tracks() {
						if u.EntryID(e) != model[i].id || e.Track != model[i].track {
							t.Fatalf("track %d is %d, want %d", i, e.Track, model[i].track)
						}
						if r, found, ok := u.Item(strings.ToLower(model[i].id)); !ok || r.At != e.Track || found != e {
							t.Fatalf("track %d is not found by its id", i)
						}
						counts[catalog.Ref{Kind: catalog.KindAlbum, At: all.Tracks[e.Track].Album}]++
						counts[catalog.Ref{Kind: catalog.KindArtist, At: all.ArtistOf(catalog.Ref{Kind: catalog.KindTrack, At: e.Track})}]++
					}
					for r, n := range counts {
						if _, _, ok := u.Item(u.ItemID(r)); u.Times(r) != n || len(u.Of(r)) != n || !ok {
							t.Fatalf("%v is there %d and %d times, want %d", r, u.Times(r), len(u.Of(r)), n)
						}
					}
					if u.Owned(catalog.KindAlbum).Count()+u.Owned(catalog.KindArtist).Count() != len(counts) {
						t.Fatalf("more albums or artists are owned than %d", len(counts))
					}
				})
			},
		})
	})
}

func TestUsersAreBounded(t *testing.T) {
	t.Parallel()
	l, all := newLibrary(t)
	id := []string{all.Tracks[0].ID}
	for _, name := range []string{"a", "b", "a"} {
		if _, p := l.Add(name, id); p != nil {
			t.Errorf("%s: %v", name, p)
		}
	}
	if _, p := l.Add("c", id); p == nil {
		t.Error("a third user owns something, want two")
	}
	if _, p := l.DeletePlaylist("c", &datacontract.PlaylistAction{ID: "music.playlist.x"}); p == nil {
		t.Error("a user who owns nothing deletes a playlist")
	}
	// Who was refused owns nothing, and takes no place.
	l.Reset("a")
	if _, p := l.DeletePlaylist("c", &datacontract.PlaylistAction{ID: "music.playlist.x"}); p == nil {
		t.Error("a user who owns nothing deletes a playlist")
	}
	if results, p := l.Add("e", []string{"music.x"}); p != nil || results[0].Problem == nil {
		t.Errorf("an unknown track is added: %v", p)
	}
	l.ReadAll(func(u *User) {
		if u.Name != "b" {
			t.Errorf("%s is there, who owns nothing and wrote nothing", u.Name)
		}
	})
	if _, p := l.Add("d", id); p != nil {
		t.Errorf("after a reset there is no place: %v", p)
	}
}

// TestOnlyItsOwnIDDeletesATrack holds that the ids of other things do not, even
// those with the number of a track in the collection.
func TestOnlyItsOwnIDDeletesATrack(t *testing.T) {
	t.Parallel()
	l, all := newLibrary(t)
	// Whatever is made for a user is numbered from 1: the first track has the
	// number of the second album and the second artist, whose track it is.
	first := all.Tracks[all.Albums[1].Tracks[0]].ID
	other := all.Tracks[all.Albums[all.Artists[1].Albums[0]].Tracks[0]].ID
	if _, p := l.Add("u", []string{first, other}); p != nil {
		t.Fatal(p)
	}
	name := "list"
	made, p := l.CreatePlaylist("u", &datacontract.PlaylistAction{Name: &name, TrackActions: []datacontract.TrackAction{{ID: first, Action: "Add"}}})
	if p != nil {
		t.Fatal(p)
	}
	ids := []string{made.Results[0].ID, made.ID, first}
	l.Read("u", func(u *User) {
		ids = append(ids, u.ItemID(catalog.Ref{Kind: catalog.KindAlbum, At: 1}), u.ItemID(catalog.Ref{Kind: catalog.KindArtist, At: 1}))
		for _, id := range ids[3:] {
			if _, _, ok := u.Item(id); !ok {
				t.Errorf("%s is not there", id)
			}
		}
	})
	results, p := l.Delete("u", ids)
	if p != nil {
		t.Fatal(p)
	}
	for _, r := range results {
		if r.Problem == nil || r.Problem.Code != groove.CodeCollectionInvalidID {
			t.Errorf("delete of %s gave %v, want that it is invalid", r.InputID, r.Problem)
		}
	}
	l.Read("u", func(u *User) {
		if len(u.Tracks()) != 2 || u.Writes()[groove.CollectionDelete] != 0 {
			t.Errorf("%d tracks are left after %v, want 2 and no deletion", len(u.Tracks()), u.Writes())
		}
	})
}
