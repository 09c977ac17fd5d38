package route_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

// greeting is the ClientHello of a client, as records.
func greeting(t testing.TB, config *tls.Config) []byte {
	t.Helper()
	config.InsecureSkipVerify = true
	script := &scripted{}
	_ = tls.Client(script, config).HandshakeContext(t.Context()) // there is no answer
	if script.written.Len() == 0 {
		t.Fatal("the client said nothing")
	}
	return script.written.Bytes()
}

// scripted is a connection that gives out bytes in pieces, and then ends.
type scripted struct {
	net.Conn

	in       []byte
	piece    int
	read     int
	written  bytes.Buffer
	deadline time.Time
	closed   bool
}

func (s *scripted) Read(p []byte) (int, error) {
	if len(s.in) == 0 {
		return 0, io.EOF
	}
	n := len(s.in)
	if s.piece > 0 {
		n = min(n, s.piece)
	}
	n = copy(p, s.in[:n])
	s.in = s.in[n:]
	s.read += n
	return n, nil
}

func (s *scripted) Write(p []byte) (int, error)       { return s.written.Write(p) }
func (s *scripted) SetReadDeadline(t time.Time) error { s.deadline = t; return nil }
func (*scripted) SetDeadline(time.Time) error         { return nil }
func (*scripted) SetWriteDeadline(time.Time) error    { return nil }
func (*scripted) LocalAddr() net.Addr                 { return &net.TCPAddr{} }
func (*scripted) RemoteAddr() net.Addr                { return &net.TCPAddr{} }
func (s *scripted) Close() error                      { s.closed = true; return nil }

// rerecord cuts a message of one record into records of a size.
func rerecord(record []byte, size int) []byte {
	var out []byte
	for part := range slices.Chunk(record[5:], size) {
		out = append(out, record[:3]...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(part)))
		out = append(out, part...)
	}
	return out
}

func TestSniffTellsAndReplays(t *testing.T) {
	t.Parallel()
	named := greeting(t, &tls.Config{ServerName: "api.example", NextProtos: []string{"h2", "http/1.1"}})
	nameless := greeting(t, &tls.Config{ServerName: "192.0.2.1"})
	old := greeting(t, &tls.Config{ServerName: "old.example", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10})
	for name, test := range map[string]struct {
		in   []byte
		want route.Hello
	}{
		"a ClientHello":           {named, route.Hello{TLS: true, ServerName: "api.example", Protocols: []string{"h2", "http/1.1"}}},
		"without a name":          {nameless, route.Hello{TLS: true}},
		"of TLS 1.0":              {old, route.Hello{TLS: true, ServerName: "old.example"}},
		"in records of 100 bytes": {rerecord(named, 100), route.Hello{TLS: true, ServerName: "api.example", Protocols: []string{"h2", "http/1.1"}}},
		"in records of one byte":  {rerecord(named, 1), route.Hello{TLS: true, ServerName: "api.example", Protocols: []string{"h2", "http/1.1"}}},
		"more behind it":          {append(slices.Clone(nameless), "more"...), route.Hello{TLS: true}},
		"a request":               {[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), route.Hello{}},
		"one byte":                {[]byte("G"), route.Hello{}},
		"HTTP/2 in the clear":     {[]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), route.Hello{}},
		"another protocol":        {[]byte{0x80, 0x2e, 1, 3, 1}, route.Hello{}},
	} {
		for _, piece := range []int{0, 1, 7} {
			s := &scripted{in: slices.Clone(test.in), piece: piece}
			hello, c, err := route.Sniff(s, 0, time.Minute)
			if err != nil {
				t.Errorf("%s in pieces of %d: %v", name, piece, err)
				continue
			}
			if hello.TLS != test.want.TLS || hello.ServerName != test.want.ServerName || !slices.Equal(hello.Protocols, test.want.Protocols) {
				t.Errorf("%s in pieces of %d: got %+v, want %+v", name, piece, hello, test.want)
			}
			if all, err := io.ReadAll(c); !bytes.Equal(all, test.in) || err != nil {
				t.Errorf("%s in pieces of %d: then read %q, %v, want all of %q", name, piece, all, err, test.in)
			}
			if s.written.Len() > 0 || s.closed || !s.deadline.IsZero() {
				t.Errorf("%s in pieces of %d: wrote %d bytes, closed %t, deadline %v, want none of them", name, piece, s.written.Len(), s.closed, s.deadline)
			}
		}
	}
}

func TestSniffRefuses(t *testing.T) {
	t.Parallel()
	whole := greeting(t, &tls.Config{ServerName: "api.example"})
	endless := rerecord(append(slices.Clone(whole[:9]), make([]byte, 60000)...), 1000)
	copy(endless[5:], []byte{1, 0, 0xff, 0}) // a ClientHello of 65280 bytes
	huge := rerecord(append(slices.Clone(whole[:5]), make([]byte, 100000)...), 16000)
	copy(huge[5:], []byte{1, 1, 0x80, 0}) // one of 98304
	for name, test := range map[string]struct {
		in    []byte
		limit int
		want  error
		reads int
	}{
		"nothing":                     {nil, 0, io.EOF, 0},
		"half a ClientHello":          {whole[:len(whole)/2], 0, io.EOF, 4096},
		"a first byte alone":          {[]byte{22}, 0, io.EOF, 1},
		"garbage that begins like it": {[]byte("\x16garbage garbage"), 0, route.ErrHello, 4096},
		"another message":             {[]byte{22, 3, 1, 0, 4, 2, 0, 0, 0}, 0, route.ErrHello, 4096},
		"an empty ClientHello":        {[]byte{22, 3, 1, 0, 4, 1, 0, 0, 0}, 0, route.ErrHello, 4096},
		"empty records without end":   {bytes.Repeat([]byte{22, 3, 1, 0, 0}, 5000), 0, route.ErrHello, 4096},
		"more than the limit":         {whole, 100, route.ErrHelloTooLong, 100},
		"a ClientHello without end":   {endless, 0, route.ErrHelloTooLong, 16 << 10},
		"a large limit":               {huge, 1 << 20, route.ErrHello, 80000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &scripted{in: test.in, piece: 4096}
			_, c, err := route.Sniff(s, test.limit, time.Minute)
			if !errors.Is(err, test.want) && !(test.want == io.EOF && errors.Is(err, io.ErrUnexpectedEOF)) || c != nil {
				t.Errorf("got %v, %v, want %v", c, err, test.want)
			}
			if s.read > test.reads || s.closed || s.written.Len() > 0 {
				t.Errorf("read %d bytes, closed %t, wrote %d, want at most %d, an open connection and nothing", s.read, s.closed, s.written.Len(), test.reads)
			}
		})
	}
}

func TestSniffEndsInTime(t *testing.T) {
	t.Parallel()
	whole := greeting(t, &tls.Config{ServerName: "api.example"})
	for name, said := range map[string][]byte{"nothing": nil, "a byte": whole[:1], "half": whole[:len(whole)/2]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer near.Close()
				defer far.Close()
				go func() { _, _ = far.Write(said) }() // it is cut off when the test ends
				start := time.Now()
				_, _, err := route.Sniff(near, 0, 3*time.Second)
				if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 3*time.Second {
					t.Errorf("got %v after %v, want os.ErrDeadlineExceeded after 3s", err, time.Since(start))
				}
			})
		})
	}
}

func TestHandshakeAfterSniff(t *testing.T) {
	t.Parallel()
	known := newAuthority(t)
	near, far := net.Pipe()
	defer near.Close()
	done := make(chan error, 1)
	go func() {
		defer far.Close()
		_, c, err := route.Sniff(far, 0, time.Minute)
		if err == nil {
			err = tls.Server(c, known.server(t, "a.example", time.Hour)).HandshakeContext(t.Context())
		}
		done <- err
	}()
	client := tls.Client(near, &tls.Config{RootCAs: known.pool, ServerName: "a.example"})
	if err := client.HandshakeContext(t.Context()); err != nil {
		t.Error(err)
	}
	go io.Copy(io.Discard, near) // the session tickets
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func FuzzSniff(f *testing.F) {
	whole := greeting(f, &tls.Config{ServerName: "api.example", NextProtos: []string{"h2"}})
	f.Add(whole, uint8(0), uint16(0))
	f.Add(rerecord(whole, 10), uint8(3), uint16(0))
	f.Add([]byte("GET / HTTP/1.1\r\n"), uint8(1), uint16(4))
	f.Add([]byte("\x16\x03\x01\x00\x04\x01\x00\x00\x00"), uint8(0), uint16(100))
	f.Fuzz(func(t *testing.T, in []byte, piece uint8, limit uint16) {
		s := &scripted{in: slices.Clone(in), piece: int(piece)}
		hello, c, err := route.Sniff(s, int(limit), time.Minute)
		bound := int(limit)
		if bound == 0 {
			bound = 16 << 10
		}
		if s.read > max(bound, 1024) || s.written.Len() > 0 || s.closed {
			t.Fatalf("read %d bytes of at most %d, wrote %d, closed %t", s.read, bound, s.written.Len(), s.closed)
		}
		if (err == nil) != (c != nil) {
			t.Fatalf("got %v with %v", c, err)
		}
		if err != nil {
			return
		}
		if all, _ := io.ReadAll(c); !bytes.Equal(all, in) {
			t.Fatalf("replayed %q, want %q", all, in)
		}
		if hello.TLS != (len(in) > 0 && in[0] == 22) || !hello.TLS && hello.ServerName != "" {
			t.Fatalf("got %+v of %q", hello, strings.ToValidUTF8(string(in), "?"))
		}
		again, _, err := route.Sniff(&scripted{in: slices.Clone(in)}, 1<<20, time.Minute)
		if err != nil || again.ServerName != hello.ServerName {
			t.Fatalf("in one piece got %+v, %v, want %+v", again, err, hello)
		}
	})
}
