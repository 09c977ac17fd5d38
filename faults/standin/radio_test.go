package standin

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

func (s *Standin) tunedTo(t *testing.T, target, body string) (got datacontract.RadioResponse) {
	t.Helper()
	decodeStrictly(t, s.play(UserTokenFree, target, body), &got)
	return got
}

func seed(id, kind string) string { return `{"Seeds":[{"Id":"` + id + `","Type":"` + kind + `"}]}` }

func TestRadioGoesOn(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	seen := make(map[string]bool)
	see := func(r datacontract.RadioResponse, count int) {
		t.Helper()
		if len(r.Tracks) != count || r.SessionID == "" {
			t.Errorf("got %d tracks and session %q, want %d", len(r.Tracks), r.SessionID, count)
		}
		for _, track := range r.Tracks {
			if seen[track.ID] || track.Subgenres[0] != "Dance" {
				t.Errorf("%s of %v came twice, or to the wrong radio", track.ID, track.Subgenres)
			}
			seen[track.ID] = true
		}
	}
	first := s.tunedTo(t, radioPath+"?maxItems=5", seed(daftPunk, "artist"))
	see(first, 5)
	second := s.tunedTo(t, "/1/content/music/radio/"+first.SessionID+"/next", "")
	see(second, maxPage)
	see(s.tunedTo(t, "/1/content/music/radio/"+second.SessionID+"/next?maxItems=1", ""), 1)
	// A GET that is repeated gives the same again.
	again := s.tunedTo(t, "/1/content/music/radio/"+first.SessionID+"/next", "")
	if again.SessionID != second.SessionID || again.Tracks[0].ID != second.Tracks[0].ID {
		t.Errorf("repeated, the session gives %s and %s", again.SessionID, again.Tracks[0].ID)
	}
	if other := s.tunedTo(t, radioPath, seed("Dance", "Genre")); other.Tracks[0].ID == first.Tracks[0].ID && other.Tracks[1].ID == first.Tracks[1].ID {
		t.Error("another radio plays the same tracks")
	}
}

func TestRadioRefused(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for body, want := range map[string]groove.ErrorCode{
		"{}":                      groove.CodeMissingInputParameter,
		`{"Seeds":[]}`:            groove.CodeMissingInputParameter,
		`{"Seeds":[{}]}`:          groove.CodeMissingInputParameter,
		seed("", "Artist"):        groove.CodeMissingInputParameter,
		seed(getLucky, "Artist"):  groove.CodeInvalidInputParameter,
		seed(unknownID, "Artist"): groove.CodeInvalidInputParameter,
		seed(daftPunk, "Track"):   groove.CodeInvalidInputParameter,
		seed(daftPunk, ""):        groove.CodeMissingInputParameter,
		seed("Polka", "Genre"):    groove.CodeInvalidInputParameter,
		`{"Seeds":[{"Id":"Pop","Type":"Genre"},{"Id":"Pop","Type":"Genre"}]}`: groove.CodeInvalidInputParameter,
		`{"Seeds":[{"Id":"Pop"}]}`: groove.CodeMissingInputParameter,
	} {
		expectError(t, s.play(UserTokenFree, radioPath, body), want)
	}
	expectError(t, s.play(UserTokenFree, radioPath+"?maxItems=26", seed("Pop", "Genre")), groove.CodeInvalidInputParameter)
	session := s.tunedTo(t, radioPath, seed("Pop", "Genre")).SessionID
	expectError(t, s.play(UserTokenSubscriber, "/1/content/music/radio/"+session+"/next", ""), groove.CodeInvalidInputParameter)
	expectError(t, s.play(ApplicationToken, "/1/content/music/radio/"+session+"/next", ""), groove.CodeInvalidAuthorizationHeader)
}

// TestRadioSessionsExpire holds that a session ends and its radio does not.
func TestRadioSessionsExpire(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newStandin(t, Options{Now: c.read})
	session := s.tunedTo(t, radioPath, seed("Pop", "Genre")).SessionID
	c.now = c.now.Add(24*time.Hour - time.Second)
	session = s.tunedTo(t, "/1/content/music/radio/"+session+"/next", "").SessionID
	c.now = c.now.Add(24 * time.Hour)
	expectError(t, s.play(UserTokenFree, "/1/content/music/radio/"+session+"/next", ""), groove.CodeInvalidInputParameter)
	radio := s.play(UserTokenFree, recentPath, "").content(t).Radios.Items[0]
	if radio.Name != "Pop" {
		t.Errorf("the radio is %+v, want Pop", radio)
	}
	s.tunedTo(t, "/1/content/music/radio/"+radio.ID+"/next", "")
}

func TestRecentlyPlayed(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	if got := s.play(UserTokenFree, recentPath, "").content(t).Radios; len(got.Items) != 0 {
		t.Errorf("before any radio there are %+v", got)
	}
	for _, genre := range []string{"Pop", "Rock", "Jazz", "Pop"} {
		s.tunedTo(t, radioPath, seed(genre, "Genre"))
	}
	var names []string
	got := s.play(UserTokenFree, recentPath+"?maxItems=2", "").content(t).Radios
	for {
		for _, radio := range got.Items {
			names = append(names, radio.Name)
		}
		if got.ContinuationToken == "" {
			break
		}
		got = s.play(UserTokenFree, recentPath+"?continuationToken="+got.ContinuationToken, "").content(t).Radios
	}
	if len(names) != 3 || names[0] != "Pop" || names[1] != "Jazz" || names[2] != "Rock" || got.TotalItemCount != 3 {
		t.Errorf("recently played are %v, want Pop, Jazz, Rock", names)
	}
	if got := s.play(UserTokenSubscriber, recentPath, "").content(t).Radios; len(got.Items) != 0 {
		t.Errorf("another user has played %+v", got)
	}
}

// TestProgram holds that a radio plays all of its candidates before it plays
// one again, wherever it is asked to go on.
func TestProgram(t *testing.T) {
	t.Parallel()
	candidates := []int{3, 1, 4, 15, 9, 2, 6}
	const rounds = 5
	whole := program("music.radio.x", candidates, 0, rounds*len(candidates))
	for i := range rounds {
		round := slices.Sorted(slices.Values(whole[i*len(candidates) : (i+1)*len(candidates)]))
		if !slices.Equal(round, slices.Sorted(slices.Values(candidates))) {
			t.Errorf("round %d plays %v, want each of %v", i, round, candidates)
		}
	}
	for from := range whole {
		if got := program("music.radio.x", candidates, from, len(whole)-from); !slices.Equal(got, whole[from:]) {
			t.Errorf("from %d on it plays %v, want %v", from, got, whole[from:])
		}
	}
}
