package ca

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// leafLifetime is well below the 398 days that platforms accept of a server
	// certificate; leafBackdating is for clients whose clocks are slow.
	leafLifetime   = 90 * 24 * time.Hour
	leafBackdating = 12 * time.Hour
)

// Certificate returns a certificate for a host name or an IP address, made on
// first use and kept until a third of its life is left. It must not be
// changed. The error wraps ErrHost, ErrForbidden or ErrExpired.
func (a *Authority) Certificate(name string) (*tls.Certificate, error) {
	now := a.now()
	if l := a.leaves.find(name, now); l != nil {
		return l.certificate, nil
	}
	if err := a.Permits(name); err != nil {
		return nil, err
	}
	h, err := parseHost(name)
	if err != nil {
		return nil, err
	}
	key := h.String()
	l := a.leaves.enter(key, now)
	l.once.Do(func() { l.make(a, h, now) })
	if l.err != nil {
		a.leaves.drop(key, l)
		return nil, fmt.Errorf("certificate for %s: %w", h, l.err)
	}
	return l.certificate, nil
}

// leaf is a certificate or the place where one is being made. The goroutine
// that comes first makes it, others wait.
type leaf struct {
	once        sync.Once
	certificate *tls.Certificate
	err         error
	// renew is when it is due for renewal, in nanoseconds since 1970; 0 until it
	// is made.
	renew atomic.Int64
}

func (l *leaf) stale(now time.Time) bool {
	renew := l.renew.Load()
	return renew != 0 && now.UnixNano() >= renew
}

func (l *leaf) make(a *Authority, h host, now time.Time) {
	if l.certificate, l.err = a.issue(h, now); l.err == nil {
		end := l.certificate.Leaf.NotAfter
		l.renew.Store(end.Add(-end.Sub(now) / 3).UnixNano())
	}
}

// issue signs a certificate for a host. The name is in the subject alternative
// name alone, where it is looked for (RFC 9525 §6.3).
func (a *Authority) issue(h host, now time.Time) (*tls.Certificate, error) {
	if err := a.valid(now); err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organisation}},
		NotBefore:             latest(now.Add(-leafBackdating), a.issuing.NotBefore),
		NotAfter:              now.Add(leafLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if t.NotAfter.After(a.issuing.NotAfter) {
		t.NotAfter = a.issuing.NotAfter
	}
	if h.addr.IsValid() {
		t.IPAddresses = []net.IP{h.addr.AsSlice()}
	} else {
		t.DNSNames = []string{h.name}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.issuing, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.issuing.Raw}, PrivateKey: key, Leaf: parsed}, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// leaves are the certificates in use, by host. Those that were not asked for
// while limit/2 others came are forgotten.
type leaves struct {
	limit int

	mu         sync.Mutex
	young, old map[string]*leaf
}

// find returns a finished certificate, nil if there is none. The name is not
// checked: only names that were are in here.
func (c *leaves) find(name string, now time.Time) *leaf {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.young[name]; l != nil && l.renew.Load() != 0 && !l.stale(now) {
		return l
	}
	return nil
}

// enter returns the certificate of a host or a new place for it.
func (c *leaves) enter(key string, now time.Time) *leaf {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.young[key]
	if l == nil {
		l = c.old[key]
	} else if !l.stale(now) {
		return l
	}
	if l == nil || l.stale(now) {
		l = new(leaf)
	}
	if c.young == nil || len(c.young) >= max(c.limit/2, 1) {
		c.young, c.old = make(map[string]*leaf), c.young
	}
	c.young[key] = l
	delete(c.old, key)
	return l
}

// drop forgets a place whose certificate could not be made.
func (c *leaves) drop(key string, l *leaf) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young[key] == l {
		delete(c.young, key)
	}
}
