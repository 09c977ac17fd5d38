package ca_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/groovechaos/groovechaos/faults/ca"
)

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTruststoreHoldsTheRoot(t *testing.T) {
	t.Parallel()
	a := open(t, options(t))
	store, err := a.PKCS12Truststore("changeit")
	if err != nil {
		t.Fatal(err)
	}
	got, err := pkcs12.DecodeTrustStore(store, "changeit")
	if err != nil || len(got) != 1 || !got[0].Equal(a.Root()) {
		t.Errorf("got %v, %v, want the root alone", got, err)
	}
	if _, err := pkcs12.DecodeTrustStore(store, "changeme"); err == nil {
		t.Error("the store opens with another password, want an error")
	}
	// Java reads keytool's list itself where there is one.
	keytool, err := exec.LookPath("keytool")
	if err != nil {
		return
	}
	path := write(t, "trust.p12", store)
	out, err := exec.CommandContext(t.Context(), keytool, "-list", "-keystore", path, "-storepass", "changeit").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("trustedCertEntry")) || !bytes.Contains(out, []byte(a.Fingerprint())) {
		t.Errorf("keytool: %v\n%s\nwant a trustedCertEntry with %s", err, out, a.Fingerprint())
	}
}

func TestTruststoreRefusesPasswords(t *testing.T) {
	t.Parallel()
	a := open(t, options(t))
	for name, password := range map[string]string{
		"none": "", "five characters": "12345", "five wide ones": "\u00e4\u00e4\u00e4\u00e4\u00e4", "one that PKCS#12 cannot write": "a password \U0001f3b5",
	} {
		if _, err := a.PKCS12Truststore(password); err == nil || password != "" && strings.Contains(err.Error(), password) {
			t.Errorf("%s: got %v, want an error that does not quote it", name, err)
		}
	}
}

func TestOpenSSLTrustsTheCertificates(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		return // Go's own verifier has its say in TestConstraintsBindVerifiers
	}
	o := options(t)
	o.Now = nil
	a := open(t, o)
	verify := func(host string) ([]byte, error) {
		leaf, issuing := ca.Forge(t, a, host)
		encode := func(c *x509.Certificate) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		}
		return exec.CommandContext(t.Context(), openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", a.CertificateFile(),
			"-untrusted", write(t, "issuing.pem", encode(issuing)), write(t, "leaf.pem", encode(leaf))).CombinedOutput()
	}
	for _, host := range []string{"api.example.com", "10.1.2.3"} {
		if out, err := verify(host); err != nil {
			t.Errorf("%s: %v\n%s", host, err, out)
		}
	}
	for _, host := range []string{"bank.example", "192.0.2.1"} {
		if out, err := verify(host); err == nil || !bytes.Contains(out, []byte("subtree")) {
			t.Errorf("%s: got %v, want a refusal by name constraints\n%s", host, err, out)
		}
	}
}

func TestBundle(t *testing.T) {
	t.Parallel()
	a, b := open(t, options(t)), open(t, options(t))
	secret, err := os.ReadFile(b.KeyFile())
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := string(a.PEM()), string(b.PEM())
	for name, test := range map[string]struct {
		roots string
		want  string
	}{
		"one root":                 {theirs, theirs + ours},
		"comments around it":       {"# a root\n" + theirs + "# the end", theirs + ours},
		"no line end":              {strings.TrimSpace(theirs), theirs + ours},
		"ours among them":          {ours + theirs, theirs + ours},
		"a key among them":         {string(secret[:strings.Index(string(secret), "-----BEGIN CERT")]) + theirs, theirs + ours},
		"nothing":                  {"", ""},
		"no PEM":                   {"hello", ""},
		"no certificate in PEM":    {"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", ""},
		"nothing but a key in PEM": {"-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "roots.pem", []byte(test.roots))
			got, err := a.Bundle(path)
			if string(got) != test.want || (test.want == "") != errors.Is(err, ca.ErrNoRoots) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want it to name %s", err, path)
			}
		})
	}
	if _, err := a.Bundle(filepath.Join(t.TempDir(), "none.pem")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: got %v, want os.ErrNotExist", err)
	}
}

// Java takes a truststore in place of its own roots, so that it has to hold them all.
func TestTruststoreHoldsABundle(t *testing.T) {
	t.Parallel()
	a, other := open(t, options(t)), open(t, options(t))
	store, err := ca.Truststore(append(other.PEM(), a.PEM()...), "changeit")
	if err != nil {
		t.Fatal(err)
	}
	found, err := pkcs12.DecodeTrustStore(store, "changeit")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || !found[0].Equal(other.Root()) || !found[1].Equal(a.Root()) {
		t.Errorf("it holds %d certificates, want both roots", len(found))
	}
	if _, err := ca.Truststore(a.PEM(), "short"); err == nil {
		t.Error("a password that keytool refuses is taken")
	}
}
