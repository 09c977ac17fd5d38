package cli

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/daemon"
)

// certify makes a certificate that vouches for itself, for this machine and for a client alike, and returns its files.
func certify(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeFile(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})))
	writeFile(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})))
	return cert, key
}

// TestFlagsOfAccess reaches a groovechaos that speaks TLS and asks who calls, with each of the flags.
func TestFlagsOfAccess(t *testing.T) {
	t.Parallel()
	server, serverKey := certify(t, "server")
	client, clientKey := certify(t, "ops")
	other, otherKey := certify(t, "other")
	token := filepath.Join(t.TempDir(), "token")
	address := serveSecurely(t, fmt.Sprintf(`
[control]
tls = { cert = %q, key = %q, client_ca = %q }
[control.auth]
required = true
token_file = %q
certificates = [{ subject = "CN=ops", role = "viewer" }]
`, server, serverKey, client, token))
	for name, tt := range map[string]struct {
		flags  []string
		status Status
		want   string
	}{
		"a token":                {[]string{"--ca", server, "--token-file", token}, StatusMet, "version"},
		"a certificate":          {[]string{"--ca", server, "--client-cert", client, "--client-key", clientKey}, StatusMet, "version"},
		"nothing to show":        {[]string{"--ca", server}, StatusFailed, "wants to know who calls"},
		"nobody's certificate":   {[]string{"--ca", server, "--client-cert", other, "--client-key", otherKey}, StatusFailed, "groovechaos"},
		"in the clear":           {[]string{"--token-file", token}, StatusFailed, "groovechaos"},
		"another's word":         {[]string{"--ca", other, "--token-file", token}, StatusFailed, "certificate signed by unknown authority"},
		"a certificate alone":    {[]string{"--ca", server, "--client-cert", client}, StatusUsage, "go together"},
		"a file that is missing": {[]string{"--ca", "nowhere"}, StatusFailed, "read --ca"},
		"a file of another kind": {[]string{"--ca", clientKey}, StatusFailed, "holds no certificate"},
		"a key of another":       {[]string{"--ca", server, "--client-cert", client, "--client-key", otherKey}, StatusFailed, "--client-key"},
		"no token in the file":   {[]string{"--ca", server, "--token-file", server}, StatusFailed, "holds no token"},
	} {
		var out, errs bytes.Buffer
		args := append([]string{"status", "--control", address}, tt.flags...)
		if got := Run(t.Context(), args, Streams{Out: &out, Err: &errs}); got != tt.status || !strings.Contains(out.String()+errs.String(), tt.want) {
			t.Errorf("%s: exit status is %d, want %d and %q in\n%s%s", name, got, tt.status, tt.want, &out, &errs)
		}
	}
}

// TestAddressesSayHowTheyAreReached holds that what is printed of a control API with TLS can be opened as it stands there.
func TestAddressesSayHowTheyAreReached(t *testing.T) {
	t.Parallel()
	cert, key := certify(t, "server")
	address := serveSecurely(t, fmt.Sprintf("[control]\ntls = { cert = %q, key = %q }\n", cert, key))
	for name, args := range map[string][]string{
		"control  ":         {"status"},
		"GROOVECHAOS_REST=": {"env", "--format", "dotenv", "--base-url-only"},
	} {
		var out, errs bytes.Buffer
		if got := Run(t.Context(), append(args, "--control", address, "--ca", cert), Streams{Out: &out, Err: &errs}); got != StatusMet {
			t.Fatalf("%q: exit status is %d: %s", args, got, &errs)
		}
		_, value, found := strings.Cut(out.String(), name)
		if value = strings.TrimLeft(value, "\"' "); !found || !strings.HasPrefix(value, "https://127.0.0.1:") {
			t.Errorf("%q printed\n%s, want %s with https", args, &out, name)
		}
	}
}

// serveSecurely runs a groovechaos on free ports and returns where its control API is.
func serveSecurely(t *testing.T, text string) string {
	t.Helper()
	c, err := config.Parse("secure.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c.Proxy.Listen, c.Standin.Listen, c.Control.GRPC, c.Control.REST = freePort, freePort, freePort, freePort
	d, err := daemon.New(t.Context(), daemon.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return d.Addresses().GRPC
}
