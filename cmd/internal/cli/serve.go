package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/daemon"
)

type serveOptions struct {
	*root
	config  string
	dataDir string
}

func newServe(r *root) *cobra.Command {
	o := &serveOptions{root: r}
	command := &cobra.Command{
		Use:   "serve",
		Short: "Run the proxy, the stand-in and the control API until interrupted",
		Long: `Run the proxy, the stand-in for Groove and the control API until interrupted.
Without --config it relays to the stand-in on the default addresses, with no
fault; faults can then be switched on over the API or with groovechaos fault.

Once all listeners are open it says where they are, with --json as one JSON
document. The log goes to standard error. SIGINT and SIGTERM end it: calls in
flight get the time of [proxy] drain, a second signal cuts them off. SIGHUP
makes it read its configuration file anew, as groovechaos config reload does.
SIGUSR1 pulls the brake: here at once, and as soon as they can be reached on
all other nodes (on Unix).

What is switched is kept over a restart, in the directory that [store] dir or
--data-dir names, unless [store] says otherwise.`,
		Example: "  groovechaos serve --config config.toml",
		Args:    wants(),
		RunE:    func(command *cobra.Command, _ []string) error { return o.run(command.Context()) },
	}
	command.Flags().StringVar(&o.config, "config", "", "configuration file; none means the defaults")
	command.Flags().StringVar(&o.dataDir, "data-dir", "", "directory of the store; overrides [store] dir")
	complete(command, "config", completeTOML)
	return command
}

func (o *serveOptions) run(ctx context.Context) error {
	c, err := o.configured()
	if err != nil {
		return err
	}
	o.warn(c)
	options := daemon.Options{Config: c, Logger: o.logger(c), Version: readBuild().Version}
	if o.config != "" {
		options.Load = o.configured
	}
	// They are caught from the start, and heard once there is something to tell.
	reload, brake := caught(func(to chan<- os.Signal) { signal.Notify(to, syscall.SIGHUP) }), caught(notifyBrake)
	d, err := daemon.New(ctx, options)
	if err != nil {
		return err
	}
	defer reloadOnSignal(ctx, d, options.Logger, reload)()
	defer brakeOnSignal(ctx, d, options.Logger, brake)()
	if err := o.announce(ctx, d, c); err != nil {
		return errors.Join(err, d.Close())
	}
	return d.Run(ctx)
}

// configured reads the configuration and puts the flags over it.
func (o *serveOptions) configured() (*config.Config, error) {
	c, err := o.load(o.config)
	if err != nil || o.dataDir == "" {
		return c, err
	}
	c.Store.Dir = o.dataDir
	if err := c.Validate().Err(); err != nil {
		return nil, usage("--data-dir: %w", err)
	}
	return c, nil
}

// reloadOnSignal reloads the configuration at each SIGHUP, until what it returns is called.
func reloadOnSignal(ctx context.Context, d *daemon.Daemon, logger *slog.Logger, signals chan os.Signal) (stop func()) {
	return onSignal(signals, func() {
		if err := d.Reload(ctx, "SIGHUP"); err != nil {
			logger.ErrorContext(ctx, "configuration not reloaded", slog.Any("error", err))
		}
	})
}

// brakeOnSignal pulls the brake at each SIGUSR1, until what it returns is called.
func brakeOnSignal(ctx context.Context, d *daemon.Daemon, logger *slog.Logger, signals chan os.Signal) (stop func()) {
	return onSignal(signals, func() {
		if err := d.PullBrake(ctx, "SIGUSR1"); err != nil {
			logger.WarnContext(ctx, "brake pulled on this node alone", slog.Any("error", err))
			return
		}
		logger.InfoContext(ctx, "brake pulled by a signal")
	})
}

// caught keeps the newest signal that notify sends on until somebody takes it.
func caught(notify func(chan<- os.Signal)) chan os.Signal {
	signals := make(chan os.Signal, 1)
	notify(signals)
	return signals
}

// onSignal calls do for each signal that is caught, until what it returns is called.
func onSignal(signals chan os.Signal, do func()) (stop func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range signals {
			do()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-ended
	}
}

// load reads the configuration that --config names, "" for the defaults.
func (r *root) load(file string) (*config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	return loadConfig(file)
}

// warn prints the doubts about a configuration.
func (r *root) warn(c *config.Config) {
	for _, warning := range c.Warnings {
		fmt.Fprintf(r.Err, "warning: %s\n", warning)
	}
}

// logger writes to standard error as the configuration says.
func (r *root) logger(c *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Log.Threshold()}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(r.Err, options))
	}
	return slog.New(slog.NewTextHandler(r.Err, options))
}

// announce says where everything is: once all listeners are open.
func (o *serveOptions) announce(ctx context.Context, d *daemon.Daemon, c *config.Config) error {
	a := d.Addresses()
	if o.json {
		return o.printJSON(a)
	}
	var text strings.Builder
	if a.Proxy != "" {
		upstream := a.Upstream
		if c.Proxy.Upstream == upstreamStandin {
			upstream = "the stand-in at " + upstream
		}
		fmt.Fprintf(&text, "proxy    http://%s → %s\n%s", a.Proxy, upstream, listenersText(a.Listeners))
	}
	if a.REST != "" {
		fmt.Fprintf(&text, "control  %s%s  (open it in a browser; gRPC %s)\n", d.WebScheme(), a.REST, a.GRPC)
	}
	if a.Health != "" {
		fmt.Fprintf(&text, "health   %s%s/readyz  (also /healthz and /metrics)\n", d.WebScheme(), a.Health)
	}
	standing, err := standingText(ctx, d, len(c.Faults))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Out, "%sfaults   %s\nPoint your caller at the proxy; Ctrl-C ends.\n", text.String(), standing)
	return err
}

// standingText says how many faults there are, those of the file and those that were kept from earlier, and whether the
// brake is pulled.
func standingText(ctx context.Context, d *daemon.Daemon, configured int) (string, error) {
	kept, brake, err := d.Standing(ctx)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%d loaded", kept)
	if kept != configured {
		text = fmt.Sprintf("%d of the configuration, %d in the store", configured, kept)
	}
	if brake.Pulled {
		text += "; the brake is pulled, so none strikes"
	}
	return text, nil
}

// quietLogger writes warnings and errors only, for commands whose output is
// something else.
func (r *root) quietLogger(c *config.Config) *slog.Logger {
	quiet := *c
	quiet.Log.Level = "warn"
	return r.logger(&quiet)
}

// listenersText is a line for each listener of the proxy but the first.
func listenersText(listeners []daemon.Listener) string {
	var text strings.Builder
	for _, l := range listeners[1:] {
		fmt.Fprintf(&text, "         %s (%s)\n", l.Address, strings.Join(l.Modes, ", "))
	}
	return text.String()
}
