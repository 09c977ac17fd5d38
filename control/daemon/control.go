package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/rest"
	"github.com/groovechaos/groovechaos/control/store"
)

// stopTime bounds how long each door of the control API may take to end the
// calls in progress.
const stopTime = 5 * time.Second

// openControl opens both doors of the control API.
func (d *Daemon) openControl(ctx context.Context, memory *store.Memory, version string) error {
	grpcListener, err := listen(ctx, "[control] grpc", d.config.Control.GRPC)
	if err != nil {
		return err
	}
	d.addresses.GRPC = grpcListener.Addr().String()
	// From here on the part closes the listener.
	door := &grpcDoor{listener: grpcListener}
	d.parts = append(d.parts, part{name: "grpc", run: door.run, close: grpcListener.Close})

	restListener, err := listen(ctx, "[control] rest", d.config.Control.REST)
	if err != nil {
		return err
	}
	d.addresses.REST = restListener.Addr().String()
	restDoor, err := d.newRESTDoor(restListener)
	if err != nil {
		return errors.Join(err, restListener.Close())
	}
	d.parts = append(d.parts, part{name: "rest", run: restDoor.run, close: restDoor.close})
	door.server = api.New(d.apiOptions(memory, version))
	return nil
}

func (d *Daemon) apiOptions(memory *store.Memory, version string) api.Options {
	o := api.Options{
		Faults:   memory,
		Brake:    memory,
		Attempts: d.attempts,
		Outcomes: &d.outcomes,
		Uses:     d.engine.Uses,
		Checks:   d.config.Verdict.Checks,
		Policy:   d.config.Verdict.Policy(),
		System: api.System{
			Version: version, Started: time.Now(), Proxy: d.addresses.Proxy, Upstream: d.addresses.Upstream,
			Standin: d.addresses.Standin, GRPC: d.addresses.GRPC, REST: d.addresses.REST, SingleFlight: d.config.SingleFlight,
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

// grpcDoor serves the control API over gRPC.
type grpcDoor struct {
	listener net.Listener
	server   *grpc.Server
}

func (g *grpcDoor) run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- g.server.Serve(g.listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	timer := time.AfterFunc(stopTime, g.server.Stop)
	defer timer.Stop()
	g.server.GracefulStop()
	// Serve tells of a stop that came before it had begun.
	if err := <-served; !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// restDoor serves the control API over REST, in front of the gRPC door.
type restDoor struct {
	listener net.Listener
	server   *http.Server
	conn     *grpc.ClientConn
}

func (d *Daemon) newRESTDoor(listener net.Listener) (*restDoor, error) {
	conn, err := grpc.NewClient("passthrough:///"+d.addresses.GRPC,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(client.MaxAnswer)),
	)
	if err != nil {
		return nil, err
	}
	handler, err := rest.New(rest.Options{Conn: conn, Log: d.logger})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &restDoor{listener: listener, server: rest.NewServer(handler, d.logger), conn: conn}, nil
}

func (r *restDoor) run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- r.server.Serve(r.listener) }()
	var err error
	select {
	case err = <-served:
		return errors.Join(err, r.conn.Close())
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err = r.server.Shutdown(limit); errors.Is(err, context.DeadlineExceeded) {
		err = r.server.Close()
	}
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return errors.Join(err, r.conn.Close())
}

// close ends a door that was never run.
func (r *restDoor) close() error {
	if err := errors.Join(r.listener.Close(), r.conn.Close()); err != nil {
		return fmt.Errorf("close REST: %w", err)
	}
	return nil
}
