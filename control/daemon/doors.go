package daemon

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/rest"
	"github.com/groovechaos/groovechaos/control/tracing"
)

// statusMethod is what whoever reads the metrics may call.
const statusMethod = "groovechaos.v1.SystemService/GetStatus"

// left is how long something may take to end.
func (d *Daemon) left(most time.Duration) time.Duration { return d.ending.left(most) }

// nobody closes nothing.
type nobody struct{}

// Close does nothing.
func (nobody) Close() error { return nil }

// openHealth opens the door for metrics and health of a node that has no control API, if there is to be one.
func (d *Daemon) openHealth(ctx context.Context) error {
	if !d.config.Node.ServesHealth() {
		return nil
	}
	safe, err := d.secure()
	if err != nil {
		return err
	}
	handler, err := rest.NewHealth(rest.HealthOptions{
		Hosts: d.config.Control.Hosts, Metrics: d.metrics.Handler(), Ready: d.ready, Log: d.logger,
		Admit: func(r *http.Request) error {
			_, err := safe.guard.Admit(r.Context(), statusMethod, credentialsOf(r))
			return err
		},
	})
	if err != nil {
		return err
	}
	listener, err := listen(ctx, "[node] health", d.config.Node.Health)
	if err != nil {
		return err
	}
	d.addresses.Health = listener.Addr().String()
	door := d.newDoor(listener, handler, nobody{}, safe)
	d.parts = append(d.parts, part{name: "health", run: door.run, close: door.close})
	return nil
}

// credentialsOf collects what the caller of a request says of itself.
func credentialsOf(r *http.Request) auth.Credentials {
	c := auth.Credentials{Remote: r.RemoteAddr, Subject: auth.SubjectOf(r.TLS)}
	if given := r.Header.Values("Authorization"); len(given) == 1 {
		c.Authorization = given[0]
	}
	return c
}

// openTraces makes what tells a collector of attempts, if there is to be one.
func (d *Daemon) openTraces(ctx context.Context) (err error) {
	c := &d.config.Telemetry
	if !c.Traces {
		return nil
	}
	d.traces, err = tracing.New(ctx, tracing.Options{
		Endpoint: c.Endpoint, Sample: c.Sample, Timeout: c.Timeout,
		Service: c.Service, Version: d.version, Node: d.config.Node.NodeName(),
		Journal: d.own(), Effects: d.effects, Last: func() time.Duration { return d.left(lastTime) }, Logger: d.logger,
	})
	if err != nil {
		return fmt.Errorf("open [telemetry]: %w", err)
	}
	return nil
}

// own is the journal of this process alone.
func (d *Daemon) own() tracing.Journal {
	if d.fleet != nil {
		return d.fleet.attempts.Own()
	}
	return d.attempts
}

// words are the effects of the faults of a set, by name, as they were at a revision.
type words struct {
	known    bool
	revision uint64
	effects  map[string]string
}

// effects are the effects of the faults of the set, by name, none where the store does not answer. The set is read once for
// each of its revisions. It is for one caller at a time, and the map is not to be changed.
func (d *Daemon) effects() map[string]string {
	ctx, cancel := context.WithTimeout(d.streams, stateTime)
	defer cancel()
	revision, err := d.faults.Revision(ctx)
	if err == nil && d.words.known && d.words.revision == revision {
		return d.words.effects
	}
	set, failed := d.faults.Faults(ctx)
	if failed != nil {
		return nil
	}
	d.words = words{known: err == nil, revision: revision, effects: effectsOf(set)}
	return d.words.effects
}

// serveJournal adds the parts that hand attempts over: they end together, once the proxy records no more.
func (d *Daemon) serveJournal() {
	closed := func() error { return nil }
	if d.fleet != nil {
		d.parts = append(d.parts, part{name: "journal", run: d.fleet.ship, close: closed})
	}
	if d.traces != nil {
		d.parts = append(d.parts, part{name: "journal", run: d.traces.Run, close: closed})
	}
}
