package standin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServerRunsUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	server, err := Listen(t.Context(), "127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	client := &http.Client{Transport: &http.Transport{}}
	answer, err := client.Get(server.URL() + genresPath + "?accessToken=Bearer+" + ApplicationToken)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status is %d, want 200", answer.StatusCode)
	}
	answer, err = client.Post(server.URL()+addPath+"?accessToken=Bearer+"+UserTokenFree, "application/json", strings.NewReader(addBody(getLucky)))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := s.State().Users["free"].Tracks[getLucky]; got != 1 {
		t.Errorf("the track was added %d times, want once", got)
	}
	client.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run gave %v, want nil", err)
	}
	if _, err := net.Dial("tcp", server.listener.Addr().String()); err == nil {
		t.Error("the port still answers")
	}
}

func TestListenOnATakenPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	if server, err := Listen(t.Context(), taken.Addr().String(), http.NotFoundHandler()); err == nil {
		server.Close()
		t.Error("Listen on a taken port gave no error")
	}
}

func TestRunAfterClose(t *testing.T) {
	t.Parallel()
	server, err := Listen(t.Context(), "127.0.0.1:0", http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.Run(t.Context()); err == nil {
		t.Error("Run on a closed listener gave no error")
	}
}

// TestServerSpeaksTLS holds that HTTPS callers are answered, with HTTP/2 too.
func TestServerSpeaksTLS(t *testing.T) {
	t.Parallel()
	// Its certificate is what is wanted of it.
	lender := httptest.NewUnstartedServer(http.NotFoundHandler())
	lender.StartTLS()
	t.Cleanup(lender.Close)
	config := &tls.Config{Certificates: lender.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}}
	server, err := ListenTLS(t.Context(), "127.0.0.1:0", newStandin(t, Options{}), config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	roots := x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	answer, err := (&http.Client{Transport: transport}).Get(server.URL() + genresPath + "?accessToken=Bearer+" + ApplicationToken)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 {
		t.Errorf("got %s %s, want 200 by HTTP/2", answer.Proto, answer.Status)
	}
	transport.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run gave %v, want nil", err)
	}
}
