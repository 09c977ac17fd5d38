package listening

import (
	"sync"
	"time"
)

// maxListeners bounds the users of Streams, and of Radios. Whoever has been
// quiet longest goes first.
const maxListeners = 1000

// Streams are the streams that users hear, one at a time each. The zero value
// is ready.
type Streams struct {
	mu   sync.Mutex
	held map[string]stream
}

type stream struct {
	instance string
	until    time.Time
}

// Hold gives a user's stream to an instance of a client until a time, and
// reports whether it may have it: another instance may not, as long as the one
// before it holds the stream.
func (s *Streams) Hold(user, instance string, now, until time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.held[user]
	if known && before.instance != instance && now.Before(before.until) {
		return false
	}
	if s.held == nil {
		s.held = make(map[string]stream)
	}
	if !known && len(s.held) >= maxListeners {
		s.forget()
	}
	s.held[user] = stream{instance, until}
	return true
}

// forget drops the stream that ends first.
func (s *Streams) forget() {
	var first string
	for user, held := range s.held {
		if first == "" || held.until.Before(s.held[first].until) {
			first = user
		}
	}
	delete(s.held, first)
}

// Reset ends the stream of a user, of every user for "".
func (s *Streams) Reset(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user == "" {
		clear(s.held)
	}
	delete(s.held, user)
}
