package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"
)

// HealthOptions say what a door for metrics and health alone tells.
type HealthOptions struct {
	// Hosts are those of Options.
	Hosts []string
	// Metrics answers at /metrics whoever Admit lets through. Never nil.
	Metrics http.Handler
	// Admit returns nil for whoever may read the metrics, else a gRPC status. Never nil.
	Admit func(*http.Request) error
	// Ready and Log are those of Options.
	Ready func(ctx context.Context) error
	Log   *slog.Logger
}

// NewHealth returns a handler that answers /healthz, /readyz and /metrics as that of New does, and nothing else: for a node
// that has no control API. An error says which option is wrong.
func NewHealth(o HealthOptions) (http.Handler, error) {
	if o.Metrics == nil || o.Admit == nil {
		return nil, errors.New("rest: no metrics or nobody who admits to them, want both")
	}
	hosts, err := hostSet(o.Hosts)
	if err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	router := mux.NewRouter().SkipClean(true)
	read := router.Methods(http.MethodGet, http.MethodHead).Subrouter()
	healthRoutes(read, o.Ready)
	read.Path("/metrics").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := o.Admit(r); err != nil {
			failureOf(err).write(w)
			return
		}
		o.Metrics.ServeHTTP(w, r)
	})
	router.NotFoundHandler = http.HandlerFunc(notFound)
	router.MethodNotAllowedHandler = http.HandlerFunc(readOnly)
	return recovered(log, guarded(hosts, router)), nil
}

// healthRoutes are for whoever restarts things.
func healthRoutes(read *mux.Router, ready func(context.Context) error) {
	read.Path("/healthz").Handler(document([]byte(`{"status":"ok"}`)))
	read.Path("/readyz").Handler(readiness(ready))
}
