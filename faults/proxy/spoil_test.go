package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// spoilOrigin answers with a document in every framing and coding that a test
// asks for by its target, head and body apart.
func spoilOrigin(t *testing.T, body []byte, fields string) string {
	t.Helper()
	return newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			lines, err := headLines(r)
			if err != nil {
				return
			}
			head := "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nETag: \"odd\"\r\n" + fields
			switch {
			case strings.Contains(lines[0], "length"):
				pieces(c, fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, len(body)), body[:len(body)/2], body[len(body)/2:])
			case strings.Contains(lines[0], "chunks"):
				half := len(body) / 2
				pieces(c, head+"Transfer-Encoding: chunked\r\n\r\n", fmt.Appendf(nil, "%x\r\n%s\r\n", half, body[:half]),
					fmt.Appendf(nil, "%x;e=1\r\n%s\r\n0\r\n\r\n", len(body)-half, body[half:]))
			default:
				pieces(c, head+"\r\n", body)
				return
			}
		}
	})
}

// pieces writes pieces so that they arrive one by one.
func pieces(c net.Conn, head string, rest ...[]byte) {
	_, _ = io.WriteString(c, head)
	for _, p := range rest {
		time.Sleep(2 * time.Millisecond) // lets the proxy read what was sent
		_, _ = c.Write(p)
	}
}

var spoilFramings = []string{"length", "chunks", "close"}

func document() []byte {
	var text bytes.Buffer
	text.WriteString(`{"Artists":{"Items":[{"Id":"music.A","Name":"A"}`)
	for i := range 200 {
		fmt.Fprintf(&text, `,{"Id":"music.%d","Name":"Name %d"}`, i, i)
	}
	text.WriteString(`]}}`)
	return text.Bytes()
}

func packed(body []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(body)
	_ = z.Close()
	return out.Bytes()
}

// fetch sends one request and returns head, payload as it can be read, and
// what ended the reading.
func fetch(t *testing.T, c net.Conn, r *bufio.Reader, target string) (head []string, body []byte, err error) {
	t.Helper()
	send(t, c, "GET "+target+" HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
	head = readHead(t, r)
	var from io.Reader = r
	for _, line := range head {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Content-Length":
			size, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(io.LimitReader(r, size))
			if err == nil && int64(len(body)) < size {
				err = io.ErrUnexpectedEOF
			}
			return head, body, err
		case "Transfer-Encoding":
			chunks := httputil.NewChunkedReader(r)
			if body, err = io.ReadAll(chunks); err == nil {
				_, err = r.ReadString('\n') // no trailers
			}
			return head, body, err
		}
	}
	body, err = io.ReadAll(from)
	return head, body, err
}

func TestSoftErrorInEveryFraming(t *testing.T) {
	t.Parallel()
	for _, coding := range []string{"plain", "gzip"} {
		body, fields := document(), ""
		if coding == "gzip" {
			body, fields = packed(body), "Content-Encoding: gzip\r\n"
		}
		origin := spoilOrigin(t, body, fields)
		for _, framing := range spoilFramings {
			t.Run(coding+" "+framing, func(t *testing.T) {
				t.Parallel()
				rig := newRig(t, origin)
				rig.apply(faults.Fault{Name: "soft", SoftError: &faults.SoftError{ErrorCode: groove.CodeCatalogInvalidData}})
				c, r := rig.dial()
				for use := range 1 + count(framing != "close") {
					head, got, err := fetch(t, c, r, searchPath+"&"+framing)
					if err != nil {
						t.Fatalf("got %v after %d bytes, want a whole answer", err, len(got))
					}
					if coding == "gzip" {
						got = unpack(t, got)
					}
					checkSoftError(t, head, got)
					a := rig.wait(1)[0]
					if a.Class != groove.ClassSoftError || a.ErrorCode != groove.CodeCatalogInvalidData || a.Status != 200 || a.UpstreamStatus != 200 || a.End != observe.EndComplete || !slices.Equal(a.SpoiledBy, []string{"soft"}) {
						t.Errorf("recorded %s %q, %d, %s, spoiled by %v; want a soft error in a 200, complete", a.Class, a.ErrorCode, a.Status, a.End, a.SpoiledBy)
					}
					if a.ConnUse != uint64(use+1) {
						t.Errorf("recorded use %d, want %d of the same connection", a.ConnUse, use+1)
					}
				}
			})
		}
	}
}

func unpack(t *testing.T, p []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(p))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func checkSoftError(t *testing.T, head []string, body []byte) {
	t.Helper()
	if head[0] != "HTTP/1.1 200 OK" || !slices.Contains(head, `ETag: "odd"`) || !slices.Contains(head, "Content-Type: application/json; charset=utf-8") {
		t.Errorf("got the head %q, want the upstream's", head)
	}
	var got struct {
		Error   struct{ ErrorCode string }
		Artists struct{ Items []any }
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Error.ErrorCode != "CATALOG_INVALID_DATA" || len(got.Artists.Items) != 201 {
		t.Errorf("got %v, error code %q, %d items; want the error beside all items", err, got.Error.ErrorCode, len(got.Artists.Items))
	}
}

func TestCorruptInEveryFraming(t *testing.T) {
	t.Parallel()
	for _, how := range []faults.CorruptKind{faults.CorruptBits, faults.CorruptJSON, faults.CorruptLength} {
		for _, framing := range spoilFramings {
			t.Run(string(how)+" "+framing, func(t *testing.T) {
				t.Parallel()
				body := document()
				rig := newRig(t, spoilOrigin(t, body, ""))
				rig.apply(faults.Fault{Name: "spoil", Corrupt: &faults.Corrupt{How: how}})
				c, r := rig.dial()
				head, got, err := fetch(t, c, r, searchPath+"&"+framing)
				if err != nil {
					t.Fatalf("got %v after %d bytes, want the answer", err, len(got))
				}
				if head[0] != "HTTP/1.1 200 OK" || !slices.Contains(head, `ETag: "odd"`) {
					t.Errorf("got the head %q, want the upstream's", head)
				}
				checkCorrupted(t, how, body, got)
				if how == faults.CorruptLength {
					if rest, err := io.ReadAll(r); err != nil || string(got)+string(rest) != string(body) {
						t.Errorf("got %d bytes after the declared length and %v, want the rest and the end in order", len(rest), err)
					}
					c.Close()
				}
				end := observe.EndComplete
				if how == faults.CorruptLength {
					end = observe.EndBroken
				}
				a := rig.wait(1)[0]
				if a.End != end || a.Status != 200 || !slices.Equal(a.SpoiledBy, []string{"spoil"}) || !a.Spoiled() {
					t.Errorf("recorded %s, %d, spoiled by %v; want %s, 200, by spoil", a.End, a.Status, a.SpoiledBy, end)
				}
			})
		}
	}
}

func checkCorrupted(t *testing.T, how faults.CorruptKind, sent, got []byte) {
	t.Helper()
	switch how {
	case faults.CorruptLength:
		if len(got) != len(sent)/2 {
			t.Errorf("got a declared length of %d, want half of %d", len(got), len(sent))
		}
		return
	case faults.CorruptJSON:
		if json.Valid(got) {
			t.Error("got valid JSON, want none")
		}
	case faults.CorruptBits:
	}
	if len(got) != len(sent) || bytes.Equal(got, sent) {
		t.Errorf("got %d bytes, changed %t; want %d, changed", len(got), !bytes.Equal(got, sent), len(sent))
	}
}

// What the spoils do not end goes on: the connection is used again.
func TestSpoiltAnswersKeepTheConnection(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{
		"bits":     {Corrupt: &faults.Corrupt{How: faults.CorruptBits}},
		"json":     {Corrupt: &faults.Corrupt{How: faults.CorruptJSON}},
		"soft":     {SoftError: &faults.SoftError{}},
		"throttle": {Throttle: &faults.Throttle{BytesPerSecond: 25_000}}, // slower than any upstream
	} {
		for _, framing := range []string{"length", "chunks"} {
			t.Run(name+" "+framing, func(t *testing.T) {
				t.Parallel()
				rig := newRig(t, spoilOrigin(t, document(), ""))
				named := fault
				named.Name = "spoil"
				rig.apply(named)
				c, r := rig.dial()
				for use := range 5 {
					if _, _, err := fetch(t, c, r, searchPath+"&"+framing); err != nil {
						t.Fatalf("answer %d: %v", use+1, err)
					}
					if a := rig.wait(1)[0]; a.ConnUse != uint64(use+1) || a.Conn != 1 || a.End != observe.EndComplete || len(a.SpoiledBy) != 1 {
						t.Errorf("recorded use %d of connection %d, %s, spoiled by %v", a.ConnUse, a.Conn, a.End, a.SpoiledBy)
					}
				}
			})
		}
	}
}

func TestTruncateInEveryFraming(t *testing.T) {
	t.Parallel()
	body := document()
	for name, fault := range map[string]faults.Truncate{
		"nothing":  {Bytes: new(uint64(0))},
		"a byte":   {Bytes: new(uint64(1))},
		"a half":   {Share: new(0.5)},
		"at bytes": {Bytes: new(uint64(1000))},
	} {
		for _, framing := range spoilFramings {
			t.Run(name+" "+framing, func(t *testing.T) {
				t.Parallel()
				rig := newRig(t, spoilOrigin(t, body, ""))
				rig.apply(faults.Fault{Name: "short", Truncate: &fault})
				c, r := rig.dial()
				_, got, err := fetch(t, c, r, searchPath+"&"+framing)
				c.Close()
				want := len(body) / 2
				if fault.Bytes != nil {
					want = int(*fault.Bytes)
				}
				if string(got) != string(body[:want]) {
					t.Errorf("got %d bytes, want the first %d", len(got), want)
				}
				if whole := framing == "close"; (err == nil) != whole || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
					t.Errorf("got %v, want the end in order of a body that promised more", err)
				}
				if a := rig.wait(1)[0]; a.End != observe.EndBroken || a.Status != 200 || !slices.Equal(a.SpoiledBy, []string{"short"}) || a.Origin != observe.OriginInjected {
					t.Errorf("recorded %s, %d, spoiled by %v, %s; want broken, 200, by short, injected", a.End, a.Status, a.SpoiledBy, a.Origin)
				}
			})
		}
	}
}

// Spoils that find no body, or no document, leave the answer alone and say so.
func TestSpoilsThatDoNotApplySaySo(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"HEAD": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n",
		"204":  "HTTP/1.1 204 No Content\r\n\r\n",
		"304":  "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n",
		"503":  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\ndown",
	}
	for name, answer := range answers {
		for effect, fault := range map[string]faults.Fault{
			"soft":     {SoftError: &faults.SoftError{}},
			"bits":     {Corrupt: &faults.Corrupt{How: faults.CorruptBits}},
			"json":     {Corrupt: &faults.Corrupt{How: faults.CorruptJSON}},
			"length":   {Corrupt: &faults.Corrupt{How: faults.CorruptLength}},
			"truncate": {Truncate: &faults.Truncate{Bytes: new(uint64(0))}},
			"throttle": {Throttle: &faults.Throttle{BytesPerSecond: 1}},
		} {
			if name == "503" && effect != "soft" {
				continue
			}
			t.Run(effect+" on "+name, func(t *testing.T) {
				t.Parallel()
				origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
					for {
						if _, err := headLines(r); err != nil {
							return
						}
						_, _ = io.WriteString(c, answer)
					}
				})
				rig := newRig(t, origin)
				fault.Name = "spoil"
				rig.apply(fault)
				c, r := rig.dial()
				method := "GET"
				if name == "HEAD" {
					method = name
				}
				for range 2 {
					send(t, c, method+" "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
					got := make([]byte, len(answer))
					if n, err := io.ReadFull(r, got); err != nil || string(got) != answer {
						t.Fatalf("got %q (%v), want the upstream's %q", got[:n], err, answer)
					}
					a := rig.wait(1)[0]
					if len(a.SpoiledBy) != 0 || a.End != observe.EndComplete || a.Origin != observe.OriginUpstream || !strings.Contains(a.Reason, "spoil did not apply") {
						t.Errorf("recorded spoiled by %v, %s, %s, reason %q; want the upstream's, complete, and why not", a.SpoiledBy, a.End, a.Origin, a.Reason)
					}
				}
				if n := fired(rig.engine)["spoil"]; n != 0 {
					t.Errorf("got fired %d, want 0", n)
				}
			})
		}
	}
}
