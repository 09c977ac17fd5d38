package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// gateway translates between JSON and the gRPC services.
type gateway struct {
	mux      *runtime.ServeMux
	bindings map[string]*binding
	// streams holds one for each stream under way.
	streams chan struct{}
}

// mostStreams bounds the streams under way. They share one connection to the services with all calls, which takes many more:
// who watches leaves room for the brake.
const mostStreams = 256

func newGateway(conn grpc.ClientConnInterface) (*gateway, error) {
	g := &gateway{bindings: bindings(), streams: make(chan struct{}, mostStreams)}
	none := func(string) (string, bool) { return "", false }
	g.mux = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newMarshaler()),
		runtime.WithMetadata(func(_ context.Context, r *http.Request) metadata.MD { return callerOf(r) }),
		// net/http does that by itself where HTTP/1.1 is spoken.
		runtime.WithDisableChunkedEncoding(),
		runtime.WithErrorHandler(g.fail),
		runtime.WithRoutingErrorHandler(g.failRouting),
		runtime.WithMiddlewares(g.admit),
		// With it goes X-HTTP-Method-Override.
		runtime.WithDisablePathLengthFallback(),
		runtime.WithIncomingHeaderMatcher(none),
		runtime.WithOutgoingHeaderMatcher(none),
		runtime.WithOutgoingTrailerMatcher(none),
	)
	ctx := context.Background() // The registering functions have no use for it.
	return g, errors.Join(
		groovechaosv1.RegisterFaultServiceHandlerClient(ctx, g.mux, groovechaosv1.NewFaultServiceClient(conn)),
		groovechaosv1.RegisterBrakeServiceHandlerClient(ctx, g.mux, groovechaosv1.NewBrakeServiceClient(conn)),
		groovechaosv1.RegisterContractServiceHandlerClient(ctx, g.mux, groovechaosv1.NewContractServiceClient(conn)),
		groovechaosv1.RegisterObservationServiceHandlerClient(ctx, g.mux, groovechaosv1.NewObservationServiceClient(conn)),
		groovechaosv1.RegisterSystemServiceHandlerClient(ctx, g.mux, groovechaosv1.NewSystemServiceClient(conn)),
		groovechaosv1.RegisterTokenServiceHandlerClient(ctx, g.mux, groovechaosv1.NewTokenServiceClient(conn)),
		groovechaosv1.RegisterExperimentServiceHandlerClient(ctx, g.mux, groovechaosv1.NewExperimentServiceClient(conn)),
	)
}

// ServeHTTP answers one call. HEAD is GET without the body, which net/http
// leaves out.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		r = withMethod(r.Context(), r, http.MethodGet)
	}
	g.mux.ServeHTTP(w, r)
}

func withMethod(ctx context.Context, r *http.Request, method string) *http.Request {
	r = r.WithContext(ctx)
	r.Method = method
	return r
}

//nolint:revive // runtime.ErrorHandlerFunc has six arguments.
func (g *gateway) fail(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if probe(r) != nil {
		return
	}
	failureOf(err).write(w)
}

//nolint:revive // runtime.RoutingErrorHandlerFunc has six arguments.
func (g *gateway) failRouting(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	if probe(r) != nil {
		return
	}
	if allow := g.allowed(r); allow != "" {
		methodNotAllowed(w, r, allow)
		return
	}
	notFound(w, r)
}

// probeKey marks a request that only asks whether there is a route for it.
type probeKey struct{}

func probe(r *http.Request) *bool {
	hit, _ := r.Context().Value(probeKey{}).(*bool)
	return hit
}

// allowed lists the methods that have a route for the path. The mux keeps its
// routes to itself, so it is asked: admit answers a probe and goes no further.
func (g *gateway) allowed(r *http.Request) string {
	var methods []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		var hit bool
		g.mux.ServeHTTP(nil, withMethod(context.WithValue(r.Context(), probeKey{}, &hit), r, method))
		if !hit {
			continue
		}
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	return strings.Join(methods, ", ")
}

// admit holds a request that has found its route against what the route takes.
func (g *gateway) admit(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		if hit := probe(r); hit != nil {
			*hit = true
			return
		}
		b := g.binding(r)
		if b == nil {
			notFound(w, r)
			return
		}
		admitted, f := b.admit(w, r, path)
		if f != nil {
			f.write(w)
			return
		}
		if b.stream {
			g.stream(w, admitted, func(w http.ResponseWriter, r *http.Request) { next(w, r, path) })
			return
		}
		next(w, admitted, path)
	}
}

// stream serves a stream, unless there are too many.
func (g *gateway) stream(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	select {
	case g.streams <- struct{}{}:
	default:
		failure{
			code: http.StatusTooManyRequests, status: codes.ResourceExhausted, retryAfter: time.Minute,
			message: "too many streams are under way, want at most " + strconv.Itoa(mostStreams) + " at once: end one, or watch over gRPC",
		}.write(w)
		return
	}
	defer func() { <-g.streams }()
	serve(streaming(w, streamTime), r)
}

func (g *gateway) binding(r *http.Request) *binding {
	pattern, _ := runtime.HTTPPattern(r.Context())
	return g.bindings[r.Method+" "+strings.ReplaceAll(pattern.String(), "=*}", "}")]
}
