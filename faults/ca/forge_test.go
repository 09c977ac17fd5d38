package ca

import (
	"crypto/rand"
	"crypto/x509"
	"net"
	"testing"
)

// Forge signs a certificate for any host with the key of an authority, past its
// own checks.
func Forge(t testing.TB, a *Authority, name string) (leaf, issuing *x509.Certificate) {
	t.Helper()
	template := &x509.Certificate{
		NotBefore: a.issuing.NotBefore, NotAfter: a.now().Add(leafLifetime), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	key, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.issuing, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return leaf, a.issuing
}

// Kept counts the certificates that an authority keeps.
func Kept(a *Authority) int {
	a.leaves.mu.Lock()
	defer a.leaves.mu.Unlock()
	return len(a.leaves.young) + len(a.leaves.old)
}
