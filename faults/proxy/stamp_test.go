package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// tardy is a connection whose writes return late, as on a machine that has other things to do. What was written is read at
// once.
type tardy struct{ net.Conn }

func (c tardy) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	time.Sleep(300 * time.Millisecond)
	return n, err
}

// A client that waits from the last byte it read must not seem to come back early, however late the proxy hears that its
// bytes have left.
func TestAnsweredIsNoLaterThanTheClientHasIt(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]faults.Fault{
		"injected": {answerFault("busy", 503)},
		"relayed":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "some") })
				defer b.close()
				if err := b.engine.Apply(set); err != nil {
					t.Fatal(err)
				}
				here, there := net.Pipe()
				b.front.conns <- tardy{there}
				send(t, here, "GET /1/content/music/search?q=a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
				response, err := http.ReadResponse(bufio.NewReader(here), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, response.Body); err != nil {
					t.Fatal(err)
				}
				has := time.Now()
				here.Close()
				time.Sleep(time.Minute)
				attempts := b.recorded()
				if len(attempts) != 1 {
					t.Fatalf("%d attempts were recorded, want 1", len(attempts))
				}
				a := attempts[0]
				if answered := a.Time.Add(a.Answered - a.Received); answered.After(has) {
					t.Errorf("it was answered %s after the client had the answer, want no later", answered.Sub(has))
				}
			})
		})
	}
}
