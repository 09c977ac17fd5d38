package standin

import (
	"encoding/json"
	"net/http"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// State is what was really written, for tests. It shares nothing with the
// Standin it came from.
type State struct {
	// Users are the users who wrote something, by name: "subscriber" for
	// UserTokenSubscriber, "free-ann" for UserTokenFree with "-ann".
	Users map[string]UserState `json:"users"`
	// TokensIssued counts the answers of the token endpoint that held a token.
	TokensIssued uint64 `json:"tokens_issued"`
}

// UserState is what one user has.
type UserState struct {
	// Tracks counts, by track id, how often the track was added.
	Tracks map[string]int `json:"tracks"`
	// Playlists are in the order in which they were made.
	Playlists []PlaylistState `json:"playlists"`
	// Writes counts, by endpoint name, the requests that changed something.
	Writes map[string]int `json:"writes"`
}

// PlaylistState is one playlist of a user.
type PlaylistState struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Tracks are the ids of the tracks, in order.
	Tracks []string `json:"tracks"`
}

// State returns what was written so far.
func (s *Standin) State() State {
	state := State{Users: make(map[string]UserState), TokensIssued: s.tokens.issued.Load()}
	s.library.ReadAll(func(u *library.User) { state.Users[u.Name] = s.userState(u) })
	return state
}

func (s *Standin) userState(u *library.User) UserState {
	state := UserState{Tracks: make(map[string]int), Playlists: []PlaylistState{}, Writes: u.Writes()}
	for _, e := range u.Tracks() {
		state.Tracks[s.catalog.Tracks[e.Track].ID]++
	}
	for _, p := range u.Playlists() {
		ids := make([]string, len(p.Tracks))
		for i, e := range p.Tracks {
			ids[i] = s.catalog.Tracks[e.Track].ID
		}
		state.Playlists = append(state.Playlists, PlaylistState{p.ID, p.Name, ids})
	}
	return state
}

// Reset forgets what a user wrote and hears, "" for all users. Tokens stay
// good and stay counted.
func (s *Standin) Reset(user string) {
	s.library.Reset(user)
	s.streams.Reset(user)
	s.radios.Reset(user)
}

// serveState answers GET /__standin/state with the State in JSON.
func (s *Standin) serveState(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(s.State())
	if err != nil {
		// Strings and numbers can be written; this is unreachable.
		panic(err)
	}
	w.Header().Set("Cache-Control", "no-store")
	send(w, http.StatusOK, groove.Wanted{Format: groove.FormatJSON}.Pack(body))
}

// resetState answers DELETE /__standin/state, of one user with ?user=NAME,
// with the State that is left.
func (s *Standin) resetState(w http.ResponseWriter, r *http.Request) {
	query, p := readParameters(r.URL.RawQuery)
	if p == nil && len(query) > 0 && query["user"] == "" {
		p = refuse(groove.CodeInvalidInputParameter, "want user=NAME or nothing")
	}
	if p != nil {
		sendProblem(w, wantedBy(r), "", p)
		return
	}
	s.Reset(query["user"])
	s.serveState(w, r)
}
