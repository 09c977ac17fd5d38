package route_test

import (
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

func TestConnectionsThatWereNotRedirected(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"IPv4": "127.0.0.1:0", "IPv6": "[::1]:0", "both": ":0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			far := accepted(t, address)
			_, replayed, err := route.Sniff(far, 0, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			want := route.ErrNotRedirected
			if runtime.GOOS != "linux" {
				want = errors.ErrUnsupported
			}
			for name, c := range map[string]net.Conn{"the connection": far, "the sniffed one": replayed} {
				if to, err := route.OriginalDestination(c); !errors.Is(err, want) || to.IsValid() {
					t.Errorf("%s: got %v, %v, want %v", name, to, err, want)
				}
			}
		})
	}
}

// accepted is a connection at a listener, whose client has said something.
func accepted(t *testing.T, address string) net.Conn {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Skipf("the machine has no such addresses: %v", err)
	}
	t.Cleanup(func() { l.Close() })
	near, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	if _, err := near.Write([]byte("GET / HTTP/1.1\r\n")); err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return far
}

func TestOriginalDestinationOfAPipe(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	if to, err := route.OriginalDestination(near); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v, %v, want errors.ErrUnsupported", to, err)
	}
}
