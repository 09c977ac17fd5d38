package standin

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// Tracks that the tests put into playlists, by the letters they are known by.
var letters = map[string]string{
	"a": getLucky,
	"b": "music.9941BE07-0100-11DB-89CA-0019B92A3933",
	"c": "music.3770F306-0100-11DB-89CA-0019B92A3933",
	"d": "music.873FB507-0100-11DB-89CA-0019B92A3933",
}

// list is a playlist under test: its id, and its tracks' ids by letter.
type list struct {
	s     *Standin
	id    string
	track map[string]string
}

// newList makes a playlist of the tracks that the letters name.
func newList(t *testing.T, s *Standin, names string) list {
	t.Helper()
	l := list{s, "", make(map[string]string)}
	var actions []string
	for name := range strings.SplitSeq(names, "") {
		actions = append(actions, `{"Id":"`+letters[name]+`","Action":"Add"}`)
	}
	var made datacontract.PlaylistActionResponse
	decodeStrictly(t, s.play(UserTokenFree, createPath, `{"Name":"x","TrackActions":[`+strings.Join(actions, ",")+`]}`), &made)
	l.id = made.PlaylistActionResult.ID
	for i, name := range strings.Split(names, "") {
		l.track[name] = made.PlaylistActionResult.TrackActionResults[i].ID
	}
	return l
}

// order returns the letters of the tracks as they stand now.
func (l list) order(t *testing.T) string {
	t.Helper()
	var order strings.Builder
	for _, track := range l.s.play(UserTokenFree, "/1/content/"+l.id+"/lookup", "").content(t).Playlists.Items[0].Tracks.Items {
		for name, id := range l.track {
			if id == track.ID {
				order.WriteString(name)
			}
		}
	}
	return order.String()
}

// update sends an action whose {id} and {x} are the playlist's and a track's.
func (l list) update(body string) reply {
	pairs := []string{"{id}", l.id}
	for name, id := range l.track {
		pairs = append(pairs, "{"+name+"}", id)
	}
	return l.s.play(UserTokenFree, updatePath, strings.NewReplacer(pairs...).Replace(body))
}

func move(before string, names ...string) string {
	var actions []string
	for _, name := range names {
		actions = append(actions, `{"Id":"{`+name+`}","Action":"Move"}`)
	}
	if before != "" {
		before = `"InsertBeforeTrackId":"{` + before + `}",`
	}
	return `{"Id":"{id}",` + before + `"TrackActions":[` + strings.Join(actions, ",") + `]}`
}

func TestReorder(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for body, want := range map[string]string{
		move("a", "d"):                "dabc",
		move("a", "d", "c"):           "dcab",
		move("", "a"):                 "bcda",
		move("", "b", "a"):            "cdba",
		move("d", "a"):                "bcad",
		move("b", "a"):                "abcd",
		move("", "d", "c", "b", "a"):  "dcba",
		strings.ToLower(move("", "")): "abcd",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			l := newList(t, s, "abcd")
			r := l.update(body)
			if got := l.order(t); got != want {
				t.Errorf("%s: got %d %s and %s, want %s", body, r.status, r.body, got, want)
			}
		})
	}
}

func TestReorderRefused(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, body := range map[string]string{
		"an unknown track":      strings.Replace(move("a", "b"), "{b}", unknownID, 1),
		"before itself":         move("a", "a"),
		"a track twice":         move("a", "b", "b"),
		"before an unknown one": strings.Replace(move("a", "b"), "{a}", getLucky, 1),
		"with an Add":           `{"Id":"{id}","TrackActions":[{"Id":"{a}","Action":"Move"},{"Id":"` + getLucky + `","Action":"Add"}]}`,
		"with a name":           `{"Id":"{id}","Name":"y","TrackActions":[{"Id":"{a}","Action":"Move"}]}`,
		"without a Move":        `{"Id":"{id}","InsertBeforeTrackId":"{a}","Name":"y"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newList(t, s, "abcd")
			expectError(t, l.update(body), groove.CodeCollectionInvalidPlaylistReorder)
			if got := l.order(t); got != "abcd" {
				t.Errorf("the order is %s, want it unchanged", got)
			}
		})
	}
}

func TestUpdateAndDelete(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{MaxPlaylistTracks: 4})
	l := newList(t, s, "abc")
	var got datacontract.PlaylistActionResponse
	decodeStrictly(t, l.update(`{"Id":"{id}","Name":"é","IsPublished":true,"TrackActions":[{"Id":"{b}","Action":"Delete"},{"Id":"`+discovery+`","Action":"Add"},{"Id":"x","Action":"Play"}]}`), &got)
	codes := []string{}
	for _, r := range got.PlaylistActionResult.TrackActionResults {
		if r.Error != nil {
			codes = append(codes, r.Error.ErrorCode)
		}
	}
	if want := []string{string(groove.CodeCollectionInvalidID), string(groove.CodeCollectionInvalidOperation)}; !slices.Equal(codes, want) {
		t.Errorf("codes are %v, want %v", codes, want)
	}
	if p := got.PlaylistActionResult; p.ID != l.id || p.Name != "é" || !p.IsPublished || l.order(t) != "ac" {
		t.Errorf("the playlist is %+v with %s, want é, published, with ac", p, l.order(t))
	}
	// Everybody can read it now, and nobody else can change it.
	other := s.play(UserTokenSubscriber, "/1/content/"+l.id+"/lookup", "").content(t).Playlists.Items[0]
	if other.UserIsOwner || !other.IsReadOnly || len(other.Tracks.Items) != 2 {
		t.Errorf("to another user the playlist is %+v", other)
	}
	expectError(t, s.play(UserTokenSubscriber, deleteListPath, `{"Id":"`+l.id+`"}`), groove.CodeCollectionInvalidID)
	expectError(t, l.update(`{"Id":"{id}"}`), groove.CodeCollectionInvalidPlaylistInfo)
	expectError(t, l.update(`{"Name":"y"}`), groove.CodeCollectionInvalidPlaylistInfo)
	expectError(t, l.update(`{"Id":"{id}","Name":""}`), groove.CodeCollectionInvalidPlaylistInfo)
	expectError(t, l.update(`{"Id":"{id}","Name":"`+strings.Repeat("é", 257)+`"}`), groove.CodeInvalidInputParameter)
	expectError(t, l.update(`{"Id":"`+sharedList+`","Name":"y"}`), groove.CodeCollectionInvalidID)
	add := `{"Id":"` + getLucky + `","Action":"Add"}`
	expectError(t, l.update(`{"Id":"{id}","TrackActions":[`+add+`,`+add+`,`+add+`]}`), groove.CodeCollectionSomeOperationsFailed)
	expectError(t, l.update(`{"Id":"{id}","TrackActions":[`+add+`]}`), groove.CodeCollectionPlaylistFull)
	if r := s.play(UserTokenFree, deleteListPath, `{"Id":"`+strings.ToUpper(l.id)+`"}`); r.status != http.StatusOK {
		t.Errorf("delete: got %d %s", r.status, r.body)
	}
	expectError(t, s.play(UserTokenFree, deleteListPath, `{"Id":"`+l.id+`"}`), groove.CodeCollectionInvalidID)
	if writes := s.State().Users["free"].Writes; writes[groove.PlaylistsUpdate] != 2 || writes[groove.PlaylistsDelete] != 1 {
		t.Errorf("writes are %v, want 2 updates and 1 deletion", writes)
	}
}

// TestStateTokens holds that a write that was meant for another version of the
// collection is refused, and changes nothing.
func TestStateTokens(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	l := newList(t, s, "ab")
	token := s.play(UserTokenFree, "/1/content/"+l.id+"/lookup", "").content(t).Playlists.Items[0].CollectionStateToken
	with := func(token, rest string) string {
		return `{"CollectionStateToken":"` + token + `","Id":"{id}"` + rest + `}`
	}
	if r := l.update(with(token, `,"Name":"one"`)); r.status != http.StatusOK {
		t.Errorf("with the token of now: got %d %s", r.status, r.body)
	}
	expectError(t, l.update(with(token, `,"Name":"two"`)), groove.CodeCollectionConcurrentUpdate)
	expectError(t, l.update(with("3.0", `,"TrackActions":[{"Id":"{a}","Action":"Move"}]`)), groove.CodeCollectionConcurrentUpdate)
	expectError(t, s.play(UserTokenFree, deleteListPath, strings.Replace(with(token, ""), "{id}", l.id, 1)), groove.CodeCollectionConcurrentUpdate)
	expectError(t, s.play(UserTokenFree, createPath, `{"CollectionStateToken":"`+token+`","Name":"new"}`), groove.CodeCollectionConcurrentUpdate)
	if got := s.State().Users["free"].Playlists; len(got) != 1 || got[0].Name != "one" {
		t.Errorf("the playlists are %v, want one, called one", got)
	}
}

func TestDeleteTracks(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	var added datacontract.TrackActionResponse
	decodeStrictly(t, s.play(UserTokenFree, addPath, addBody(getLucky, getLucky, letters["b"])), &added)
	ids := added.TrackActionResults
	// An id of the catalogue, one of another user and one that was used are not
	// those of a track in the collection.
	expectError(t, s.play(UserTokenFree, deletePath, addBody(getLucky)), groove.CodeCollectionSomeOperationsFailed)
	expectError(t, s.play(UserTokenSubscriber, deletePath, addBody(ids[0].ID)), groove.CodeCollectionSomeOperationsFailed)
	if r := s.play(UserTokenFree, deletePath, addBody(strings.ToLower(ids[1].ID))); r.code() != "" {
		t.Errorf("got %d %s, want the track deleted", r.status, r.body)
	}
	expectError(t, s.play(UserTokenFree, deletePath, addBody(ids[1].ID)), groove.CodeCollectionSomeOperationsFailed)
	got := s.State().Users["free"]
	if got.Tracks[getLucky] != 1 || got.Writes[groove.CollectionDelete] != 1 {
		t.Errorf("the state is %+v, want Get Lucky once and one deletion", got)
	}
	s.play(UserTokenFree, deletePath, addBody(ids[0].ID))
	expectError(t, s.play(UserTokenFree, "/1/content/"+accessMem+"/lookup?source=collection", ""), groove.CodeCollectionNoResult)
	if r := s.play(UserTokenFree, "/1/content/music/collection/albums/browse", "").content(t); r.Albums.TotalItemCount != 1 {
		t.Errorf("%d albums are left, want 1", r.Albums.TotalItemCount)
	}
	hundred := slices.Repeat([]string{ids[2].ID}, 101)
	expectError(t, s.play(UserTokenFree, deletePath, addBody(hundred...)), groove.CodeCollectionInvalidOperation)
	expectError(t, s.play(UserTokenFree, deletePath, "{}"), groove.CodeMissingInputParameter)
}

// TestIDsLeadBack holds that whatever a playlist shows can be looked up under
// the id it is shown with: to the owner, though nothing of it is in the
// collection, and to another user, who has a playlist of the same making.
func TestIDsLeadBack(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	create := func(user, track string) string {
		var made datacontract.PlaylistActionResponse
		decodeStrictly(t, s.play(user, createPath, `{"Name":"x","IsPublished":true,"TrackActions":[{"Id":"`+track+`","Action":"Add"}]}`), &made)
		return made.PlaylistActionResult.ID
	}
	id := create(UserTokenFree, getLucky)
	create(UserTokenSubscriber, letters["b"])
	for _, user := range []string{UserTokenFree, UserTokenSubscriber} {
		listed := s.play(user, "/1/content/"+id+"/lookup", "").content(t).Playlists.Items[0].Tracks.Items[0]
		found := s.play(user, "/1/content/"+listed.ID+"/lookup", "").content(t)
		if found.Tracks == nil || found.Tracks.Items[0].Name != "Get Lucky" || found.Tracks.Items[0].ID != listed.ID {
			t.Errorf("%s: %s leads to %+v, want Get Lucky", user, listed.ID, found.Tracks)
		}
		if r := s.play(user, "/1/content/"+listed.Album.ID+"/lookup", ""); r.status != http.StatusOK || r.content(t).Albums.Items[0].Name != listed.Album.Name {
			t.Errorf("%s: the album leads to %d %.200s, want %s", user, r.status, r.body, listed.Album.Name)
		}
		if r := s.play(user, "/1/content/"+listed.Artists[0].Artist.ID+"/lookup", ""); r.status != http.StatusOK || r.content(t).Artists.Items[0].Name != "Daft Punk" {
			t.Errorf("%s: the artist leads to %d %.200s, want Daft Punk", user, r.status, r.body)
		}
	}
}
