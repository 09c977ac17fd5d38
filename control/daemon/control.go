package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/rest"
)

// stopTime bounds how long each door of the control API may take to end the
// calls in progress, if the deadline of the whole leaves so much.
const stopTime = 5 * time.Second

// openControl opens both doors of the control API.
func (d *Daemon) openControl(ctx context.Context) error {
	safe, err := d.secure()
	if err != nil {
		return err
	}
	grpcListener, err := listen(ctx, "[control] grpc", d.config.Control.GRPC)
	if err != nil {
		return err
	}
	d.addresses.GRPC = grpcListener.Addr().String()
	// From here on the part closes the listeners.
	door := &grpcDoor{listener: grpcListener, inner: auth.NewInner(), ending: d.endStreams, left: d.left}
	d.parts = append(d.parts, part{name: "grpc", run: door.run, close: door.close})

	restListener, err := listen(ctx, "[control] rest", d.config.Control.REST)
	if err != nil {
		return err
	}
	d.addresses.REST = restListener.Addr().String()
	restDoor, err := d.newRESTDoor(restListener, door.inner, safe)
	if err != nil {
		return errors.Join(err, restListener.Close())
	}
	d.parts = append(d.parts, part{name: "rest", run: restDoor.run, close: restDoor.close})
	door.server = api.New(d.apiOptions(safe))
	return nil
}

func (d *Daemon) apiOptions(safe *security) api.Options {
	o := api.Options{
		Faults:   d.faults,
		Brake:    d.brake,
		Nodes:    d.nodes,
		Attempts: d.attempts,
		Outcomes: d.outcomes,
		Answers:  d.answers,
		Uses:     d.uses,
		Tokens:   d.tokens,
		Audit:    d.audit,
		Runs:     d.runs,
		Guard:    safe.guard, TokenFile: safe.file, Credentials: auth.NewTransport(safe.keyring.config(forGRPC)),
		Ending:  d.streams,
		Ready:   d.ready,
		Verdict: d.verdict,
		Reload:  d.reload,
		System: api.System{
			Version: d.version, Started: d.started, Proxy: d.addresses.Proxy, Upstream: d.addresses.Upstream,
			Standin: d.addresses.Standin, GRPC: d.addresses.GRPC, REST: d.addresses.REST, Seed: d.config.Seed, SingleFlight: d.config.SingleFlight,
			Alone: !d.config.Store.Shared(),
		},
		Now:    time.Now,
		Logger: d.logger,
	}
	for _, l := range d.addresses.Listeners {
		o.System.Listeners = append(o.System.Listeners, api.Listener(l))
	}
	if d.intercepts() {
		o.CA = d.authority.root
	}
	return o
}

// grpcDoor serves the control API over gRPC: to the network, and in memory to the REST door.
type grpcDoor struct {
	listener net.Listener
	inner    auth.Inner
	server   *grpc.Server
	// ending ends the streams.
	ending func()
	// left is how long something may take to end.
	left func(most time.Duration) time.Duration
}

func (g *grpcDoor) run(ctx context.Context) error {
	served := make(chan error, 2)
	go func() { served <- g.server.Serve(g.listener) }()
	go func() { served <- g.server.Serve(g.inner) }()
	var err error
	select {
	case err = <-served:
		g.server.Stop()
		return errors.Join(err, ignoreStopped(<-served))
	case <-ctx.Done():
	}
	g.ending()
	timer := time.AfterFunc(g.left(stopTime), g.server.Stop)
	defer timer.Stop()
	g.server.GracefulStop()
	return errors.Join(ignoreStopped(<-served), ignoreStopped(<-served))
}

// ignoreStopped leaves out that Serve was stopped, which it tells of a stop that came before it had begun.
func ignoreStopped(err error) error {
	if errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}

// close ends a door that was never run.
func (g *grpcDoor) close() error { return errors.Join(g.listener.Close(), g.inner.Close()) }

// restDoor serves HTTP: the control API over REST, in front of the gRPC door, or metrics and health alone.
type restDoor struct {
	listener net.Listener
	server   *http.Server
	// conn leads to the gRPC door.
	conn io.Closer
	// ending ends the streams.
	ending func()
	// left is how long something may take to end.
	left func(most time.Duration) time.Duration
}

func (d *Daemon) newRESTDoor(listener net.Listener, services auth.Inner, safe *security) (*restDoor, error) {
	conn, err := grpc.NewClient("passthrough:///memory",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(services.Dialer()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(client.MaxAnswer)),
	)
	if err != nil {
		return nil, err
	}
	handler, err := rest.New(rest.Options{Conn: conn, Hosts: d.config.Control.Hosts, Metrics: d.metrics.Handler(), Ready: d.ready, Log: d.logger})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return d.newDoor(listener, handler, conn, safe), nil
}

func (d *Daemon) newDoor(listener net.Listener, handler http.Handler, conn io.Closer, safe *security) *restDoor {
	door := &restDoor{listener: listener, server: rest.NewServer(handler, d.logger), conn: conn, ending: d.endStreams, left: d.left}
	door.server.TLSConfig = safe.keyring.config(forREST)
	return door
}

func (r *restDoor) run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- r.serve() }()
	var err error
	select {
	case err = <-served:
		return errors.Join(err, r.conn.Close())
	case <-ctx.Done():
	}
	r.ending()
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.left(stopTime))
	defer cancel()
	if err = r.server.Shutdown(limit); errors.Is(err, context.DeadlineExceeded) {
		err = r.server.Close()
	}
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return errors.Join(err, r.conn.Close())
}

func (r *restDoor) serve() error {
	if r.server.TLSConfig != nil {
		return r.server.ServeTLS(r.listener, "", "")
	}
	return r.server.Serve(r.listener)
}

// close ends a door that was never run.
func (r *restDoor) close() error {
	if err := errors.Join(r.listener.Close(), r.conn.Close()); err != nil {
		return fmt.Errorf("close REST: %w", err)
	}
	return nil
}
