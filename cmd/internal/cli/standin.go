package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/standin"
)

type standinOptions struct {
	*root
	config, listen      string
	latency, latencyP99 time.Duration
	tls, requests       bool
}

func newStandin(r *root) *cobra.Command {
	o := &standinOptions{root: r}
	command := &cobra.Command{
		Use:   "standin",
		Short: "Serve the stand-in for Groove alone, without the proxy",
		Long: `Serve the stand-in for Groove alone until interrupted: all endpoints of the
reference on one address, no proxy, no faults. Once it listens it says where,
with --json as one JSON document.

With --tls it serves HTTPS with the certificate authority of [intercept], in
the name of those hosts alone: callers have to trust it (see groovechaos ca)
and to ask for one of them. With --requests the log, on standard error, has a
line for each request.

GET /__standin/state shows what was written, DELETE /__standin/state forgets
it.`,
		Example: `  groovechaos standin
  groovechaos standin --listen 127.0.0.1:8080 --latency 20ms --latency-p99 200ms
  groovechaos standin --tls --requests`,
		Args: wants(),
		RunE: func(command *cobra.Command, _ []string) error { return o.run(command) },
	}
	flags := command.Flags()
	flags.StringVar(&o.config, "config", "", "configuration file; none means the defaults")
	flags.StringVar(&o.listen, "listen", "", "loopback address; overrides [standin] listen")
	flags.DurationVar(&o.latency, "latency", 0, "what half of the answers take at most; overrides [standin] latency")
	flags.DurationVar(&o.latencyP99, "latency-p99", 0, "what 99 % of the answers take at most; overrides [standin] latency_p99")
	flags.BoolVar(&o.tls, "tls", false, "serve HTTPS")
	flags.BoolVar(&o.requests, "requests", false, "log each request")
	complete(command, "config", completeTOML)
	for _, name := range []string{"listen", "latency", "latency-p99"} {
		complete(command, name, cobra.NoFileCompletions)
	}
	return command
}

// servedStandin says in JSON where the stand-in is.
type servedStandin struct {
	Standin string `json:"standin"`
	URL     string `json:"url"`
}

func (o *standinOptions) run(command *cobra.Command) error {
	c, err := o.load(command)
	if err != nil {
		return err
	}
	o.warn(c)
	server, err := o.open(command.Context(), c)
	if err != nil {
		return err
	}
	if err := o.announce(server); err != nil {
		return errors.Join(err, server.Close())
	}
	return server.Run(command.Context())
}

// load reads the configuration and puts the flags over it.
func (o *standinOptions) load(command *cobra.Command) (*config.Config, error) {
	c, err := o.root.load(o.config)
	if err != nil {
		return nil, err
	}
	flags := command.Flags()
	if flags.Changed("listen") {
		c.Standin.Listen = o.listen
	}
	if flags.Changed("latency") {
		c.Standin.Latency = o.latency
	}
	if flags.Changed("latency-p99") {
		c.Standin.LatencyP99 = o.latencyP99
	}
	// Other listeners are not opened, and may be where this one is.
	c.Proxy = config.Default().Proxy
	c.Proxy.Listen, c.Control.GRPC, c.Control.REST = freePort, freePort, freePort
	if err := c.Validate().Err(); err != nil {
		return nil, usage("%w", err)
	}
	return c, nil
}

// open makes the stand-in and opens its listener.
func (o *standinOptions) open(ctx context.Context, c *config.Config) (*standin.Server, error) {
	options := standin.Options{Seed: c.Seed, Latency: standin.Latency{P50: c.Standin.Latency, P99: c.Standin.LatencyP99}}
	if o.requests {
		options.Requests = o.logger(c)
	}
	groove, err := standin.New(options)
	if err != nil {
		return nil, err
	}
	if !o.tls {
		return standin.Listen(ctx, c.Standin.Listen, groove)
	}
	dir, err := c.Intercept.AuthorityDir()
	if err != nil {
		return nil, err
	}
	authority, err := ca.Open(ca.Options{Dir: dir, Domains: c.Intercept.Domains()})
	if err != nil {
		return nil, err
	}
	return standin.ListenTLS(ctx, c.Standin.Listen, groove, authority.TLS("h2", "http/1.1"))
}

// announce says where the stand-in is, once it listens.
func (o *standinOptions) announce(server *standin.Server) error {
	if o.json {
		return o.printJSON(servedStandin{server.Address(), server.URL()})
	}
	_, err := fmt.Fprintf(o.Out, "standin  %s  (state %s/__standin/state)\nIt is no proxy and injects nothing; Ctrl-C ends.\n", server.URL(), server.URL())
	return err
}
