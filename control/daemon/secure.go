package daemon

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
)

// security is what both doors of the control API share.
type security struct {
	guard *auth.Guard
	// keyring is nil where the doors speak in the clear.
	keyring *keyring
	// file is the token of the token file, nil where nobody is asked.
	file *store.Token
}

// secure reads what the configuration names. Whatever cannot be used stops the start: nothing is served less securely
// than it was asked for.
func (d *Daemon) secure() (*security, error) {
	c := &d.config.Control
	s := &security{}
	var err error
	if s.keyring, err = openKeyring(&c.TLS); err != nil {
		return nil, err
	}
	d.keyring = s.keyring
	if s.file, err = d.tokenFile(&c.Auth); err != nil {
		return nil, err
	}
	certificates := make(map[string]auth.Role, len(c.Auth.Certificates))
	for _, given := range c.Auth.Certificates {
		if certificates[given.Subject], err = auth.ParseRole(given.Role); err != nil {
			return nil, fmt.Errorf("read [control.auth] certificates: role %w", err)
		}
	}
	s.guard = auth.NewGuard(auth.Options{
		Required: c.Auth.Required, Tokens: d.tokens, File: s.file, Certificates: certificates, Now: time.Now, Logger: d.logger,
	})
	return s, nil
}

// tokenFile reads the first admin token, or makes it. It is nil where nobody is asked.
func (d *Daemon) tokenFile(c *config.ControlAuth) (*store.Token, error) {
	if !c.Required {
		return nil, nil //nolint:nilnil // There is none.
	}
	path, err := c.TokenPath()
	if err != nil {
		return nil, err
	}
	secret, made, err := auth.OpenSecret(path)
	if err != nil {
		return nil, fmt.Errorf("open [control.auth] token_file: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open [control.auth] token_file: %w", err)
	}
	if made {
		d.logger.Info("admin token made", slog.String("file", path))
	}
	return &store.Token{ID: "file", Name: "token_file", Role: string(auth.Admin), Hash: auth.Hash(secret), Created: info.ModTime()}, nil
}
