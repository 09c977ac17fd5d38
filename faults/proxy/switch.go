package proxy

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// switchProtocols passes the upstream's 101 on and from then on bytes both
// ways, until both sides have ended, one of them fails, or the proxy cuts it.
func (s *session) switchProtocols() bool {
	asked, ok := s.request.Upgrade()
	agreed, also := s.response.Upgrade()
	if !ok || !also || !strings.EqualFold(string(asked), string(agreed)) || s.pouring() {
		s.dropLink()
		if err := s.settleBody(); err != nil {
			return s.failBody(err)
		}
		return s.fail(failInvalid)
	}
	s.stopWatch()
	s.in.used += s.prefix // what is left is for the tunnel
	s.prefix = 0
	if s.gone {
		s.dropLink()
		return false
	}
	s.answering(observe.OriginUpstream, s.response.Status(), "")
	out, err := s.response.AppendHead(s.scratch(),
		wire.Edit{Name: "Connection", Value: upgradeOption}, wire.Edit{Name: "Upgrade", Value: agreed})
	if err == nil && s.send(out) == nil {
		s.tunnel(s.link.Conn, s.inflow.rest())
		s.completed = !s.wasCut()
	}
	s.dropLink()
	s.broken = true
	return false
}

// tunnel passes bytes both ways: first what either side has sent already.
func (s *session) tunnel(upstream net.Conn, early []byte) {
	s.reads.at(time.Time{})
	s.writes.at(time.Time{})
	_ = upstream.SetDeadline(time.Time{})
	end := func() {
		upstream.Close()
		s.client.Close()
	}
	var toUpstream sync.WaitGroup
	defer toUpstream.Wait()
	defer end()
	defer context.AfterFunc(s.server.base, end)()
	var broken *defect
	toUpstream.Go(func() {
		if broken = try(func() { pump(upstream, s.in.rest(), s.client, end) }); broken != nil {
			end()
		}
	})
	pump(s.client, early, upstream, end)
	toUpstream.Wait()
	s.answered = s.core.clock()
	if broken != nil {
		panic(broken)
	}
}

// pump copies to the end of from and passes the end on. Where that fails it ends
// both directions.
func pump(to net.Conn, early []byte, from net.Conn, end func()) {
	_, err := to.Write(early)
	if err == nil {
		_, err = io.Copy(to, from)
	}
	if half, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
		err = half.CloseWrite()
	}
	if err != nil {
		end()
	}
}
