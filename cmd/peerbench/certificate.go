package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// authorityName is the name of the authority that certify makes.
const authorityName = "peerbench"

// Files with certificates in the site's folder. The origin and the peers that
// end TLS show the same one.
const (
	authorityFile   = "authority.pem"
	certificateFile = "server.pem"
	keyFile         = "server.key"
	// pairFile has both, as HAProxy wants them.
	pairFile = "pair.pem"
)

// certify makes an authority and a certificate for the origin's host, both
// with ECDSA keys over P-256.
func (s *site) certify() error {
	now := time.Now()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: authorityName},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(7 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: groove.HostAPI}, DNSNames: []string{groove.HostAPI},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, leafKey.Public(), rootKey)
	if err != nil {
		return err
	}
	return s.writeCertificates(rootDER, leafDER, leafKey)
}

func (s *site) writeCertificates(root, leaf []byte, key *ecdsa.PrivateKey) (err error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}))
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if s.authority, err = s.write(authorityFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}))); err != nil {
		return err
	}
	for name, text := range map[string]string{certificateFile: certificate, keyFile: private, pairFile: certificate + private} {
		if _, err := s.write(name, text); err != nil {
			return err
		}
	}
	return nil
}
