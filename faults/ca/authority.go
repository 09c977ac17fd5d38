package ca

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The files of an authority, in Options.Dir.
const (
	// CertificateName is the root certificate in PEM, to be trusted.
	CertificateName = "groovechaos-ca.pem"
	// KeyName is the secret: the key, and what belongs to it, in PEM.
	KeyName = "groovechaos-ca-key.pem"
)

// AnyHost is the domain that permits every host.
const AnyHost = "*"

// Why an authority cannot be used. Errors wrap one of them and name the file
// or the host.
var (
	// ErrBroken means a file that is not what was written there.
	ErrBroken = errors.New("broken")
	// ErrExposed means a key that others than its owner can reach.
	ErrExposed = errors.New("exposed")
	// ErrExpired means an authority that is used outside its validity.
	ErrExpired = errors.New("not valid now")
	// ErrForbidden means a host that the authority may not sign for.
	ErrForbidden = errors.New("not permitted by the authority")
	// ErrHost means text that is no host name and no IP address.
	ErrHost = errors.New("want a host name or an IP address")
)

// Options configure Open.
type Options struct {
	// Dir is where the files are. It is made, for its owner alone, if it is not
	// there.
	Dir string
	// Domains are what the authority may sign for: host names, each with all
	// names below it ("*.example.com" is the same as "example.com"), addresses
	// and prefixes such as "10.0.0.0/8". AnyHost permits everything. There must
	// be at least one. A new authority is constrained to them, one that exists
	// must permit them all.
	Domains []string
	// Host names the machine in the names of a new authority. "" is
	// os.Hostname.
	Host string
	// Leaves bounds the leaf certificates that are kept; 0 means 1024.
	Leaves int
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Authority signs certificates for hosts. It is safe for concurrent use.
type Authority struct {
	pair
	dir    string
	now    func() time.Time
	leaves leaves
}

// Open loads the authority in o.Dir, or makes it if there is none. Processes
// that make one at the same time end up with the same. The error wraps
// ErrBroken, ErrExposed, ErrExpired or ErrForbidden where one of them is the
// reason, and names the file.
func Open(o Options) (*Authority, error) {
	o = o.withDefaults()
	domains, err := parseDomains(o.Domains)
	if err != nil {
		return nil, fmt.Errorf("open CA: %w", err)
	}
	if err := prepareDir(o.Dir); err != nil {
		return nil, fmt.Errorf("open CA: %w", err)
	}
	p, err := loadOrMake(&o, domains)
	if err != nil {
		return nil, fmt.Errorf("open CA: %w", err)
	}
	a := &Authority{pair: *p, dir: o.Dir, now: o.Now}
	a.leaves.limit = o.Leaves
	if err := a.check(domains); err != nil {
		return nil, fmt.Errorf("open CA: %w", err)
	}
	return a, nil
}

func (o Options) withDefaults() Options {
	if o.Host == "" {
		o.Host, _ = os.Hostname() // "" is named "unnamed"
	}
	if o.Leaves <= 0 {
		o.Leaves = 1024
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// check holds a loaded authority to the clock and to what it is to sign for.
func (a *Authority) check(wanted domains) error {
	if err := a.valid(a.now()); err != nil {
		return fmt.Errorf("%s: %w; %s", a.KeyFile(), err, a.renewal())
	}
	if missing := wanted.beyond(a.allowed); len(missing) > 0 {
		return fmt.Errorf("%s: %w: %s; %s",
			a.CertificateFile(), ErrForbidden, strings.Join(missing, ", "), a.renewal())
	}
	return nil
}

// renewal says what to do about an authority that is of no use any more.
func (a *Authority) renewal() string {
	return fmt.Sprintf("remove %s and %s to have a new one made, and trust that instead", KeyName, CertificateName)
}

// valid reports whether the authority may sign at a time.
func (a *Authority) valid(now time.Time) error {
	if now.Before(a.issuing.NotBefore) || !now.Before(a.issuing.NotAfter) {
		return fmt.Errorf("%w: the authority lasts from %s to %s", ErrExpired,
			a.issuing.NotBefore.UTC().Format(time.DateOnly), a.issuing.NotAfter.UTC().Format(time.DateOnly))
	}
	return nil
}

// Permits returns nil if the authority may sign for a host name or an address,
// else an error that wraps ErrHost or ErrForbidden.
func (a *Authority) Permits(host string) error {
	name, err := parseHost(host)
	if err != nil {
		return err
	}
	if !a.allowed.permit(name) {
		return fmt.Errorf("certificate for %s: %w", name, ErrForbidden)
	}
	return nil
}

// CertificateFile is the path of the root certificate.
func (a *Authority) CertificateFile() string { return filepath.Join(a.dir, CertificateName) }

// KeyFile is the path of the secret.
func (a *Authority) KeyFile() string { return filepath.Join(a.dir, KeyName) }

// Name is the common name of the root, which holds the host it was made on and
// a short fingerprint of its key.
func (a *Authority) Name() string { return a.root.Subject.CommonName }

// Root is the root certificate. It must not be changed.
func (a *Authority) Root() *x509.Certificate { return a.root }

// NotAfter is when the authority ends, with all its leaves.
func (a *Authority) NotAfter() time.Time { return a.issuing.NotAfter }

// Domains are what the authority may sign for, in the spelling of
// Options.Domains.
func (a *Authority) Domains() []string { return a.allowed.texts() }

// Fingerprint is the SHA-256 digest of the root certificate as browsers and
// openssl show it: upper-case pairs parted by colons.
func (a *Authority) Fingerprint() string {
	digest := sha256.Sum256(a.root.Raw)
	pairs := make([]string, len(digest))
	for i, b := range digest {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(pairs, ":")
}

// PEM is the root certificate in PEM.
func (a *Authority) PEM() []byte { return certificatePEM(a.root.Raw) }

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
