package standin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// shutdownTime bounds how long Run waits for exchanges in progress.
const shutdownTime = 5 * time.Second

// Server serves a handler on one listener. Make it with Listen.
type Server struct {
	listener net.Listener
	server   *http.Server
	secure   bool
}

// Listen opens a TCP listener for handler, usually a Standin, and serves
// nothing until Run. Port 0 takes a free one; ctx bounds the opening alone.
func Listen(ctx context.Context, address string, handler http.Handler) (*Server, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("stand-in: %w", err)
	}
	return &Server{listener: l, server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}}, nil
}

// ListenTLS is Listen for HTTPS, with the certificates of a configuration. It
// serves HTTP/2 if the configuration offers h2.
func ListenTLS(ctx context.Context, address string, handler http.Handler, config *tls.Config) (*Server, error) {
	s, err := Listen(ctx, address, handler)
	if err != nil {
		return nil, err
	}
	s.secure = true
	s.server.TLSConfig = config
	// Failed handshakes are the clients' affair.
	s.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	return s, nil
}

// URL is the base URL of the server, without a slash at its end.
func (s *Server) URL() string {
	if s.secure {
		return "https://" + s.Address()
	}
	return "http://" + s.Address()
}

// Address is where the server listens, as host:port.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Run serves until ctx ends and returns nil once all that it started has
// ended; exchanges in progress get 5 s to finish. It can be called once and
// closes the listener.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.serve() }()
	select {
	case err := <-served:
		return fmt.Errorf("serve stand-in: %w", err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := s.server.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return err
}

func (s *Server) serve() error {
	if s.secure {
		return s.server.ServeTLS(s.listener, "", "")
	}
	return s.server.Serve(s.listener)
}

// Close gives up a Server that was never run.
func (s *Server) Close() error { return s.listener.Close() }
