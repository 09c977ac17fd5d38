package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// secured is a daemon with TLS whose files the test can write anew.
func secured(t *testing.T) (*papers, *config.Config, *Daemon) {
	t.Helper()
	p := newPapers(t)
	p.sign("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	c := free(t, "")
	c.Control.TLS = config.ControlTLS{Cert: p.path("server.pem"), Key: p.path("server.key")}
	d, err := New(t.Context(), Options{Config: c, Load: func() (*config.Config, error) { return new(*c), nil }})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- d.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return p, c, d
}

// shown is the number of the certificate that a door shows to whoever connects now.
func shown(t *testing.T, p *papers, address string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: p.pool, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// TestCertificatesAreReadAnew holds that a reload gives both doors the certificate that the files hold by then, that a
// connection from before goes on, and that nothing is said of files that are as they were.
func TestCertificatesAreReadAnew(t *testing.T) {
	t.Parallel()
	p, _, d := secured(t)
	doors := []string{d.Addresses().GRPC, d.Addresses().REST}
	old := []string{shown(t, p, doors[0]), shown(t, p, doors[1])}
	kept := dialed(t, doors[0], client.Options{TLS: &tls.Config{RootCAs: p.pool}})
	if _, err := kept.System.GetStatus(t.Context(), &pb.GetStatusRequest{}); err != nil {
		t.Fatal(err)
	}
	web := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.pool}}
	defer web.CloseIdleConnections()
	used := overOne(t, web, doors[1])
	fresh, _ := p.sign("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	for i, address := range doors {
		if got := shown(t, p, address); got != old[i] {
			t.Errorf("before the reload %s shows %s, want %s", address, got, old[i])
		}
	}
	done, err := d.reload(t.Context())
	if err != nil || !slices.Equal(done.Sections, []string{"control.tls"}) {
		t.Fatalf("reload: %+v, %v, want control.tls to have changed", done, err)
	}
	for _, address := range doors {
		if got, want := shown(t, p, address), fresh.SerialNumber.String(); got != want {
			t.Errorf("after the reload %s shows %s, want %s", address, got, want)
		}
	}
	if _, err := kept.System.GetStatus(t.Context(), &pb.GetStatusRequest{}); err != nil {
		t.Errorf("over the connection from before: %v", err)
	}
	if again := overOne(t, web, doors[1]); again != used {
		t.Errorf("REST came over %s, want the connection from before, %s", again, used)
	}
	if done, err = d.reload(t.Context()); err != nil || len(done.Sections) > 0 {
		t.Errorf("reload of the same: %+v, %v, want nothing changed", done, err)
	}
}

// overOne asks over REST and returns from which address that was.
func overOne(t *testing.T, web *http.Transport, address string) (from string) {
	t.Helper()
	traced := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { from = info.Conn.LocalAddr().String() },
	})
	request, err := http.NewRequestWithContext(traced, http.MethodGet, "https://"+address+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := web.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return from
}

// TestABrokenCertificateChangesNothing holds that the old one goes on, that the error names what cannot be used, and that a
// fault which is new in the same file is not put in force either.
func TestABrokenCertificateChangesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*papers)
		want  string
	}{
		"gone":        {func(p *papers) { _ = os.Remove(p.path("server.key")) }, "[control.tls] cert and key"},
		"no PEM":      {func(p *papers) { p.write("server.pem", []byte("x")) }, "[control.tls] cert and key"},
		"another key": {func(p *papers) { p.sign("other", &x509.Certificate{}); copyFile(p, "other.key", "server.key") }, "[control.tls] cert and key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c, d := secured(t)
			old := shown(t, p, d.Addresses().GRPC)
			more, err := config.Parse("more", []byte(moods))
			if err != nil {
				t.Fatal(err)
			}
			wanted := *c
			wanted.Faults = more.Faults
			d.load = func() (*config.Config, error) { return &wanted, nil }
			tt.spoil(p)
			_, err = d.reload(t.Context())
			var refused *api.ReloadError
			if !errors.As(err, &refused) || refused.Reason != api.ReasonConfigInvalid || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("reload: %v, want it refused for %s", err, tt.want)
			}
			if got := shown(t, p, d.Addresses().GRPC); got != old {
				t.Errorf("the door shows %s, want %s", got, old)
			}
			set, err := d.faults.Faults(t.Context())
			if err != nil || len(set) > 0 {
				t.Errorf("faults are %+v, %v, want none", set, err)
			}
			c2 := dialed(t, d.Addresses().GRPC, client.Options{TLS: &tls.Config{RootCAs: p.pool}})
			if _, err := c2.System.GetStatus(t.Context(), &pb.GetStatusRequest{}); status.Code(err) != codes.OK {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func copyFile(p *papers, from, to string) {
	text, err := os.ReadFile(filepath.Join(p.dir, from))
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(to, text)
}
