package proxy

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// tunnel switches protocols: from the upstream's 101 on, bytes pass both ways
// until both sides have ended, one of them fails, or the proxy cuts it.
func (f *flight) tunnel(w http.ResponseWriter, r *http.Response) {
	upstream, ok := r.Body.(io.ReadWriteCloser)
	if protocol := upgrade(f.request.Header); !ok || protocol == "" || !strings.EqualFold(upgrade(r.Header), protocol) {
		f.fail(w, failInvalid)
		return
	}
	f.answering(observe.OriginUpstream, r.StatusCode, "")
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	end := func() {
		upstream.Close()
		client.Close()
	}
	defer end()
	defer context.AfterFunc(f.base, end)()
	if writeSwitch(buffered.Writer, r) != nil {
		return
	}
	var toUpstream sync.WaitGroup
	toUpstream.Go(func() { pump(upstream, buffered.Reader, end) })
	pump(client, upstream, end)
	toUpstream.Wait()
	f.completed = !f.cut()
}

// writeSwitch writes the head of a 101 as it came.
func writeSwitch(w *bufio.Writer, r *http.Response) error {
	head := *r
	head.Body = nil
	if err := head.Write(w); err != nil {
		return err
	}
	return w.Flush()
}

// pump copies to the end of from and passes the end on. Where that fails it ends
// both directions.
func pump(to io.Writer, from io.Reader, end func()) {
	_, err := io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
		err = half.CloseWrite()
	}
	if err != nil {
		end()
	}
}
