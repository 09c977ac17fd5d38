package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/groovechaos/groovechaos/control/dashboard"
	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// Options say what the handler stands in front of.
type Options struct {
	// Conn leads to the gRPC services and stays the caller's to close. It must
	// take in answers as large as the longest list. Never nil.
	Conn grpc.ClientConnInterface
	// Hosts are names, without a port, that the Host field may carry beside
	// loopback addresses and localhost.
	Hosts []string
	// Metrics answers at /metrics whoever may read the status; nil for nothing there.
	Metrics http.Handler
	// Ready says what is missing for work, nil for nothing; nil stands for always ready. Of its error only what is
	// Partial is told.
	Ready func(ctx context.Context) error
	// Log is told of panics; nil for silence.
	Log *slog.Logger
}

// New returns the handler of the REST API, its document and its pages. It starts
// nothing and is safe for concurrent use. An error says which option is wrong.
func New(o Options) (http.Handler, error) {
	if o.Conn == nil {
		return nil, errors.New("rest: no connection to the services, want one")
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	hosts, err := hostSet(o.Hosts)
	if err != nil {
		return nil, err
	}
	gateway, err := newGateway(o.Conn)
	if err != nil {
		return nil, err
	}
	return recovered(log, guarded(hosts, o.routes(gateway))), nil
}

// routes puts the parts in their places. Paths are not cleaned: a slash more is
// another path, not a redirect.
func (o *Options) routes(gateway http.Handler) http.Handler {
	router := mux.NewRouter().SkipClean(true)
	router.Path("/v1/ca.pem").Methods(http.MethodGet, http.MethodHead).Handler(certificate(o.Conn))
	router.Path("/v1/ca.pem").HandlerFunc(readOnly)
	router.PathPrefix("/v1/").Handler(gateway)
	read := router.Methods(http.MethodGet, http.MethodHead).Subrouter()
	toDocs := http.RedirectHandler("/docs/", http.StatusTemporaryRedirect)
	page := dashboard.Handler(http.HandlerFunc(notFound))
	read.Path("/").Handler(page)
	read.PathPrefix(dashboard.Prefix).Handler(page)
	read.Path("/docs").Handler(toDocs)
	read.PathPrefix("/docs/").Handler(newDocs())
	healthRoutes(read, o.Ready)
	if o.Metrics != nil {
		read.Path("/metrics").Handler(forViewers(o.Conn, o.Metrics))
	}
	read.Path("/openapi.json").Handler(document(groovechaosv1.OpenAPI))
	router.NotFoundHandler = http.HandlerFunc(notFound)
	router.MethodNotAllowedHandler = http.HandlerFunc(readOnly)
	return router
}

func document(text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // The client is gone: nobody is left to be told.
	})
}

// Partial is an error that has words for whoever does not say who they are.
type Partial interface {
	// Part is the one of a few fixed words that says what is missing.
	Part() string
}

// readiness answers 503 while something is missing. Who asks need not say who they are: they are told which part it is, and the
// text is for the log and for GetStatus.
func readiness(ready func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ready != nil {
			if err := ready(r.Context()); err != nil {
				failure{code: http.StatusServiceUnavailable, status: codes.Unavailable, message: unready(err)}.write(w)
				return
			}
		}
		document([]byte(`{"status":"ready"}`)).ServeHTTP(w, r)
	})
}

// unready is what is told of an error in public.
func unready(err error) string {
	if partial, ok := errors.AsType[interface {
		error
		Partial
	}](err); ok {
		return "not ready: " + partial.Part()
	}
	return "not ready"
}

// forViewers lets those through who may read the status.
func forViewers(conn grpc.ClientConnInterface, next http.Handler) http.Handler {
	system := groovechaosv1.NewSystemServiceClient(conn)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := system.GetStatus(callContext(r), &groovechaosv1.GetStatusRequest{}); err != nil {
			failureOf(err).write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, r *http.Request) {
	failure{code: http.StatusNotFound, status: codes.NotFound, message: "nothing is at " + r.URL.Path}.write(w)
}

func readOnly(w http.ResponseWriter, r *http.Request) { methodNotAllowed(w, r, "GET, HEAD") }

func methodNotAllowed(w http.ResponseWriter, r *http.Request, allow string) {
	w.Header().Set("Allow", allow)
	failure{
		code: http.StatusMethodNotAllowed, status: codes.Unimplemented,
		message: r.Method + " " + r.URL.Path + " is not there, want " + allow,
	}.write(w)
}

// NewServer returns a server for the handler that a slow or silent client cannot
// occupy: 5 s for the head, 30 s for the request, 1 min for the answer or each part
// of a stream, 2 min between requests, 64 KiB of head. The caller serves and shuts it down. Log is
// told what goes wrong on connections, at debug; nil for silence.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		// OPTIONS * is for the handler to refuse, like everything else.
		DisableGeneralOptionsHandler: true,
	}
}
