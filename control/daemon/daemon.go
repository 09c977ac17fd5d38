package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/metrics"
	"github.com/groovechaos/groovechaos/control/tracing"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/standin"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Options says what to run.
type Options struct {
	// Config is what to run; it must have passed its validation.
	Config *config.Config
	// Load reads the configuration anew for Reload; nil where there is no file to read.
	Load func() (*config.Config, error)
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
	// Health is where a node without a control API tells how it is, "" for nowhere.
	Health string `json:"health,omitempty"`
	// Listeners are all those of the proxy, which is the first of them.
	Listeners []Listener `json:"listeners"`
}

// Listener is one place where callers connect.
type Listener struct {
	Address string   `json:"address"`
	Modes   []string `json:"modes"`
}

// Daemon is one groovechaos. Make it with New, then call Run once.
type Daemon struct {
	config   *config.Config
	logger   *slog.Logger
	engine   *faults.Engine
	version  string
	started  time.Time
	attempts recorder
	outcomes outcomes
	answers  api.Answers
	faults   kept
	brake    api.Brake
	tokens   api.Tokens
	audit    api.Audit
	// load and reloading are for Reload, which changes the Faults and the Verdict of config.
	load      func() (*config.Config, error)
	reloading sync.Mutex
	// fleet is nil where everything is in memory.
	fleet *fleet
	// judging is the section [verdict] that is in force.
	judging atomic.Pointer[config.Verdict]
	// streams ends before the doors do, by endStreams.
	streams    context.Context //nolint:containedctx // It is a signal, and no call's context.
	endStreams context.CancelFunc
	addresses  Addresses
	authority  *authority
	metrics    *metrics.Metrics
	runs       *runner.Runs
	proxy      *proxy.Proxy
	// traces is nil where nobody is told of attempts, keyring where nothing is encrypted.
	traces  *tracing.Exporter
	words   words
	keyring *keyring
	// groove is nil where nothing goes to the stand-in.
	groove *groove
	// serving is set once it runs, stopping when it is told to end, by the deadline of ending.
	serving, stopping atomic.Bool
	// unready is what was last told to be missing, "" for nothing, nil before anybody asked.
	unready atomic.Pointer[string]
	ending  ending
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
		config:  o.Config,
		logger:  o.Logger,
		engine:  faults.NewEngineWith(faults.EngineOptions{Seed: o.Config.Seed, SingleFlight: o.Config.SingleFlight}),
		version: o.Version,
		started: time.Now(),
		load:    o.Load,
	}
	d.metrics = metrics.New(o.Version, d.read)
	d.judging.Store(&o.Config.Verdict)
	d.streams, d.endStreams = context.WithCancel(context.WithoutCancel(ctx))
	d.authority = newAuthority(&o.Config.Intercept)
	d.beginGroove()
	if err := d.build(ctx); err != nil {
		d.endStreams()
		err = errors.Join(err, d.closeAll())
		_ = d.groove.wait() // which says no more than that it was not needed
		return nil, err
	}
	return d, nil
}

func (d *Daemon) build(ctx context.Context) error {
	steps := newSteps(d.logger)
	if err := d.openStore(ctx, d.version); err != nil {
		return err
	}
	steps.done(ctx, "open the store")
	if err := d.loadFaults(ctx); err != nil {
		return err
	}
	steps.done(ctx, "load the faults")
	d.runs = runner.NewRuns(d.Site(), d.records())
	if !d.config.Node.Proxies() {
		if err := d.openControl(ctx); err != nil {
			return err
		}
		steps.done(ctx, "open the control API")
		d.serveJournal()
		d.serveRuns()
		return nil
	}
	return d.buildProxy(ctx, steps)
}

// buildProxy opens what a node with a proxy has beside the store.
func (d *Daemon) buildProxy(ctx context.Context, steps *steps) error {
	standin, err := d.openStandin(ctx)
	if err != nil {
		return err
	}
	// The listeners of the proxy are opened before the control API, which tells
	// their addresses, and served after it.
	fronts, err := d.openListeners(ctx)
	if err != nil {
		return err
	}
	if d.fleet != nil {
		d.fleet.listeners = d.listenerAddresses()
	}
	steps.done(ctx, "open the listeners")
	if err := d.openDoors(ctx); err != nil {
		return errors.Join(err, fronts.close())
	}
	steps.done(ctx, "open the control API")
	parts, err := d.newProxy(fronts, standin)
	if err != nil {
		return errors.Join(err, fronts.close())
	}
	steps.done(ctx, "make the proxy")
	// What the proxy records last is handed over before anything else ends.
	d.serveJournal()
	d.parts = append(d.parts, parts...)
	d.serveRuns()
	return nil
}

// openDoors opens what this node has for its operators, and what tells others of its attempts.
func (d *Daemon) openDoors(ctx context.Context) error {
	if err := d.openTraces(ctx); err != nil {
		return err
	}
	if d.config.Node.Controls() {
		return d.openControl(ctx)
	}
	return d.openHealth(ctx)
}

// openStandin opens the stand-in, if anything goes there, and returns its URL.
func (d *Daemon) openStandin(ctx context.Context) (*url.URL, error) {
	if target := d.config.Proxy.Target(); target.URL != nil {
		d.addresses.Upstream = target.URL.String()
	}
	if !d.config.Proxy.UsesStandin() {
		return nil, nil //nolint:nilnil // Nothing goes there.
	}
	server, err := standin.Listen(ctx, d.config.Standin.Listen, d.groove)
	if err != nil {
		return nil, fmt.Errorf("open [standin] listen: %w", err)
	}
	d.parts = append(d.parts, part{
		name: "standin",
		run: func(ctx context.Context) error {
			if err := d.groove.wait(); err != nil {
				return errors.Join(err, server.Close())
			}
			return server.Run(ctx)
		},
		close: func() error { return d.closeGroove(server) },
	})
	at, err := url.Parse(server.URL())
	if err != nil {
		return nil, err
	}
	d.addresses.Standin = at.Host
	if d.addresses.Upstream == "" {
		d.addresses.Upstream = server.URL()
	}
	return at, nil
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

// WebScheme begins URLs of the control API: "https://" where it speaks TLS, else "http://".
func (d *Daemon) WebScheme() string {
	if d.config.Control.TLS.Given() {
		return "https://"
	}
	return "http://"
}

// Judge judges what was seen so far; ended says that nothing more will come.
// Attempts that are still under way are not seen, so let Run end first.
func (d *Daemon) Judge(ended bool) verdict.Report {
	checks, policy := d.verdict()
	return d.judge(ended, checks, policy)
}

// JudgeFor is Judge of what has ended, for these checks in place of those of the configuration, unless there are none.
func (d *Daemon) JudgeFor(checks []string) verdict.Report {
	configured, policy := d.verdict()
	if len(checks) == 0 {
		checks = configured
	}
	return d.judge(true, checks, policy)
}

func (d *Daemon) judge(ended bool, checks []string, policy verdict.Policy) verdict.Report {
	journal := api.RecentJournal(d.attempts, d.outcomes, d.uses, !d.config.Store.Shared())
	journal.Ended = ended
	return verdict.Judge(journal, verdict.Options{Checks: checks, Policy: policy})
}

// verdict is what the judge is asked, and how it judges.
func (d *Daemon) verdict() ([]string, verdict.Policy) {
	c := d.judging.Load()
	return c.Checks, c.Policy()
}
