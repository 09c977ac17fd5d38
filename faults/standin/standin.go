package standin

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/library"
	"github.com/groovechaos/groovechaos/faults/standin/listening"
)

// Options configure a Standin. The zero value is usable.
type Options struct {
	// Now reads the clock; nil is time.Now. It must be safe for concurrent use.
	Now func() time.Time
	// Seed decides the catalogue and the ids of what is written. Zero is a
	// seed like any other.
	Seed uint64
	// TokenLifetime is how long an issued token lives, in whole seconds; zero
	// is the documented 24 hours.
	TokenLifetime time.Duration
	// MaxTracks is how many tracks a user's collection holds, MaxPlaylists how
	// many playlists, MaxPlaylistTracks how many tracks one playlist holds.
	// Zero is 50 000, 100 and 1000: the first two are what the reference's
	// samples show, the last is ours.
	MaxTracks, MaxPlaylists, MaxPlaylistTracks int
	// MaxUsers is how many users can own something; zero is 1000. A user over
	// it is told that the collection is full.
	MaxUsers int
	// Latency is how long answers are held back; zero is not at all.
	Latency Latency
	// Requests gets a line for each request; nil drops them.
	Requests *slog.Logger
}

// defaults fills in what is zero and refuses what makes no sense.
func (o Options) defaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = 24 * time.Hour
	}
	if o.TokenLifetime < time.Second || o.TokenLifetime%time.Second != 0 {
		return o, fmt.Errorf("token lifetime is %v, want whole seconds, 1 or more", o.TokenLifetime)
	}
	if err := o.Latency.Validate(); err != nil {
		return o, err
	}
	for _, limit := range []struct {
		name  string
		value *int
		zero  int
	}{
		{"most tracks", &o.MaxTracks, 50_000},
		{"most playlists", &o.MaxPlaylists, 100},
		{"most tracks of a playlist", &o.MaxPlaylistTracks, 1000},
		{"most users", &o.MaxUsers, 1000},
	} {
		if *limit.value < 0 {
			return o, fmt.Errorf("%s is %d, want 0 or more", limit.name, *limit.value)
		}
		if *limit.value == 0 {
			*limit.value = limit.zero
		}
	}
	return o, nil
}

// Standin answers in the place of Groove. It is an [http.Handler], safe for
// concurrent use, and starts nothing in the background.
type Standin struct {
	options Options
	catalog *catalog.Catalog
	library *library.Library
	radios  listening.Radios
	streams listening.Streams
	tokens  *tokens
	pages   pageKey
	delays  delays
	router  *mux.Router
}

// New makes a Standin with a fresh catalogue and nobody's collection. It fails
// when an option is out of range.
func New(o Options) (*Standin, error) {
	o, err := o.defaults()
	if err != nil {
		return nil, fmt.Errorf("make stand-in: %w", err)
	}
	all, err := catalog.New(o.Seed, catalog.Full())
	if err != nil {
		return nil, fmt.Errorf("make stand-in: %w", err)
	}
	return newWith(o, all), nil
}

// newWith makes a Standin of options that are complete and a catalogue.
func newWith(o Options, all *catalog.Catalog) *Standin {
	s := &Standin{
		options: o,
		catalog: all,
		library: library.New(library.Options{
			Seed: o.Seed, MaxTracks: o.MaxTracks, MaxPlaylists: o.MaxPlaylists,
			MaxPlaylistTracks: o.MaxPlaylistTracks, MaxUsers: o.MaxUsers,
		}, all),
		tokens: newTokens(o),
		pages:  newPageKey(o.Seed),
		delays: delays{latency: o.Latency, seed: o.Seed},
	}
	s.router = s.routes()
	return s
}

// ownPrefix begins the paths that are the stand-in's own.
const ownPrefix = "/__standin/"

// ServeHTTP implements [http.Handler].
func (s *Standin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.Requests != nil {
		logged := s.logRequest(w, r)
		defer logged.end()
		w = logged
	}
	if !strings.HasPrefix(r.URL.Path, ownPrefix) && !s.delays.wait(r.Context()) {
		return
	}
	if preflight(w, r) {
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		r = r.WithContext(r.Context()) // The server's own stays as it is.
		r.Body = receive(r.Body)
	}
	if r.Header.Get("Origin") != "" && !strings.HasPrefix(r.URL.Path, statePath) {
		allowCORS(w.Header())
	}
	s.router.ServeHTTP(w, r)
}
