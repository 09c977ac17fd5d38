package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// errAbsent is wrapped by what a binary of our side cannot do yet.
var errAbsent = errors.New("not available")

// startOurs returns what starts our side as the peer of that name; change, if
// not nil, changes the scenario for it.
func startOurs(name string, change func(*scenario)) func(context.Context, *site, *scenario) (*running, error) {
	return func(ctx context.Context, s *site, c *scenario) (*running, error) {
		own := *c
		if change != nil {
			change(&own)
		}
		addresses := make([]string, 3)
		for i := range addresses {
			address, err := freeAddress(ctx)
			if err != nil {
				return nil, err
			}
			addresses[i] = address
		}
		file, err := s.write(name+".toml", s.configure(&own, addresses))
		if err != nil {
			return nil, err
		}
		if err := s.accepts(ctx, name, c, file); err != nil {
			return nil, err
		}
		command := []string{s.programs[name], "serve", "--config", file}
		r, err := s.start(ctx, name, addresses[0], command, "PEERBENCH_PROFILES="+s.dir,
			"XDG_CONFIG_HOME="+filepath.Join(s.dir, name+"."+c.name+".home")) // Each has a new store: none reads what another scenario left.
		if err == nil {
			r.connect = own.kind == viaTLS
		}
		return r, err
	}
}

// accepts asks our side whether it knows what a configuration wants. TLS may be
// more than it can do, and anything may be for the baseline.
func (s *site) accepts(ctx context.Context, name string, c *scenario, file string) error {
	said, err := output(ctx, s.programs[name], "config", "check", file)
	var refused *exec.ExitError
	if errors.As(err, &refused) && (c.kind == viaTLS || name == baseline) {
		return fmt.Errorf("%w: %s", errAbsent, first(said))
	}
	return err
}

// configure is the config.toml of our side: the proxy and the two doors of the
// control API listen on the addresses, in this order.
func (s *site) configure(c *scenario, addresses []string) string {
	upstream, intercept := "http://"+s.origin.address, ""
	if c.kind == viaTLS {
		upstream = "https://" + s.secure
		intercept = fmt.Sprintf("upstream_ca = %q\n[intercept]\nca_dir = %q\n", s.authority, filepath.Join(s.dir, "ca"))
	}
	return fmt.Sprintf(`[proxy]
listen = %q
upstream = %q
drain = "0s"
%s[control]
grpc = %q
rest = %q
[log]
level = "error"
`, addresses[0], upstream, intercept, addresses[1], addresses[2]) + harmless(c.harmless) + c.fault
}
