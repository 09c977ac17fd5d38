package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/standin"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Options says what to run.
type Options struct {
	// Config is what to run; it must have passed its validation.
	Config *config.Config
	// Logger gets what happens; nil drops it.
	Logger *slog.Logger
	// Version is told by the API.
	Version string
}

// Addresses says where everything listens, as host:port.
type Addresses struct {
	Proxy string `json:"proxy"`
	// Upstream is the URL that requests are relayed to.
	Upstream string `json:"upstream"`
	// Standin is "" if another upstream is configured.
	Standin string `json:"standin,omitempty"`
	GRPC    string `json:"grpc"`
	REST    string `json:"rest"`
}

// Daemon is one groovechaos. Make it with New, then call Run once.
type Daemon struct {
	config    *config.Config
	logger    *slog.Logger
	engine    *faults.Engine
	attempts  *store.Attempts
	addresses Addresses
	// parts are in the order of their start.
	parts []part
}

// part is something that serves until its context ends. Its listener, if any,
// is open already.
type part struct {
	name  string
	run   func(context.Context) error
	close func() error
}

// New opens the listeners and loads the faults. On an error nothing stays
// open.
func New(ctx context.Context, o Options) (*Daemon, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Daemon{
		config:   o.Config,
		logger:   o.Logger,
		engine:   faults.NewEngine(o.Config.Seed),
		attempts: store.NewAttempts(o.Config.Observe.Attempts),
	}
	if err := d.build(ctx, o.Version); err != nil {
		return nil, errors.Join(err, d.closeAll())
	}
	return d, nil
}

func (d *Daemon) build(ctx context.Context, version string) error {
	memory, err := d.loadFaults(ctx)
	if err != nil {
		return err
	}
	upstream, err := d.openUpstream(ctx)
	if err != nil {
		return err
	}
	// The proxy is opened before the control API, which tells its address,
	// and started after it.
	front, err := d.openProxy(ctx, upstream)
	if err != nil {
		return err
	}
	if err := d.openControl(ctx, memory, version); err != nil {
		return errors.Join(err, front.close())
	}
	d.parts = append(d.parts, front)
	return nil
}

// loadFaults puts the configured faults in force.
func (d *Daemon) loadFaults(ctx context.Context) (*store.Memory, error) {
	memory := store.NewMemory(d.engine, time.Now)
	writes := make([]store.Write, len(d.config.Faults))
	for i, f := range d.config.Faults {
		writes[i] = store.Write{Fault: f, Create: true}
	}
	if _, err := memory.Write(ctx, writes); err != nil {
		return nil, fmt.Errorf("load faults: %w", err)
	}
	return memory, nil
}

// openUpstream opens the stand-in, if it is the upstream, and returns where
// requests go.
func (d *Daemon) openUpstream(ctx context.Context) (*url.URL, error) {
	if upstream := d.config.Proxy.UpstreamURL(); upstream != nil {
		d.addresses.Upstream = upstream.String()
		return upstream, nil
	}
	groove, err := standin.New(standin.Options{Seed: d.config.Seed})
	if err != nil {
		return nil, err
	}
	server, err := standin.Listen(ctx, d.config.Standin.Listen, groove)
	if err != nil {
		return nil, fmt.Errorf("open [standin] listen: %w", err)
	}
	d.parts = append(d.parts, part{name: "standin", run: server.Run, close: server.Close})
	upstream, err := url.Parse(server.URL())
	if err != nil {
		return nil, err
	}
	d.addresses.Standin, d.addresses.Upstream = upstream.Host, server.URL()
	return upstream, nil
}

func (d *Daemon) openProxy(ctx context.Context, upstream *url.URL) (part, error) {
	identity, err := observe.NewIdentity(d.config.Observe.ClientBy)
	if err != nil {
		return part{}, fmt.Errorf("read [observe] client_by: %w", err)
	}
	p, err := proxy.New(proxy.Options{
		Upstream: upstream,
		Engine:   d.engine,
		Identity: identity,
		Record:   d.attempts.Record,
		Logger:   d.logger,
		Drain:    drain(d.config),
	})
	if err != nil {
		return part{}, err
	}
	listener, err := listen(ctx, "[proxy] listen", d.config.Proxy.Listen)
	if err != nil {
		return part{}, err
	}
	d.addresses.Proxy = listener.Addr().String()
	return part{
		name:  "proxy",
		run:   func(ctx context.Context) error { return p.Serve(ctx, listener) },
		close: listener.Close,
	}, nil
}

// drain is the configured one. To the proxy 0 stands for its default, in a
// configuration for no time at all.
func drain(c *config.Config) time.Duration { return max(c.Proxy.Drain, time.Nanosecond) }

func listen(ctx context.Context, key, address string) (net.Listener, error) {
	var c net.ListenConfig
	listener, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	return listener, nil
}

// Addresses says where everything listens.
func (d *Daemon) Addresses() Addresses { return d.addresses }

// Judge judges what was seen so far; ended says that nothing more will come.
// Attempts that are still under way are not seen, so let Run end first.
func (d *Daemon) Judge(ended bool) verdict.Report {
	journal := verdict.Journal{Attempts: d.attempts.All(), Ended: ended, Faults: api.Uses(d.engine.Uses())}
	// Counted after the copy: what was forgotten meanwhile counts too.
	_, journal.Dropped = d.attempts.Counts()
	return verdict.Judge(journal, verdict.Options{Checks: d.config.Verdict.Checks})
}
