package standin

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gorilla/mux"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// routes lays the documented endpoints out on a router, off them the state.
func (s *Standin) routes() *mux.Router {
	r := mux.NewRouter().SkipClean(true)
	served := map[string]func(*call) (any, *problem){
		groove.Search:          s.search,
		groove.Lookup:          s.lookup,
		groove.Genres:          s.genres,
		groove.CollectionAdd:   s.addTracks,
		groove.PlaylistsCreate: s.createPlaylist,
		groove.Profile:         s.profile,
	}
	for _, e := range groove.Endpoints() {
		handler := s.notServed(e)
		if answer, ok := served[e.Name]; ok {
			handler = s.endpoint(e, answer)
		}
		if e.Name == groove.Token {
			handler = s.issueToken
		}
		methods := []string{e.Method}
		if e.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		for _, template := range append([]string{e.Template}, e.Aliases...) {
			r.HandleFunc(foldCase(template), handler).Methods(methods...)
		}
	}
	r.HandleFunc("/__standin/state", s.serveState).Methods(http.MethodGet)
	r.MethodNotAllowedHandler = refuseAll(groove.CodeUnauthorizedAPIMethod, "this path takes another method")
	r.NotFoundHandler = refuseAll(groove.CodeCatalogNoResult, "the reference has no such path")
	return r
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

// call is one request to an endpoint of the API, read as far as all endpoints
// read it.
type call struct {
	request *http.Request
	path    map[string]string
	query   parameters
	culture string
	caller  caller
}

// endpoint makes the handler of an endpoint that is served.
func (s *Standin) endpoint(e groove.Endpoint, answer func(*call) (any, *problem)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		wanted := wantedBy(r)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		body, p := s.answer(r, answer)
		if p != nil {
			sendProblem(w, wanted, e.Answer, p)
			return
		}
		document, err := render(wanted, e.Answer, body)
		if err != nil {
			// The answer types can all be written; this is unreachable.
			panic(err)
		}
		send(w, http.StatusOK, document)
	}
}

// answer checks what every endpoint wants of a request, then asks the endpoint.
func (s *Standin) answer(r *http.Request, answer func(*call) (any, *problem)) (any, *problem) {
	c := &call{request: r, path: mux.Vars(r)}
	var p *problem
	if c.query, p = readParameters(r.URL.RawQuery); p != nil {
		return nil, p
	}
	if c.caller, p = s.authenticate(c); p != nil {
		return nil, p
	}
	if namespace, has := c.path["namespace"]; has && !strings.EqualFold(namespace, "music") {
		return nil, refuse(groove.CodeInvalidInputParameter, "namespace is %q, want music", namespace)
	}
	if c.culture, p = c.query.culture(); p != nil {
		return nil, p
	}
	return answer(c)
}

// notServed makes the handler of a documented endpoint that is not there yet.
func (s *Standin) notServed(e groove.Endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sendProblem(w, wantedBy(r), e.Answer, refuse(groove.CodeUnauthorizedAPIMethod, "the stand-in does not serve %s yet", e.Name))
	}
}

func refuseAll(code groove.ErrorCode, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sendProblem(w, wantedBy(r), "", refuse(code, "%s", message))
	})
}
