package proxy

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/inject"
)

// keeper takes what is written to it and says that the client has gone: net/http
// may read on in it.
type keeper struct {
	header http.Header
	kept   []byte
}

func (k *keeper) Header() http.Header { return k.header }
func (k *keeper) WriteHeader(int)     {}

func (k *keeper) Write(p []byte) (int, error) {
	k.kept = p
	return 0, io.ErrClosedPipe
}

// TestPageThatIsStillReadIsNotGivenBack, plain and spoilt.
func TestPageThatIsStillReadIsNotGivenBack(t *testing.T) { //nolint:paralleltest // Nobody else may take pages meanwhile.
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	side := newBareServer(t).newHTTP2Side()
	for name, pass := range map[string]func(*outflow) error{
		"plain":  (*outflow).copyBody,
		"spoilt": func(d *outflow) error { return newPacer(d).pass(nil) },
	} {
		for range 100 { // the pool forgets some by itself
			k := &keeper{header: http.Header{}}
			f := &flight{side: side, writer: k, stream: http.NewResponseController(k)}
			f.core = side.server.proxy.core
			f.writes.limit, f.writes.act = time.Minute, func() {}
			d := &outflow{flight: f, body: bytes.NewReader([]byte("secret")), length: 6, stopAt: -1, room: -1}
			if err := pass(d); err == nil {
				t.Fatalf("%s: got no error, want that of the client", name)
			}
			page := pages.Get().(*[pageSize]byte)
			if &page[0] == &k.kept[0] {
				t.Fatalf("%s: the page was given back while it might be read", name)
			}
		}
	}
}

func newPacer(d *outflow) *pacer {
	return &pacer{outflow: d, stream: inject.NewPlan(nil, inject.Reply{Length: 6}).Stream(time.Time{}), began: time.Now()}
}
