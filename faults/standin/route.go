package standin

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gorilla/mux"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// handlers are the endpoints that answer with a data contract, by name.
func (s *Standin) handlers() map[string]handler {
	return map[string]handler{
		groove.Search:              s.search,
		groove.Lookup:              s.lookup,
		groove.CatalogBrowse:       s.browseCatalog,
		groove.CollectionBrowse:    s.browseCollection,
		groove.Subbrowse:           s.subbrowse,
		groove.Genres:              s.genres,
		groove.Moods:               s.moods,
		groove.Activities:          s.activities,
		groove.NewReleases:         s.newReleases,
		groove.Spotlight:           s.spotlight,
		groove.Preview:             s.preview,
		groove.Stream:              s.stream,
		groove.Profile:             s.profile,
		groove.CollectionAdd:       s.addTracks,
		groove.CollectionDelete:    s.deleteTracks,
		groove.PlaylistsCreate:     s.createPlaylist,
		groove.PlaylistsUpdate:     s.updatePlaylist,
		groove.PlaylistsDelete:     s.deletePlaylist,
		groove.RadioCreate:         s.createRadio,
		groove.RadioNext:           s.continueRadio,
		groove.RadioRecentlyPlayed: s.recentRadios,
	}
}

// Paths of the stand-in's own, off those of the reference.
const (
	statePath = "/__standin/state"
	mediaPath = "/__standin/media/{id}/{file}"
)

// routes lays the documented endpoints out on a router, off them the state and
// the media that streams lead to.
func (s *Standin) routes() *mux.Router {
	r := mux.NewRouter().SkipClean(true)
	handlers := s.handlers()
	for _, e := range groove.Endpoints() {
		var h http.HandlerFunc
		switch e.Name {
		case groove.Token:
			h = s.issueToken
		case groove.Image:
			h = s.serveImage
		default:
			h = s.serve(e, handlers[e.Name])
		}
		for _, template := range append([]string{e.Template}, e.Aliases...) {
			r.HandleFunc(foldCase(template), h).Methods(methodsOf(e.Method)...)
		}
	}
	r.HandleFunc(statePath, s.serveState).Methods(http.MethodGet)
	r.HandleFunc(statePath, s.resetState).Methods(http.MethodDelete)
	r.HandleFunc(mediaPath, s.serveMedia).Methods(methodsOf(http.MethodGet)...)
	r.MethodNotAllowedHandler = refuseAll(groove.CodeUnauthorizedAPIMethod, "this path takes another method")
	r.NotFoundHandler = refuseAll(groove.CodeCatalogNoResult, "the reference has no such path")
	return r
}

// methodsOf adds HEAD to GET.
func methodsOf(method string) []string {
	if method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{method}
}

// foldCase turns a template of the contract into one of the router whose
// words compare without regard to case.
func foldCase(template string) string {
	segments := strings.Split(template, "/")
	for i, word := range segments {
		if word != "" && !strings.HasPrefix(word, "{") {
			// The router wants a name for each pattern; the word serves.
			segments[i] = "{" + word + ":(?i)" + regexp.QuoteMeta(word) + "}"
		}
	}
	return strings.Join(segments, "/")
}

func refuseAll(code groove.ErrorCode, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sendProblem(w, wantedBy(r), "", refuse(code, "%s", message))
	})
}
