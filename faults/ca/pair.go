package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// lifetime is that of root and issuing certificate, backdating how far
	// before its making it begins, for clocks that are slow.
	lifetime   = 5 * 365 * 24 * time.Hour
	backdating = 24 * time.Hour

	organisation = "groovechaos"
)

// pair is what the key file holds: both certificates and the key of the
// issuing one.
type pair struct {
	root, issuing *x509.Certificate
	key           *ecdsa.PrivateKey
	allowed       domains
}

// makePair makes an authority. The key of the root does not leave it.
func makePair(o *Options, allowed domains) (*pair, error) {
	rootKey, err := newKey()
	if err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	name, err := mark(o.Host, rootKey)
	if err != nil {
		return nil, err
	}
	now := o.Now()
	root := template(now, "groovechaos CA "+name, 1)
	allowed.constrain(root)
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return nil, fmt.Errorf("make root: %w", err)
	}
	if root, err = x509.ParseCertificate(rootDER); err != nil {
		return nil, fmt.Errorf("make root: %w", err)
	}
	issuing := template(now, "groovechaos issuing "+name, 0)
	issuing.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	allowed.constrain(issuing)
	issuingDER, err := x509.CreateCertificate(rand.Reader, issuing, root, key.Public(), rootKey)
	if err != nil {
		return nil, fmt.Errorf("make issuing certificate: %w", err)
	}
	return newPair(rootDER, issuingDER, key)
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return key, nil
}

// template is what both certificates of an authority have in common. Validity
// has whole seconds.
func template(now time.Time, name string, below int) *x509.Certificate {
	begin := now.Add(-backdating).UTC().Truncate(time.Second)
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organisation}, CommonName: name},
		NotBefore:             begin,
		NotAfter:              begin.Add(lifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLen:            below,
		MaxPathLenZero:        below == 0,
	}
}

// mark tells an authority from others: the host, and the beginning of the
// digest of the root's key. A common name has at most 64 characters (RFC 5280
// appendix A.1), of which the host gets a part.
func mark(host string, key *ecdsa.PrivateKey) (string, error) {
	const longest = 32
	host = strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return -1
	}, host)
	if host == "" {
		host = "unnamed"
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", fmt.Errorf("name root: %w", err)
	}
	digest := sha256.Sum256(der)
	return host[:min(len(host), longest)] + " " + hex.EncodeToString(digest[:4]), nil
}

// newPair puts the parts together if they belong together.
func newPair(rootDER, issuingDER []byte, key *ecdsa.PrivateKey) (*pair, error) {
	root, err := x509.ParseCertificate(rootDER)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	issuing, err := x509.ParseCertificate(issuingDER)
	if err != nil {
		return nil, fmt.Errorf("issuing certificate: %w", err)
	}
	if err := root.CheckSignatureFrom(root); err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	if err := issuing.CheckSignatureFrom(root); err != nil {
		return nil, fmt.Errorf("issuing certificate: %w", err)
	}
	if !key.PublicKey.Equal(issuing.PublicKey) {
		return nil, errors.New("the key is not that of the issuing certificate")
	}
	return &pair{root: root, issuing: issuing, key: key, allowed: constraints(issuing)}, nil
}

const (
	keyBlock         = "PRIVATE KEY"
	certificateBlock = "CERTIFICATE"
)

// encode writes the key file: key, issuing certificate, root.
func (p *pair) encode() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der})
	out = append(out, certificatePEM(p.issuing.Raw)...)
	return append(out, certificatePEM(p.root.Raw)...), nil
}

// decodePair reads a key file.
func decodePair(text []byte) (*pair, error) {
	var blocks [3][]byte
	for i, kind := range []string{keyBlock, certificateBlock, certificateBlock} {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil || block.Type != kind {
			return nil, fmt.Errorf("block %d is no %s in PEM", i+1, kind)
		}
		blocks[i] = block.Bytes
	}
	if len(text) > 0 {
		return nil, errors.New("there is something after the third block")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(blocks[0])
	if err != nil {
		return nil, errors.New("the key cannot be read") // the cause could quote it
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key is not ECDSA P-256")
	}
	return newPair(blocks[2], blocks[1], key)
}
