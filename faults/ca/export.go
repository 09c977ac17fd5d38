package ca

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	"software.sslmate.com/src/go-pkcs12"
)

// ShortestPassword is how many characters keytool wants of a password.
const ShortestPassword = 6

// PKCS12Truststore returns the root certificate as a truststore that Java reads
// (keytool, javax.net.ssl.trustStore), encrypted with AES-256. The password
// has at least ShortestPassword characters; it keeps no secret, for the
// certificate is public.
func (a *Authority) PKCS12Truststore(password string) ([]byte, error) {
	if utf8.RuneCountInString(password) < ShortestPassword {
		return nil, fmt.Errorf("make truststore: the password has less than %d characters, which Java's keytool refuses", ShortestPassword)
	}
	entry := pkcs12.TrustStoreEntry{Cert: a.root, FriendlyName: strings.ToLower(a.Name())}
	out, err := pkcs12.Modern2023.EncodeTrustStoreEntries([]pkcs12.TrustStoreEntry{entry}, password)
	if err != nil {
		return nil, fmt.Errorf("make truststore: %w", err)
	}
	return out, nil
}

// Truststore returns all certificates of a PEM text, such as a Bundle, as a truststore that Java reads: what is set by
// javax.net.ssl.trustStore replaces Java's own roots. The password has at least ShortestPassword characters.
func Truststore(bundle []byte, password string) ([]byte, error) {
	if utf8.RuneCountInString(password) < ShortestPassword {
		return nil, fmt.Errorf("make truststore: the password has less than %d characters, which Java's keytool refuses", ShortestPassword)
	}
	var entries []pkcs12.TrustStoreEntry
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		// What cannot be read nobody can trust.
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			entries = append(entries, pkcs12.TrustStoreEntry{Cert: cert, FriendlyName: fmt.Sprintf("%d %s", len(entries), cert.Subject.CommonName)})
		}
	}
	out, err := pkcs12.Modern2023.EncodeTrustStoreEntries(entries, password)
	if err != nil {
		return nil, fmt.Errorf("make truststore: %w", err)
	}
	return out, nil
}

// ErrNoRoots means that the system's root certificates are in no file.
var ErrNoRoots = errors.New("no file with the system's root certificates")

// rootFiles are where systems keep their root certificates in PEM.
var rootFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Alpine, Arch
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
	"/etc/pki/tls/certs/ca-bundle.crt",                  // their older releases, Amazon Linux
	"/var/lib/ca-certificates/ca-bundle.pem",            // openSUSE
	"/etc/ssl/ca-bundle.pem",                            // its older releases
	"/etc/ssl/cert.pem",                                 // images without the above, BSD
}

// Bundle returns the system's root certificates and ours in one PEM, for
// clients whose setting replaces the ones they would use, such as
// SSL_CERT_FILE and REQUESTS_CA_BUNDLE. Roots is the file with the former; ""
// looks for it where Linux distributions keep it. Only certificates are taken
// from it. The error wraps ErrNoRoots if there is none.
func (a *Authority) Bundle(roots string) ([]byte, error) { return Bundle(a.root, roots) }

// Bundle is Authority.Bundle for whoever has the root certificate alone.
func Bundle(root *x509.Certificate, roots string) ([]byte, error) {
	if roots == "" {
		var err error
		if roots, err = findRoots(runtime.GOOS, rootFiles); err != nil {
			return nil, fmt.Errorf("make bundle: %w", err)
		}
	}
	text, err := readRoots(roots)
	if err != nil {
		return nil, fmt.Errorf("make bundle: %w", err)
	}
	bundle, err := appendTo(text, root)
	if err != nil {
		return nil, fmt.Errorf("make bundle: %s: %w", roots, err)
	}
	return bundle, nil
}

func readRoots(path string) ([]byte, error) {
	const largestBundle = 16 << 20
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, largestBundle))
}

// findRoots returns the first file of the list that is there. Elsewhere than on
// Linux and its like, roots are no file, and what /etc/ssl holds on macOS
// lacks what was added to the keychain.
func findRoots(system string, files []string) (string, error) {
	switch system {
	case "darwin":
		return "", fmt.Errorf("%w on macOS, write one: security find-certificate -a -p "+
			"/System/Library/Keychains/SystemRootCertificates.keychain /Library/Keychains/System.keychain > roots.pem", ErrNoRoots)
	case "windows":
		return "", fmt.Errorf("%w on Windows, name one, such as the file that Python's certifi.where() prints", ErrNoRoots)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("%w, looked for %s; install the package ca-certificates or name one", ErrNoRoots, strings.Join(files, ", "))
}

// appendTo copies the certificates of a PEM text, but ours, and appends ours.
func appendTo(roots []byte, own *x509.Certificate) ([]byte, error) {
	var out []byte
	count := 0
	for block, rest := pem.Decode(roots); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != certificateBlock || bytes.Equal(block.Bytes, own.Raw) {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err == nil {
			count++
		}
		out = append(out, certificatePEM(block.Bytes)...)
	}
	if count == 0 {
		return nil, fmt.Errorf("%w: it has no certificate in PEM", ErrNoRoots)
	}
	return append(out, certificatePEM(own.Raw)...), nil
}
