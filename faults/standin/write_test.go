package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

const (
	addPath    = "/1/content/music/collection/add"
	createPath = "/1/content/music/collection/playlists/create"
)

func addBody(ids ...string) string {
	return `{"TrackIds":["` + strings.Join(ids, `","`) + `"]}`
}

// create makes a playlist and returns its id.
func (s *Standin) create(t *testing.T, token, body string) string {
	t.Helper()
	var got datacontract.PlaylistActionResponse
	decodeStrictly(t, s.play(token, createPath, body), &got)
	return got.PlaylistActionResult.ID
}

func TestAddIsAppliedEachTime(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	var ids []string
	for range 2 {
		var got datacontract.TrackActionResponse
		decodeStrictly(t, s.play(UserTokenFree, addPath, addBody(strings.ToLower(getLucky))), &got)
		if got.Error != nil || got.TrackActionResults[0].InputID != strings.ToLower(getLucky) {
			t.Errorf("got %+v, want the id as it was sent and no error", got)
		}
		ids = append(ids, got.TrackActionResults[0].ID)
	}
	if ids[0] == ids[1] || !strings.HasPrefix(ids[0], "music.") {
		t.Errorf("ids in the collection are %q, want two different ones", ids)
	}
	want := State{Users: map[string]UserState{"free": {
		Tracks:    map[string]int{getLucky: 2},
		Playlists: []PlaylistState{},
		Writes:    map[string]int{groove.CollectionAdd: 2},
	}}}
	if diff := cmp.Diff(want, s.State()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestAddFailsInPart(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	r := s.play(UserTokenFree, addPath, addBody(unknownID, getLucky, accessMem))
	expectError(t, r, groove.CodeCollectionSomeOperationsFailed)
	var got datacontract.TrackActionResponse
	decodeStrictly(t, r, &got)
	var codes []string
	for _, result := range got.TrackActionResults {
		code := ""
		if result.Error != nil {
			code = result.Error.ErrorCode
		}
		codes = append(codes, code)
	}
	want := []string{string(groove.CodeCollectionInvalidID), "", string(groove.CodeCollectionInvalidID)}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("codes of the items (-want +got):\n%s", diff)
	}
	if got := s.State().Users["free"].Tracks; len(got) != 1 {
		t.Errorf("the user has %v, want one track", got)
	}
	expectError(t, s.play(UserTokenFree, addPath, addBody(unknownID)), groove.CodeCollectionSomeOperationsFailed)
	if got := s.State().Users["free"].Writes[groove.CollectionAdd]; got != 1 {
		t.Errorf("writes are %d, want 1: the second changed nothing", got)
	}
}

func TestWritesRefused(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	hundred := strings.Split(strings.Repeat(getLucky+",", 101), ",")[:101]
	actions := strings.TrimSuffix(strings.Repeat(`{"Id":"`+getLucky+`","Action":"Add"},`, 101), ",")
	for name, c := range map[string]struct {
		path, body string
		want       groove.ErrorCode
	}{
		"add: no JSON":                {addPath, "x", groove.CodeInvalidInputParameter},
		"add: cut JSON":               {addPath, `{"TrackIds":["`, groove.CodeInvalidInputParameter},
		"add: two values":             {addPath, addBody(getLucky) + "{}", groove.CodeInvalidInputParameter},
		"add: an array":               {addPath, "[]", groove.CodeInvalidInputParameter},
		"add: wrong type":             {addPath, `{"TrackIds":"x"}`, groove.CodeInvalidInputParameter},
		"add: null":                   {addPath, "null", groove.CodeMissingInputParameter},
		"add: no ids":                 {addPath, "{}", groove.CodeMissingInputParameter},
		"add: empty ids":              {addPath, `{"TrackIds":[]}`, groove.CodeMissingInputParameter},
		"add: 101 ids":                {addPath, addBody(hundred...), groove.CodeCollectionInvalidOperation},
		"add: over 1 MB":              {addPath, `{"TrackIds":["` + strings.Repeat("x", maxBody) + `"]}`, groove.CodeInvalidInputParameter},
		"add: deep nesting":           {addPath, strings.Repeat("[", 100_000), groove.CodeInvalidInputParameter},
		"create: no name":             {createPath, `{"IsPublished":true}`, groove.CodeCollectionInvalidPlaylistInfo},
		"create: empty name":          {createPath, `{"Name":""}`, groove.CodeCollectionInvalidPlaylistInfo},
		"create: 257 characters":      {createPath, `{"Name":"` + strings.Repeat("é", 257) + `"}`, groove.CodeInvalidInputParameter},
		"create: 101 tracks":          {createPath, `{"Name":"x","TrackActions":[` + actions + `]}`, groove.CodeCollectionInvalidOperation},
		"create: published is text":   {createPath, `{"Name":"x","IsPublished":"yes"}`, groove.CodeInvalidInputParameter},
		"create: actions are no list": {createPath, `{"Name":"x","TrackActions":{}}`, groove.CodeInvalidInputParameter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectError(t, s.play(UserTokenFree+"-refused", c.path, c.body), c.want)
		})
	}
	t.Cleanup(func() {
		if got := s.State().Users; len(got) != 0 {
			t.Errorf("state after refused writes is %v, want nobody", got)
		}
	})
}

func TestEmptyBody(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	r := httptest.NewRequest(http.MethodPost, addPath, nil)
	r.Header.Set("Authorization", "Bearer "+UserTokenFree)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	expectError(t, reply{w.Code, w.Header(), w.Body.Bytes()}, groove.CodeMissingInputParameter)
	expectError(t, s.play(UserTokenFree, addPath, " "), groove.CodeInvalidInputParameter)
}

func TestCreateIsAppliedEachTime(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	const body = `{"Name":"Late","IsPublished":true,"TrackActions":[{"Id":"` + getLucky + `","Action":"add"}]}`
	first, second := s.create(t, UserTokenSubscriber, body), s.create(t, UserTokenSubscriber, body)
	if first == second {
		t.Fatalf("two playlists have the id %s", first)
	}
	want := UserState{
		Tracks:    map[string]int{},
		Playlists: []PlaylistState{{first, "Late", []string{getLucky}}, {second, "Late", []string{getLucky}}},
		Writes:    map[string]int{groove.PlaylistsCreate: 2},
	}
	if diff := cmp.Diff(want, s.State().Users["subscriber"]); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if again := newStandin(t, Options{}).create(t, UserTokenSubscriber, body); again != first {
		t.Errorf("a second run made the id %s, the first %s: want the same", again, first)
	}
}

func TestCreateFailsInPart(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{MaxPlaylistTracks: 1})
	r := s.play(UserTokenFree, createPath, `{"Name":"`+strings.Repeat("é", 256)+`","TrackActions":[
		{"Id":"`+unknownID+`","Action":"Add"},{"Id":"`+getLucky+`","Action":"Delete"},
		{"Id":"`+getLucky+`","Action":"Add"},{"Id":"`+getLucky+`","Action":"Add"}]}`)
	expectError(t, r, groove.CodeCollectionSomeOperationsFailed)
	var got datacontract.PlaylistActionResponse
	decodeStrictly(t, r, &got)
	var codes []string
	for _, result := range got.PlaylistActionResult.TrackActionResults {
		if result.Error != nil {
			codes = append(codes, result.Error.ErrorCode)
		}
	}
	want := []string{string(groove.CodeCollectionInvalidID), string(groove.CodeCollectionInvalidOperation), string(groove.CodeCollectionPlaylistFull)}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestLimitsOfACollection(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{MaxTracks: 2, MaxPlaylists: 1, MaxUsers: 1})
	r := s.play(UserTokenFree, addPath, addBody(getLucky, getLucky, getLucky))
	expectError(t, r, groove.CodeCollectionSomeOperationsFailed)
	if n := strings.Count(string(r.body), string(groove.CodeCollectionFull)); n != 1 {
		t.Errorf("%d items were refused as over the limit, want 1: %s", n, r.body)
	}
	expectError(t, s.play(UserTokenFree, addPath, addBody(getLucky)), groove.CodeCollectionFull)
	s.create(t, UserTokenFree, `{"Name":"x"}`)
	expectError(t, s.play(UserTokenFree, createPath, `{"Name":"x"}`), groove.CodeCollectionFull)
	expectError(t, s.play(UserTokenSubscriber, addPath, addBody(getLucky)), groove.CodeCollectionFull)
}

func TestProfile(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	profile := func(token, query string) (got datacontract.UserProfileResponse) {
		decodeStrictly(t, s.play(token, "/1/user/music/profile"+query, ""), &got)
		return got
	}
	s.play(UserTokenSubscriber, addPath, addBody(getLucky, getLucky, discovery))
	s.create(t, UserTokenSubscriber, `{"Name":"x"}`)

	got := profile(UserTokenSubscriber, "?country=fr&language=EN")
	want := &datacontract.CollectionState{PlaylistCount: 1, RemainingPlaylistCount: 99, RemainingTrackCount: 49_998, Token: "3.0.1.1.7.7.7", TrackCount: 2}
	if diff := cmp.Diff(want, got.Collection); diff != "" {
		t.Errorf("collection (-want +got):\n%s", diff)
	}
	if !*got.HasSubscription || got.Subscription.Region != "FR" || got.Culture != "en-FR" {
		t.Errorf("got %+v, want a subscription in France, in English", got)
	}
	if got := profile(UserTokenFree, ""); *got.HasSubscription || got.Subscription != nil || got.Collection.TrackCount != 0 || got.Culture != "en-US" {
		t.Errorf("free user: got %+v, want no subscription and nothing collected", got)
	}
	if got := profile(ApplicationToken, "?country=tr"); got.HasSubscription != nil || got.Collection != nil || got.Culture != "tr-TR" {
		t.Errorf("country alone: got %+v, want no user", got)
	}
}

// TestParallelWrites holds that no write is lost or counted twice.
func TestParallelWrites(t *testing.T) {
	t.Parallel()
	const writes = 1000
	s := newStandin(t, Options{MaxPlaylists: writes})
	var wg sync.WaitGroup
	statuses := make([]int, writes)
	ids := make([]string, writes)
	for i := range writes {
		wg.Go(func() {
			user := fmt.Sprintf("%s-%d", UserTokenFree, i%2)
			added := s.play(user, addPath, addBody(getLucky))
			made := s.play(user, createPath, `{"Name":"x","TrackActions":[{"Id":"`+getLucky+`","Action":"Add"}]}`)
			statuses[i] = max(added.status, made.status)
			var got datacontract.PlaylistActionResponse
			if json.Unmarshal(made.body, &got) == nil {
				ids[i] = got.PlaylistActionResult.ID
			}
			found := s.play(user, searchPath+"q=lucky&source=collection&maxItems=1", "")
			statuses[i] = max(statuses[i], found.status)
			s.State()
		})
	}
	wg.Wait()
	if worst := slices.Max(statuses); worst != http.StatusOK {
		t.Fatalf("a request answered %d", worst)
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != writes {
		t.Errorf("%d different playlist ids, want %d", n, writes)
	}
	for _, name := range []string{"free-0", "free-1"} {
		u := s.State().Users[name]
		got := []int{u.Tracks[getLucky], len(u.Playlists), u.Writes[groove.CollectionAdd], u.Writes[groove.PlaylistsCreate]}
		if diff := cmp.Diff([]int{writes / 2, writes / 2, writes / 2, writes / 2}, got); diff != "" {
			t.Errorf("%s: tracks, playlists, adds, creates (-want +got):\n%s", name, diff)
		}
	}
}

// TestParallelUpdates holds that no update is lost, and that of those that were
// meant for the same version of the collection exactly one is done.
func TestParallelUpdates(t *testing.T) {
	t.Parallel()
	const writes = 1000
	s := newStandin(t, Options{})
	id := s.create(t, UserTokenFree, `{"Name":"x"}`)
	tracked := s.create(t, UserTokenSubscriber, `{"Name":"x"}`)
	token := s.play(UserTokenSubscriber, "/1/content/"+tracked+"/lookup", "").content(t).Playlists.Items[0].CollectionStateToken
	var wg sync.WaitGroup
	var done, refused atomic.Int64
	ids := make([]string, writes)
	for i := range writes {
		wg.Go(func() {
			var got datacontract.PlaylistActionResponse
			added := s.play(UserTokenFree, updatePath, `{"Id":"`+id+`","TrackActions":[{"Id":"`+getLucky+`","Action":"Add"}]}`)
			if json.Unmarshal(added.body, &got) == nil && added.code() == "" {
				ids[i] = got.PlaylistActionResult.TrackActionResults[0].ID
			}
			switch r := s.play(UserTokenSubscriber, updatePath, `{"CollectionStateToken":"`+token+`","Id":"`+tracked+`","Name":"y"}`); r.code() {
			case "":
				done.Add(1)
			case string(groove.CodeCollectionConcurrentUpdate):
				refused.Add(1)
			}
			s.play(UserTokenFree, "/1/content/"+id+"/lookup", "")
		})
	}
	wg.Wait()
	slices.Sort(ids)
	state := s.State().Users["free"]
	got := []int{len(slices.Compact(ids)), len(state.Playlists[0].Tracks), state.Writes[groove.PlaylistsUpdate]}
	if diff := cmp.Diff([]int{writes, writes, writes}, got); diff != "" {
		t.Errorf("different ids, tracks, updates (-want +got):\n%s", diff)
	}
	if done.Load() != 1 || refused.Load() != writes-1 {
		t.Errorf("of the updates of one version %d were done and %d refused, want 1 and %d", done.Load(), refused.Load(), writes-1)
	}
}

// TestParallelDeletes holds that each track goes once.
func TestParallelDeletes(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	var ids []string
	for range 10 {
		var added datacontract.TrackActionResponse
		decodeStrictly(t, s.play(UserTokenFree, addPath, addBody(slices.Repeat([]string{getLucky}, 100)...)), &added)
		for _, r := range added.TrackActionResults {
			ids = append(ids, r.ID)
		}
	}
	var wg sync.WaitGroup
	var gone atomic.Int64
	for _, id := range append(ids, ids...) {
		wg.Go(func() {
			if s.play(UserTokenFree, deletePath, addBody(id)).code() == "" {
				gone.Add(1)
			}
		})
	}
	wg.Wait()
	got := s.State().Users["free"]
	if gone.Load() != 1000 || len(got.Tracks) != 0 || got.Writes[groove.CollectionDelete] != 1000 {
		t.Errorf("%d deletions were told of, %d counted, %v is left; want 1000, 1000 and nothing", gone.Load(), got.Writes[groove.CollectionDelete], got.Tracks)
	}
}
