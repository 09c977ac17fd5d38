package listening

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// maxRadios bounds the radios that are remembered of a user.
const maxRadios = 100

// Radio is a station that plays tracks like a seed.
type Radio struct {
	// ID begins with music.radio, as in answers.
	ID string
	// Name is that of the artist or the genre; Genre says which it is.
	Name  string
	Genre bool
	// Artist is the artist's place in the catalogue, unless Genre.
	Artist int
	// Played is when it was created or continued last.
	Played time.Time
}

// Radios are the radios that users played. The zero value is ready.
type Radios struct {
	mu     sync.Mutex
	played map[string][]Radio
}

// Play remembers that a user plays a radio now. A radio that the user played
// before is the same one.
func (r *Radios) Play(user string, radio Radio) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.played == nil {
		r.played = make(map[string][]Radio)
	}
	radios, known := r.played[user]
	if !known && len(r.played) >= maxListeners {
		r.forget()
	}
	radios = slices.DeleteFunc(radios, func(other Radio) bool { return other.ID == radio.ID })
	if len(radios) >= maxRadios {
		radios = radios[:maxRadios-1]
	}
	r.played[user] = slices.Insert(radios, 0, radio)
}

// forget drops the radios of the user who has been quiet longest.
func (r *Radios) forget() {
	var first string
	for user, radios := range r.played {
		if first == "" || radios[0].Played.Before(r.played[first][0].Played) {
			first = user
		}
	}
	delete(r.played, first)
}

// Find finds a radio that a user played, by id and without regard to case.
func (r *Radios) Find(user, id string) (Radio, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.played[user], func(radio Radio) bool { return strings.EqualFold(radio.ID, id) })
	if i < 0 {
		return Radio{}, false
	}
	return r.played[user][i], true
}

// Of returns the radios of a user, the one that was played last first. The
// caller owns the slice.
func (r *Radios) Of(user string) []Radio {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.played[user])
}

// Reset forgets the radios of a user, of every user for "".
func (r *Radios) Reset(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if user == "" {
		clear(r.played)
	}
	delete(r.played, user)
}
