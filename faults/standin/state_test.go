package standin

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestStateOffTheDocumentedPaths(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	s.play(UserTokenFree+"-ann", addPath, addBody(getLucky))
	s.create(t, UserTokenFree+"-ann", `{"Name":"x"}`)
	s.tokens.issue()
	var got State
	decodeStrictly(t, s.play("", "/__standin/state", ""), &got)
	if diff := cmp.Diff(s.State(), got); diff != "" {
		t.Errorf("state over HTTP (-want +got):\n%s", diff)
	}
	if got.Users["free-ann"].Tracks[getLucky] != 1 || got.TokensIssued != 1 {
		t.Errorf("got %+v, want one track for free-ann and one token", got)
	}
}

func TestStateIsACopy(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	s.play(UserTokenFree, addPath, addBody(getLucky))
	snapshot := s.State()
	snapshot.Users["free"].Tracks[getLucky] = 9
	snapshot.Users["free"].Writes["x"] = 9
	if got := s.State().Users["free"]; got.Tracks[getLucky] != 1 || got.Writes["x"] != 0 {
		t.Errorf("a changed copy changed the state: %+v", got)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	reset := func(query string) reply {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/__standin/state"+query, nil))
		return reply{w.Code, w.Header(), w.Body.Bytes()}
	}
	write := func() string {
		for _, token := range []string{UserTokenFree, UserTokenSubscriber} {
			s.play(token, addPath, addBody(getLucky))
			s.play(token, radioPath, seed("Pop", "Genre"))
		}
		return s.create(t, UserTokenFree, `{"Name":"x"}`)
	}
	first := write()
	s.tokens.issue()
	var left State
	decodeStrictly(t, reset("?user=free"), &left)
	if len(left.Users) != 1 || left.Users["subscriber"].Tracks[getLucky] != 1 {
		t.Errorf("after the reset of one user there is %+v, want the other's", left)
	}
	if got := s.play(UserTokenFree, recentPath, "").content(t).Radios.Items; len(got) != 0 {
		t.Errorf("the user's radios are still %v", got)
	}
	decodeStrictly(t, reset(""), &left)
	if got := s.State(); len(got.Users) != 0 || got.TokensIssued != 1 {
		t.Errorf("after the reset of all there is %+v, want nobody and one token", got)
	}
	// What is written after a reset is what was written at first.
	if again := write(); again != first {
		t.Errorf("after a reset the playlist is %s, before it was %s", again, first)
	}
	expectError(t, reset("?user="), groove.CodeInvalidInputParameter)
	expectError(t, reset("?name=free"), groove.CodeInvalidInputParameter)
	if len(s.State().Users) != 2 {
		t.Error("what was refused took something away")
	}
}
