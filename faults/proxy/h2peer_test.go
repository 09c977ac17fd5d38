package proxy_test

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// peer is a client of HTTP/2 that sends single frames.
type peer struct {
	t      *testing.T
	frames *http2.Framer
	heads  chan *http2.MetaHeadersFrame
	bye    chan struct{}
	acks   atomic.Int32
}

// newPeer opens a connection and does what has to be done first.
func newPeer(t *testing.T, addr string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, frames: http2.NewFramer(c, c), heads: make(chan *http2.MetaHeadersFrame, 16), bye: make(chan struct{}, 16)}
	p.frames.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_, err = io.WriteString(c, http2.ClientPreface)
	p.must(err)
	p.must(p.frames.WriteSettings())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.read()
	}()
	t.Cleanup(func() {
		c.Close()
		<-done
	})
	return p
}

func (p *peer) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// read takes frames until the connection ends.
func (p *peer) read() {
	for {
		frame, err := p.frames.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			p.heads <- frame
		case *http2.GoAwayFrame:
			p.bye <- struct{}{}
		case *http2.SettingsFrame:
			if frame.IsAck() {
				p.acks.Add(1)
			}
		}
	}
}

// settled reports whether the other side has taken our settings.
func (p *peer) settled() bool { return p.acks.Load() > 0 }

// ask sends a request without a body.
func (p *peer) ask(stream uint32, method, path string) {
	p.t.Helper()
	p.askWith(stream, ":method", method, ":path", path)
}

// askWith sends a request of these fields, and of what else it has to have.
func (p *peer) askWith(stream uint32, fields ...string) {
	p.t.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	all := map[string]string{":method": "GET", ":scheme": "http", ":authority": "caller.example"}
	if fields[0] == ":method" {
		delete(all, ":method")
	}
	if fields[1] == "CONNECT" {
		delete(all, ":scheme")
	}
	for _, name := range []string{":method", ":scheme", ":authority"} {
		if value, ok := all[name]; ok {
			p.must(encoder.WriteField(hpack.HeaderField{Name: name, Value: value}))
		}
	}
	for i := 0; i < len(fields); i += 2 {
		p.must(encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}))
	}
	p.must(p.frames.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true,
	}))
}

// head waits for the head of an answer.
func (p *peer) head(stream uint32) *http2.MetaHeadersFrame {
	p.t.Helper()
	select {
	case head := <-p.heads:
		if head.StreamID != stream {
			p.t.Fatalf("got an answer on stream %d, want %d", head.StreamID, stream)
		}
		return head
	case <-time.After(10 * time.Second):
		p.t.Fatal("no answer came within 10s")
		return nil
	}
}

// goAway waits until the other side says that it is about to end.
func (p *peer) goAway() {
	p.t.Helper()
	select {
	case <-p.bye:
	case <-time.After(10 * time.Second):
		p.t.Fatal("no GOAWAY came within 10s")
	}
}

// fieldOf returns the value of a field, "" for none.
func fieldOf(head *http2.MetaHeadersFrame, name string) string {
	for _, field := range head.RegularFields() {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}
