package daemon

import (
	"errors"
	"net/http"

	"github.com/groovechaos/groovechaos/faults/standin"
)

// groove is the stand-in, which is made while everything else opens: its catalogue takes as long as the rest. Who calls it
// before it is there waits in the listener. It is the same for a seed whenever it is made.
type groove struct {
	http.Handler

	made chan struct{}
	err  error
}

// makeGroove begins to make one.
func makeGroove(o standin.Options) *groove {
	g := &groove{made: make(chan struct{})}
	go func() {
		defer close(g.made)
		if made, err := standin.New(o); err != nil {
			g.err = err
		} else {
			g.Handler = made
		}
	}()
	return g
}

// wait returns once it is there, or cannot be.
func (g *groove) wait() error {
	if g == nil {
		return nil
	}
	<-g.made
	return g.err
}

// beginGroove begins to make the stand-in if anything goes there.
func (d *Daemon) beginGroove() {
	if !d.config.Node.Proxies() || !d.config.Proxy.UsesStandin() {
		return
	}
	c := &d.config.Standin
	d.groove = makeGroove(standin.Options{Seed: d.config.Seed, Latency: standin.Latency{P50: c.Latency, P99: c.LatencyP99}})
}

// closeGroove ends a stand-in that was never run.
func (d *Daemon) closeGroove(server *standin.Server) error {
	return errors.Join(server.Close(), d.groove.wait())
}
