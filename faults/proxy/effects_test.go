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
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// An answer at after: the upstream does the work once, the client hears of an error.
func TestAnswerAfterTheUpstream(t *testing.T) {
	t.Parallel()
	for framing := range breakFramings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			origin, seen := breakOrigin(t, framing)
			rig := newRig(t, origin)
			fault := answerFault("lost", 503)
			fault.Answer.At = faults.SideAfter
			rig.apply(fault)
			c, r := rig.dial()
			for i := range 3 {
				send(t, c, breakPost)
				response, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatal(err)
				}
				if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 503 || strings.Contains(string(body), "0123456789") || response.Close {
					t.Errorf("got %s with %q (%v), close %t; want an injected 503 on a kept connection", response.Status, body, err, response.Close)
				}
				a := rig.wait(1)[0]
				if a.Origin != observe.OriginInjected || a.Fault != "lost" || a.Status != 503 || a.UpstreamStatus != 200 || !a.Forwarded || a.End != observe.EndComplete || a.ConnUse != uint64(i+1) {
					t.Errorf("recorded %s by %q, %d after the upstream's %d, forwarded %t, %s; want an injected 503 after 200, complete", a.Origin, a.Fault, a.Status, a.UpstreamStatus, a.Forwarded, a.End)
				}
				if n := seen.Load(); n != int64(i+1) {
					t.Errorf("the upstream saw %d requests, want %d", n, i+1)
				}
			}
		})
	}
}

// A failure of the upstream is told as such: a fault at after has nothing to hide.
func TestAnswerAfterAnUpstreamThatFails(t *testing.T) {
	t.Parallel()
	rig := newRig(t, answering(t, ""))
	fault := answerFault("lost", 503)
	fault.Answer.At = faults.SideAfter
	rig.apply(fault)
	if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != 502 {
		t.Errorf("got %s, want our 502", response.Status)
	}
	a := rig.wait(1)[0]
	if a.Origin != observe.OriginOurs || a.Fault != "" || a.UpstreamStatus != 0 || !a.Forwarded || fired(rig.engine)["lost"] != 0 {
		t.Errorf("recorded %s by %q, upstream status %d, forwarded %t, fired %d; want ours, forwarded, not fired", a.Origin, a.Fault, a.UpstreamStatus, a.Forwarded, fired(rig.engine)["lost"])
	}
}

// An upstream whose answer never ends must not keep the injected one back.
func TestAnswerAfterAnEndlessOne(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err != nil {
			return
		}
		page := make([]byte, 32<<10)
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for err == nil {
			_, err = c.Write(page)
		}
	}))
	fault := answerFault("lost", 503)
	fault.Answer.At = faults.SideAfter
	rig.apply(fault)
	c, r := rig.dial()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
	if head, err := headLines(r); err != nil || head[0] != "HTTP/1.1 503 Service Unavailable" {
		t.Errorf("got %q, %v; want the injected 503", head, err)
	}
	c.Close()
	rig.wait(1)
}

func late(name string, wait time.Duration) faults.Fault {
	return faults.Fault{Name: name, Delay: &faults.Delay{At: faults.SideAfter, Fixed: &wait}}
}

func TestDelaysOnBothSides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked time.Duration
		var start time.Time
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
			asked = time.Since(start)
			io.WriteString(w, "done")
		})
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{slow(3 * time.Second), late("late", 4*time.Second)}); err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if took := time.Since(start); asked != 3*time.Second || took != 7*time.Second {
			t.Errorf("the upstream was asked after %v and the answer came after %v, want 3s and 7s", asked, took)
		}
		synctest.Wait()
		a := b.recorded()[0]
		if diff := cmp.Diff([]string{"slow", "late"}, a.DelayedBy); diff != "" || a.Delay != 7*time.Second || a.UpstreamStatus != 200 || a.Origin != observe.OriginUpstream {
			t.Errorf("recorded a delay of %v by %v, %s; want 7s by both, the upstream's", a.Delay, a.DelayedBy, a.Origin)
		}
	})
}

// A client that leaves a delay behind the upstream's work has lost its answer.
func TestClientThatLeavesALateDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "done") })
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{late("late", time.Minute)}); err != nil {
			t.Fatal(err)
		}
		c, err := b.front.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
		time.Sleep(5 * time.Second)
		c.Close()
		synctest.Wait()
		a := b.recorded()[0]
		if a.End != observe.EndClientLeft || a.Status != 0 || a.UpstreamStatus != 200 || !a.Forwarded || a.Delay != 5*time.Second || a.Origin != observe.OriginInjected {
			t.Errorf("recorded %s, status %d after the upstream's %d, delay %v, %s; want client_left, 0, 200, 5s, injected", a.End, a.Status, a.UpstreamStatus, a.Delay, a.Origin)
		}
		if use := b.engine.Uses()[0]; use.Held != 0 || use.Fired != 1 {
			t.Errorf("got held %d, fired %d; want 0, 1", use.Held, use.Fired)
		}
	})
}

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
		"throttle": {Throttle: &faults.Throttle{BytesPerSecond: 100_000}},
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

func TestThrottleKeepsItsRate(t *testing.T) {
	t.Parallel()
	for _, framing := range []string{"length", "chunked"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const size, rate = 10_000, 1000
				b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
					if framing == "length" {
						w.Header().Set("Content-Length", strconv.Itoa(size))
					}
					_, _ = w.Write(bytes.Repeat([]byte("x"), size))
				})
				defer b.close()
				if err := b.engine.Apply([]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: rate}}}); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				response, err := b.client.Get("http://proxy" + searchPath)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				var half time.Duration
				first, err := io.ReadFull(response.Body, make([]byte, size/2))
				half = time.Since(start)
				rest, err2 := io.ReadAll(response.Body)
				took := time.Since(start)
				if err != nil || err2 != nil || first+len(rest) != size {
					t.Fatalf("got %d bytes, %v, %v; want %d", first+len(rest), err, err2, size)
				}
				const step = 100 * time.Millisecond
				if half < 5*time.Second-2*step || half > 5*time.Second+step || took < 10*time.Second-2*step || took > 10*time.Second+step {
					t.Errorf("got half after %v and all after %v, want 5s and 10s", half, took)
				}
				synctest.Wait()
				if a := b.recorded()[0]; !slices.Equal(a.SpoiledBy, []string{"thin"}) || a.End != observe.EndComplete || a.Delay != 0 {
					t.Errorf("recorded %s, spoiled by %v, delay %v; want complete, by thin, none", a.End, a.SpoiledBy, a.Delay)
				}
			})
		})
	}
}

func TestClientThatLeavesAThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1000)) })
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 10}}}); err != nil {
			t.Fatal(err)
		}
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(response.Body, make([]byte, 20)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second) // half of the next wait
		start := time.Now()
		response.Body.Close()
		synctest.Wait()
		a := b.recorded()[0]
		if a.End != observe.EndClientLeft || a.Status != 200 || time.Since(start) > time.Second || !slices.Equal(a.SpoiledBy, []string{"thin"}) {
			t.Errorf("recorded %s, %d, spoiled by %v; want client_left at once, 200, by thin", a.End, a.Status, a.SpoiledBy)
		}
	})
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

// Effects compose: a delay, a soft error and a throttle in one exchange.
func TestEffectsCompose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := document()
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
		defer b.close()
		set := []faults.Fault{
			slow(3 * time.Second),
			late("late", 2*time.Second),
			{Name: "soft", SoftError: &faults.SoftError{ErrorCode: groove.CodeCatalogInvalidData}},
			{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 1000}},
		}
		if err := b.engine.Apply(set); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		if err != nil || !json.Valid(got) || !strings.Contains(string(got), "CATALOG_INVALID_DATA") {
			t.Errorf("got %d bytes, %v, valid %t; want the error in the document", len(got), err, json.Valid(got))
		}
		want := 5*time.Second + time.Duration(len(got))*time.Millisecond
		if took := time.Since(start); took < want-200*time.Millisecond || took > want+200*time.Millisecond {
			t.Errorf("it took %v, want about %v", took, want)
		}
		synctest.Wait()
		a := b.recorded()[0]
		if diff := cmp.Diff([]string{"slow", "late"}, a.DelayedBy); diff != "" || a.Delay != 5*time.Second {
			t.Errorf("recorded a delay of %v by %v, want 5s by slow and late", a.Delay, a.DelayedBy)
		}
		if diff := cmp.Diff([]string{"soft", "thin"}, a.SpoiledBy); diff != "" || a.End != observe.EndComplete {
			t.Errorf("recorded %s, spoiled by %v; want complete, by soft and thin", a.End, a.SpoiledBy)
		}
	})
}

func TestQuotaIsPerClient(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	rig.apply(faults.Fault{Name: "quota", Trigger: faults.Trigger{Quota: &faults.Quota{Requests: 2, Per: time.Hour}}})
	for _, client := range []string{"Bearer one", "Bearer two"} {
		for i, want := range []int{200, 200, 429, 429} {
			response, body := rig.do("GET", searchPath, nil, "Authorization", client)
			if response.StatusCode != want {
				t.Errorf("%s, request %d: got %s, want %d", client, i+1, response.Status, want)
			}
			after, err := strconv.Atoi(response.Header.Get("Retry-After"))
			if limited := want == 429; limited && (err != nil || after < 1 || after > 1800 || groove.Classify(429, []byte(body)).Code != groove.CodeTooManyRequests) {
				t.Errorf("%s, request %d: got Retry-After %q and %q, want 1 to 1800 s and TOO_MANY_REQUESTS", client, i+1, response.Header.Get("Retry-After"), body)
			}
			if a := rig.wait(1)[0]; a.RetryAfter != response.Header.Get("Retry-After") || (a.Origin == observe.OriginInjected) != (want == 429) {
				t.Errorf("%s, request %d: recorded Retry-After %q, %s; want %q", client, i+1, a.RetryAfter, a.Origin, response.Header.Get("Retry-After"))
			}
		}
	}
}

// No more exchanges than max_active are struck at once, the rest passes and is
// counted, and those that are given up make room again.
func TestMaxActiveIsExact(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	fault := slow(time.Minute)
	fault.Trigger.MaxActive = 7
	rig.apply(fault)
	const parallel = 50
	for round := range 3 {
		var (
			wg     sync.WaitGroup
			passed atomic.Int64
			conns  [parallel]net.Conn
		)
		for i := range parallel {
			c, r := rig.dial()
			conns[i] = c
			wg.Go(func() {
				_, _ = io.WriteString(c, "GET "+searchPath+strconv.Itoa(i)+" HTTP/1.1\r\nHost: a\r\n\r\n")
				if _, err := r.ReadString('\n'); err == nil {
					passed.Add(1)
				}
			})
		}
		for passed.Load() < parallel-7 || held(rig.engine) < 7 {
			time.Sleep(time.Millisecond) // until all have been decided about
		}
		use := rig.engine.Uses()[0]
		if want := uint64((parallel - 7) * (round + 1)); use.Held != 7 || use.Overflow != want {
			t.Errorf("round %d: got %d held, overflow %d; want 7, %d", round, use.Held, use.Overflow, want)
		}
		for _, c := range conns {
			c.Close()
		}
		wg.Wait()
		rig.wait(parallel)
		if n := held(rig.engine); n != 0 {
			t.Errorf("round %d: got %d held after all had left, want 0", round, n)
		}
	}
}
