package library

import (
	"maps"
	"slices"
	"sync"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// Problem is why a write was refused.
type Problem = datacontract.Problem

// Options bound a Library. All numbers are above 0.
type Options struct {
	// Seed decides the ids of what is written.
	Seed uint64
	// MaxTracks is how many tracks a collection holds, MaxPlaylists how many
	// playlists, MaxPlaylistTracks how many tracks one playlist holds.
	MaxTracks, MaxPlaylists, MaxPlaylistTracks int
	// MaxUsers is how many users can own something.
	MaxUsers int
}

// Library is what all users have. Make it with New.
type Library struct {
	options Options
	all     *catalog.Catalog

	mu    sync.RWMutex
	users map[string]*User
}

// New makes an empty library of items of a catalogue.
func New(o Options, all *catalog.Catalog) *Library {
	return &Library{options: o, all: all, users: make(map[string]*User)}
}

// Read runs f with what a user has. The User is valid until f returns, and
// nothing changes meanwhile; f must not call the Library. A user who has
// nothing is a User like any other.
func (l *Library) Read(name string, f func(*User)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	u, ok := l.users[name]
	if !ok {
		u = l.newUser(name)
	}
	f(u)
}

// ReadAll is Read for every user who has something, by name.
func (l *Library) ReadAll(f func(*User)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(l.users)) {
		f(l.users[name])
	}
}

// Reset takes away all that a user has, "" for every user.
func (l *Library) Reset(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if name == "" {
		clear(l.users)
	}
	delete(l.users, name)
}

// write runs f with a user whom it may change, and keeps a new one once
// something was written: whoever failed at all takes no place from others.
func (l *Library) write(name string, f func(*User) *Problem) *Problem {
	l.mu.Lock()
	defer l.mu.Unlock()
	u, known := l.users[name]
	if !known {
		if len(l.users) >= l.options.MaxUsers {
			return datacontract.Refuse(groove.CodeCollectionFull, "the stand-in has %d users and takes no more", l.options.MaxUsers)
		}
		u = l.newUser(name)
	}
	p := f(u)
	if len(u.writes) > 0 {
		l.users[name] = u
	}
	return p
}

func (l *Library) newUser(name string) *User {
	return &User{Name: name, library: l, writes: make(map[string]int)}
}
