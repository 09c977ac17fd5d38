package cli

import (
	"context"
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
	config string
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
makes it read its configuration file anew, as groovechaos config reload does.`,
		Example: "  groovechaos serve --config config.toml",
		Args:    wants(),
		RunE:    func(command *cobra.Command, _ []string) error { return o.run(command.Context()) },
	}
	command.Flags().StringVar(&o.config, "config", "", "configuration file; none means the defaults")
	complete(command, "config", completeTOML)
	return command
}

func (o *serveOptions) run(ctx context.Context) error {
	c, err := o.load(o.config)
	if err != nil {
		return err
	}
	o.warn(c)
	options := daemon.Options{Config: c, Logger: o.logger(c), Version: readBuild().Version}
	if o.config != "" {
		options.Load = func() (*config.Config, error) { return o.load(o.config) }
	}
	d, err := daemon.New(ctx, options)
	if err != nil {
		return err
	}
	defer o.reloadOnSignal(ctx, d, options.Logger)()
	if err := o.announce(d.Addresses(), len(c.Faults)); err != nil {
		return err
	}
	return d.Run(ctx)
}

// reloadOnSignal reloads the configuration at each SIGHUP, until what it returns is called.
func (r *root) reloadOnSignal(ctx context.Context, d *daemon.Daemon, logger *slog.Logger) (stop func()) {
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer close(ended)
		for range signals {
			if err := d.Reload(ctx, "SIGHUP"); err != nil {
				logger.ErrorContext(ctx, "configuration not reloaded", slog.Any("error", err))
			}
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
	return config.Load(file)
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
func (o *serveOptions) announce(a daemon.Addresses, faults int) error {
	if o.json {
		return o.printJSON(a)
	}
	upstream := a.Upstream
	if a.Standin != "" {
		upstream = "the stand-in at " + upstream
	}
	_, err := fmt.Fprintf(o.Out, `proxy    http://%s → %s
%scontrol  http://%s  (gRPC %s, browse http://%s/docs/)
faults   %d loaded
Point your caller at the proxy; Ctrl-C ends.
`, a.Proxy, upstream, listenersText(a.Listeners), a.REST, a.GRPC, a.REST, faults)
	return err
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
