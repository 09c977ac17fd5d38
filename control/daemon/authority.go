package daemon

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/ca"
)

// authority is the certificate authority, opened when it is used for the first
// time, so that nobody has one who does not need it.
type authority struct {
	config *config.Intercept

	mu sync.Mutex
	// opened is nil until it could be opened.
	opened *ca.Authority
}

func newAuthority(c *config.Intercept) *authority { return &authority{config: c} }

// open opens it, or makes it if there is none. What failed is tried anew by the next who asks: a disk is not full for ever.
func (a *authority) open() (*ca.Authority, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.opened != nil {
		return a.opened, nil
	}
	dir, err := a.config.AuthorityDir()
	if err != nil {
		return nil, err
	}
	a.opened, err = ca.Open(ca.Options{Dir: dir, Domains: a.config.Domains()})
	return a.opened, err
}

// root returns the certificate to trust. If there is none yet, it makes one or,
// unless create is set, returns nil.
func (a *authority) root(create bool) (*x509.Certificate, error) {
	if there, err := a.exists(); !create && !there {
		return nil, err
	}
	opened, err := a.open()
	if err != nil {
		return nil, err
	}
	return opened.Root(), nil
}

func (a *authority) exists() (bool, error) {
	dir, err := a.config.AuthorityDir()
	if err != nil {
		return false, err
	}
	_, err = os.Stat(filepath.Join(dir, ca.KeyName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// intercepts reports whether any listener decrypts.
func (d *Daemon) intercepts() bool {
	return d.config.Proxy.Serves(config.ModeForward) || d.config.Proxy.Serves(config.ModeTransparent)
}

// Root returns the certificate by which connections are intercepted, and makes the authority if there is none yet.
func (d *Daemon) Root() (*x509.Certificate, error) { return d.authority.root(true) }
