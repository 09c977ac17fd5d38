package standin

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// State is what was really written, for tests. It shares nothing with the
// Standin it came from.
type State struct {
	// Users are the users that own something, by name: "subscriber" for
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
	s.collections.mu.Lock()
	defer s.collections.mu.Unlock()
	for name, u := range s.collections.users {
		state.Users[name] = s.userState(u)
	}
	return state
}

func (s *Standin) userState(u *collection) UserState {
	state := UserState{Tracks: make(map[string]int), Playlists: []PlaylistState{}, Writes: maps.Clone(u.writes)}
	for at, times := range u.times {
		state.Tracks[s.catalogue.tracks[at].id] = times
	}
	for _, p := range u.playlists {
		ids := make([]string, len(p.tracks))
		for i, at := range p.tracks {
			ids[i] = s.catalogue.tracks[at].id
		}
		state.Playlists = append(state.Playlists, PlaylistState{p.id, p.name, ids})
	}
	return state
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
