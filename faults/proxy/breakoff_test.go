package proxy_test

import (
	"bufio"
	"io"
	"net"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestAnswerThatBreaksOffUnderAFault: a fault that wants all of an answer ahead and cannot have it leaves it as it is: the
// client gets what came of it, and then the end that it has without the fault.
func TestAnswerThatBreaksOffUnderAFault(t *testing.T) {
	t.Parallel()
	const part = `{"Tracks":{`
	answers := map[string]string{
		"a length": "Content-Length: 100\r\n\r\n" + part,
		"chunks":   "Transfer-Encoding: chunked\r\n\r\nb\r\n" + part + "\r\n5\r\n",
	}
	wants := map[string]faults.Fault{
		"soft error":   {Name: "soft", SoftError: &faults.SoftError{ErrorCode: groove.CodeCatalogInvalidData}},
		"invalid JSON": {Name: "json", Corrupt: &faults.Corrupt{How: faults.CorruptJSON}},
	}
	for way, newRig := range map[string]newRigFunc{"HTTP/1.1": newRig, "HTTP/2": newPlainHTTP2} {
		for framing, answer := range answers {
			for kind, fault := range wants {
				t.Run(way+" "+framing+" "+kind, func(t *testing.T) {
					t.Parallel()
					rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
						if _, err := headLines(r); err == nil {
							_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+answer)
						}
					}))
					rig.apply(fault)
					response, err := rig.client.Get(rig.url + searchPath)
					if err != nil {
						t.Fatalf("got %v, want the head that came", err)
					}
					defer response.Body.Close()
					if body, err := io.ReadAll(response.Body); string(body) != part || err == nil {
						t.Errorf("got %q, %v; want %q and no end in order", body, err, part)
					}
					a := rig.wait(1)[0]
					if a.Status != 200 || a.End != observe.EndBroken || a.Origin != observe.OriginUpstream || len(a.SpoiledBy) > 0 {
						t.Errorf("recorded %d, %s, %s, spoiled by %q; want 200, broken by the upstream alone", a.Status, a.End, a.Origin, a.SpoiledBy)
					}
				})
			}
		}
	}
}
