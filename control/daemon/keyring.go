package daemon

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"

	"github.com/groovechaos/groovechaos/control/config"
)

// keyring is the certificates of the control API. They are read anew with the configuration: connections that are open keep
// theirs, new ones get those of the files.
type keyring struct {
	files   config.ControlTLS
	current atomic.Pointer[keys]
}

// keys are what the files held when they were read.
type keys struct {
	// texts are the files, to see whether they have changed.
	texts [3][]byte
	// doors are for those that speak nothing but HTTP/2, as gRPC does, and for those that speak HTTP/1.1 as well.
	doors [2]*tls.Config
}

// Places in doors.
const (
	forGRPC = iota
	forREST
)

// protocols are what each door speaks (RFC 7301).
var protocols = [2][]string{forGRPC: {"h2"}, forREST: {"h2", "http/1.1"}}

// openKeyring reads the files, nil where none are configured.
func openKeyring(c *config.ControlTLS) (*keyring, error) {
	if !c.Given() {
		return nil, nil //nolint:nilnil // There is none.
	}
	r := &keyring{files: *c}
	fresh, err := r.read()
	if err != nil {
		return nil, err
	}
	r.current.Store(fresh)
	return r, nil
}

// read reads the files, and changes nothing. The error names the one that cannot be used.
func (r *keyring) read() (*keys, error) {
	k := &keys{}
	for i, file := range []string{r.files.Cert, r.files.Key, r.files.ClientCA} {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("open [control.tls] %s: %w", [...]string{"cert and key", "cert and key", "client_ca"}[i], err)
		}
		k.texts[i] = text
	}
	pair, err := tls.X509KeyPair(k.texts[0], k.texts[1])
	if err != nil {
		return nil, fmt.Errorf("open [control.tls] cert and key: %w", err)
	}
	secured := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if r.files.ClientCA != "" {
		secured.ClientCAs = x509.NewCertPool()
		if !secured.ClientCAs.AppendCertsFromPEM(k.texts[2]) {
			return nil, fmt.Errorf("open [control.tls] client_ca: %w", errors.New(r.files.ClientCA+" holds no certificate in PEM"))
		}
		// Whoever has none may still have a token.
		secured.ClientAuth = tls.VerifyClientCertIfGiven
	}
	for i := range k.doors {
		k.doors[i] = secured.Clone()
		k.doors[i].NextProtos = protocols[i]
	}
	return k, nil
}

// put puts what was read in force, and reports whether anything is new. Go checks
// the certificate of a client anew when a session of before is resumed.
func (r *keyring) put(fresh *keys) (changed bool) {
	if slices.EqualFunc(r.current.Load().texts[:], fresh.texts[:], bytes.Equal) {
		return false
	}
	r.current.Store(fresh)
	return true
}

// config is for a door: each handshake has what is in force then. It is nil where nothing is encrypted.
func (r *keyring) config(door int) *tls.Config {
	if r == nil {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: protocols[door],
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return r.current.Load().doors[door], nil },
	}
}
