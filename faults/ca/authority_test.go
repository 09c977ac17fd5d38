package ca_test

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// clock is one that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// options are those of an authority for example.com and loopback.
func options(t testing.TB) ca.Options {
	t.Helper()
	return ca.Options{
		Dir: filepath.Join(t.TempDir(), "ca"), Host: "build-7", Now: newClock().Now,
		Domains: []string{"api.example.com", "*.login.example", "127.0.0.1", "10.0.0.0/8"},
	}
}

func open(t testing.TB, o ca.Options) *ca.Authority {
	t.Helper()
	a, err := ca.Open(o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return a
}

func TestOpenMakesAnAuthorityOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	first := open(t, o)
	o.Host = "another"
	second := open(t, o)
	if got, want := second.Fingerprint(), first.Fingerprint(); got != want {
		t.Errorf("second Open has fingerprint %s, want that of the first, %s", got, want)
	}
	if name := first.Name(); !strings.HasPrefix(name, "groovechaos CA build-7 ") || len(name) > 64 {
		t.Errorf("got name %q, want it to hold the host and to have at most 64 characters", name)
	}
	other := open(t, options(t))
	if other.Name() == first.Name() {
		t.Errorf("two authorities of one host are both called %q, want different names", other.Name())
	}
	written, err := os.ReadFile(first.CertificateFile())
	if err != nil || string(written) != string(first.PEM()) {
		t.Errorf("certificate file is %q, %v, want %q", written, err, first.PEM())
	}
}

func TestFilesAreForTheirOwner(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	a := open(t, options(t))
	for path, want := range map[string]fs.FileMode{
		filepath.Dir(a.KeyFile()): fs.ModeDir | 0o700, a.KeyFile(): 0o600, a.CertificateFile(): 0o644,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("mode of %s is %v, want %v", filepath.Base(path), info.Mode(), want)
		}
	}
	left, err := os.ReadDir(filepath.Dir(a.KeyFile()))
	if err != nil || len(left) != 2 {
		t.Errorf("directory holds %v, %v, want the two files alone", left, err)
	}
}

func TestRootAndIssuingCertificate(t *testing.T) {
	t.Parallel()
	a := open(t, options(t))
	chain, err := a.Certificate("api.example.com")
	if err != nil {
		t.Fatal(err)
	}
	issuing, err := x509.ParseCertificate(chain.Certificate[1])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*x509.Certificate{"root": a.Root(), "issuing": issuing} {
		if !c.IsCA || c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
			t.Errorf("%s has IsCA %t and key usage %b, want a CA that signs certificates", name, c.IsCA, c.KeyUsage)
		}
		if !c.PermittedDNSDomainsCritical || len(c.PermittedDNSDomains) != 2 || len(c.PermittedIPRanges) != 2 {
			t.Errorf("%s permits %v and %v, critical %t, want the two names and two ranges, critical",
				name, c.PermittedDNSDomains, c.PermittedIPRanges, c.PermittedDNSDomainsCritical)
		}
		if got := c.NotAfter.Sub(c.NotBefore); got != 5*365*24*time.Hour {
			t.Errorf("%s lasts %v, want 5 years", name, got)
		}
	}
	if a.Root().MaxPathLen != 1 || issuing.MaxPathLen != 0 || !issuing.MaxPathLenZero {
		t.Errorf("got path lengths %d and %d, want 1 and 0", a.Root().MaxPathLen, issuing.MaxPathLen)
	}
	if got, want := strings.Join(a.Domains(), " "), "api.example.com login.example 127.0.0.1 10.0.0.0/8"; got != want {
		t.Errorf("got domains %q, want %q", got, want)
	}
}

func TestOpenAtTheSameTime(t *testing.T) {
	t.Parallel()
	o := options(t)
	const many = 16
	var (
		got  [many]string
		wait sync.WaitGroup
		gate = make(chan struct{})
	)
	for i := range many {
		wait.Go(func() {
			<-gate
			a, err := ca.Open(o)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			got[i] = a.Fingerprint()
		})
	}
	close(gate)
	wait.Wait()
	for _, fingerprint := range got {
		if fingerprint != got[0] {
			t.Fatalf("got fingerprints %s and %s, want one authority", got[0], fingerprint)
		}
	}
}

func TestOpenWritesALostCertificateAgain(t *testing.T) {
	t.Parallel()
	o := options(t)
	first := open(t, o)
	if err := os.Remove(first.CertificateFile()); err != nil {
		t.Fatal(err)
	}
	open(t, o)
	if got, err := os.ReadFile(first.CertificateFile()); err != nil || string(got) != string(first.PEM()) {
		t.Errorf("certificate file is %q, %v, want it written again", got, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	overwrite := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(name string, change func(string) string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			overwrite(name, change(string(text)))(t, dir)
		}
	}
	chmod := func(name string, mode fs.FileMode) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if runtime.GOOS == "windows" {
				t.Skip("Windows has no file modes")
			}
			if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	block := func(text string, i int) string {
		parts := strings.SplitAfter(text, "-----\n")
		return parts[2*i] + parts[2*i+1]
	}
	for name, test := range map[string]struct {
		spoil func(*testing.T, string)
		want  error
		says  string
	}{
		"an empty key file":      {overwrite(ca.KeyName, ""), ca.ErrBroken, ca.KeyName},
		"garbage as key file":    {overwrite(ca.KeyName, "hello"), ca.ErrBroken, ca.KeyName},
		"half a key file":        {edit(ca.KeyName, func(s string) string { return s[:len(s)/2] }), ca.ErrBroken, ca.KeyName},
		"something after it":     {edit(ca.KeyName, func(s string) string { return s + "x" }), ca.ErrBroken, "after"},
		"the blocks in disorder": {edit(ca.KeyName, func(s string) string { return block(s, 1) + block(s, 0) + block(s, 2) }), ca.ErrBroken, "block 1"},
		"the root as issuing": {
			edit(ca.KeyName, func(s string) string { return block(s, 0) + block(s, 2) + block(s, 2) }), ca.ErrBroken, "not that of the issuing",
		},
		"the issuing as root": {
			edit(ca.KeyName, func(s string) string { return block(s, 0) + block(s, 1) + block(s, 1) }), ca.ErrBroken, "root",
		},
		"a key that all read":          {chmod(ca.KeyName, 0o644), ca.ErrExposed, "chmod 600 "},
		"a key that the group reads":   {chmod(ca.KeyName, 0o640), ca.ErrExposed, "chmod 600 "},
		"a directory that all write":   {chmod("", 0o777), ca.ErrExposed, "chmod 700 "},
		"another certificate":          {overwrite(ca.CertificateName, "hello"), ca.ErrBroken, ca.CertificateName},
		"a certificate without a key":  {discard(ca.KeyName), ca.ErrBroken, ca.CertificateName},
		"a directory as the key file":  {asDirectory(ca.KeyName), ca.ErrBroken, ca.KeyName},
		"a directory as a certificate": {asDirectory(ca.CertificateName), ca.ErrBroken, ca.CertificateName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			open(t, o)
			test.spoil(t, o.Dir)
			before := snapshot(t, o.Dir)
			_, err := ca.Open(o)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %v with %q", err, test.want, test.says)
			}
			if after := snapshot(t, o.Dir); after != before {
				t.Errorf("the files became %q, want them left alone as %q", after, before)
			}
		})
	}
}

func discard(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func asDirectory(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		discard(name)(t, dir)
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// snapshot is what a directory holds.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		b.WriteString(e.Name() + "=" + string(text) + ";")
	}
	return b.String()
}

func TestBrokenKeyIsNotQuoted(t *testing.T) {
	t.Parallel()
	o := options(t)
	a := open(t, o)
	text, err := os.ReadFile(a.KeyFile())
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Split(string(text), "\n")[1]
	broken := strings.Replace(string(text), secret, "A"+secret[1:], 1)
	if err := os.WriteFile(a.KeyFile(), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ca.Open(o); !errors.Is(err, ca.ErrBroken) || strings.Contains(err.Error(), secret[1:12]) {
		t.Errorf("got %v, want ErrBroken without a part of the key", err)
	}
}

func TestOpenKeepsToItsValidity(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		later time.Duration
		want  error
	}{
		"a day before it was made": {-24*time.Hour - time.Second, ca.ErrExpired},
		"hours before":             {-23 * time.Hour, nil},
		"years later":              {4 * year, nil},
		"at its end":               {5*year - 24*time.Hour, ca.ErrExpired},
		"after its end":            {6 * year, ca.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, c := options(t), newClock()
			o.Now = c.Now
			a := open(t, o)
			c.add(test.later)
			if _, err := ca.Open(o); !errors.Is(err, test.want) {
				t.Errorf("Open: got %v, want %v", err, test.want)
			} else if err != nil && !strings.Contains(err.Error(), a.KeyFile()) {
				t.Errorf("Open: got %v, want it to name %s", err, a.KeyFile())
			}
			if _, err := a.Certificate("api.example.com"); !errors.Is(err, test.want) {
				t.Errorf("Certificate: got %v, want %v", err, test.want)
			}
		})
	}
}

func TestOpenHoldsToTheDomains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		made, wanted []string
		missing      string
	}{
		"the same":                  {[]string{"a.example"}, []string{"a.example"}, ""},
		"fewer":                     {[]string{"a.example", "b.example"}, []string{"b.example"}, ""},
		"a name below":              {[]string{"example"}, []string{"x.a.example"}, ""},
		"a name above":              {[]string{"a.example"}, []string{"example"}, "example"},
		"a name that only ends so":  {[]string{"a.example"}, []string{"ba.example"}, "ba.example"},
		"another name":              {[]string{"a.example"}, []string{"a.example", "b.example"}, "b.example"},
		"an address":                {[]string{"a.example"}, []string{"192.0.2.1"}, "192.0.2.1"},
		"an address within":         {[]string{"192.0.2.0/24"}, []string{"192.0.2.1"}, ""},
		"a prefix too wide":         {[]string{"192.0.2.0/24"}, []string{"192.0.0.0/16"}, "192.0.0.0/16"},
		"a name beside a prefix":    {[]string{"192.0.2.0/24"}, []string{"a.example"}, "a.example"},
		"anything from something":   {[]string{"a.example"}, []string{"*"}, "*"},
		"something from anything":   {[]string{"*"}, []string{"a.example", "192.0.2.1"}, ""},
		"a mapped address, as IPv4": {[]string{"192.0.2.1"}, []string{"::ffff:192.0.2.1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Domains = test.made
			open(t, o)
			o.Domains = test.wanted
			_, err := ca.Open(o)
			switch {
			case test.missing == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case test.missing != "" && (!errors.Is(err, ca.ErrForbidden) || !strings.Contains(err.Error(), ": "+test.missing+";")):
				t.Errorf("got %v, want ErrForbidden for %q", err, test.missing)
			}
		})
	}
}

func TestOpenRefusesOptions(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*ca.Options){
		"no directory":          func(o *ca.Options) { o.Dir = "" },
		"no domain":             func(o *ca.Options) { o.Domains = nil },
		"an empty domain":       func(o *ca.Options) { o.Domains = []string{""} },
		"a URL":                 func(o *ca.Options) { o.Domains = []string{"https://a.example"} },
		"a star inside":         func(o *ca.Options) { o.Domains = []string{"a.*.example"} },
		"an address with zone":  func(o *ca.Options) { o.Domains = []string{"fe80::1%eth0"} },
		"a number":              func(o *ca.Options) { o.Domains = []string{"2130706433"} },
		"a file as a directory": func(o *ca.Options) { o.Dir = os.Args[0] + "/x" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			change(&o)
			if _, err := ca.Open(o); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

func TestHostNamesInTheCommonName(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"a\nb\u00e9 c":           "groovechaos CA abc ",
		"\u65e5\u672c":           "groovechaos CA unnamed ",
		strings.Repeat("x", 100): "groovechaos CA " + strings.Repeat("x", 32) + " ",
	} {
		o := options(t)
		o.Host = host
		if got := open(t, o).Name(); !strings.HasPrefix(got, want) || len(got) != len(want)+8 {
			t.Errorf("host %q: got name %q, want %q and 8 digits", host, got, want)
		}
	}
}
