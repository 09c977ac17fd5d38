package standin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
