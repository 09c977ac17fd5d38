package main

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// secureServer speaks TLS with the certificate of a site, after a CONNECT if it is
// asked for.
func secureServer(t *testing.T, connect bool) (address string) {
	t.Helper()
	s := &site{dir: t.TempDir()}
	if err := s.certify(); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.dir, certificateFile), filepath.Join(s.dir, keyFile))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if connect {
			head := make([]byte, len("CONNECT "+groove.HostAPI+":443 HTTP/1.1\r\nHost: "+groove.HostAPI+":443\r\n\r\n"))
			if _, err := io.ReadFull(conn, head); err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		}
		io.Copy(io.Discard, tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}))
	}()
	return listener.Addr().String()
}

func TestDialTLSVerifiesWhatItMeasures(t *testing.T) {
	t.Parallel()
	conn, err := dialTLS(t.Context(), secureServer(t, false), false)
	if err != nil {
		t.Fatalf("got %v from the origin, want a connection", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if _, err := dialTLS(t.Context(), secureServer(t, true), true); !errors.Is(err, errTunnelled) {
		t.Errorf("got %v through a peer that shows the origin's certificate, want %v", err, errTunnelled)
	}
}
