package wire_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// reading is all that a head tells.
type reading struct {
	Err                  error
	Size, Minor          int
	Fields, Hop          []string
	Persistent           bool
	Upgrade              string
	Framing              wire.Framing
	Method, Target       string
	Form                 wire.Form
	Path, Query          string
	Authority            string
	Secure, Mismatch     bool
	Continue             bool
	Status               int
	Reason               string
	Interim              bool
	ForHead, ForConnect  wire.Framing
	Rewritten, AsOrigins string
}

func (r *reading) addFields(h *wire.Head) {
	r.Size, r.Minor, r.Persistent = h.Size(), h.Minor(), h.Persistent()
	upgrade, _ := h.Upgrade()
	r.Upgrade = string(upgrade)
	for i := range h.Len() {
		name, value := h.Field(i)
		field := fmt.Sprintf("%s=%s", name, value)
		r.Fields = append(r.Fields, field)
		if h.HopByHop(i) {
			r.Hop = append(r.Hop, field)
		}
	}
}

// readRequest parses raw as it comes when it is cut at the given lengths. Every
// piece comes in a buffer of its own. Once there is an error it has to stay.
func readRequest(t testing.TB, raw []byte, limits wire.Limits, cuts ...int) reading {
	t.Helper()
	var head wire.Request
	n, err := feed(t, raw, cuts, func(b []byte) (int, error) { return head.Parse(b, limits) })
	if err != nil || n == 0 {
		return reading{Err: err}
	}
	r := reading{
		Framing: head.Framing(), Method: string(head.Method()), Target: string(head.Target()), Form: head.Form(),
		Path: string(head.Path()), Authority: string(head.Authority()), Secure: head.Secure(),
		Mismatch: head.CheckHost() != nil, Continue: head.ExpectContinue(),
	}
	query, _ := head.Query()
	r.Query = string(query)
	r.addFields(&head.Head)
	rewritten, err := head.AppendHead(nil)
	asOrigins, originErr := head.AppendOriginForm(nil)
	if err != nil || originErr != nil {
		t.Errorf("rewrite %q: got %v and %v, want no error", raw, err, originErr)
	}
	r.Rewritten, r.AsOrigins = string(rewritten), string(asOrigins)
	return r
}

// readResponse is readRequest for responses.
func readResponse(t testing.TB, raw []byte, limits wire.Limits, cuts ...int) reading {
	t.Helper()
	var head wire.Response
	n, err := feed(t, raw, cuts, func(b []byte) (int, error) { return head.Parse(b, limits) })
	if err != nil || n == 0 {
		return reading{Err: err}
	}
	r := reading{
		Status: head.Status(), Reason: string(head.Reason()), Interim: head.Interim(), Framing: head.Framing([]byte("GET")),
		ForHead: head.Framing([]byte("HEAD")), ForConnect: head.Framing([]byte("CONNECT")),
	}
	r.addFields(&head.Head)
	rewritten, err := head.AppendHead(nil)
	if err != nil {
		t.Errorf("rewrite %q: got %v, want no error", raw, err)
	}
	r.Rewritten = string(rewritten)
	return r
}

// feed calls parse with ever longer beginnings of raw.
func feed(t testing.TB, raw []byte, cuts []int, parse func([]byte) (int, error)) (int, error) {
	t.Helper()
	for _, cut := range cuts {
		n, err := parse(slices.Clone(raw[:cut]))
		if err == nil && n == 0 {
			continue
		}
		again, stays := parse(slices.Clone(raw))
		if again != n || stays != err { //nolint:errorlint // errors of this package are never wrapped
			t.Errorf("parse %q cut at %d: got %d, %v and then %d, %v, want the same", raw, cut, n, err, again, stays)
		}
		return n, err
	}
	return parse(slices.Clone(raw))
}

// everywhere cuts n bytes into single ones, or into a few hundred pieces when
// they are many.
func everywhere(n int) []int {
	var cuts []int
	for i := 0; i < n; i += 1 + n/1024 {
		cuts = append(cuts, i)
	}
	return cuts
}

// bodyReading is all that a body tells.
type bodyReading struct {
	Err     error
	Size    int
	Payload string
	Done    bool
}

// readBody follows a body through pieces of raw.
func readBody(t testing.TB, framing wire.Framing, raw []byte, cuts ...int) bodyReading {
	t.Helper()
	var (
		body wire.Body
		r    bodyReading
	)
	body.Start(framing, wire.Limits{})
	from := 0
	for _, to := range append(slices.Clone(cuts), len(raw)) {
		for piece := raw[from:to]; len(piece) > 0 && !body.Done(); {
			n, data, err := body.Next(piece)
			r.Size += n
			r.Payload += string(data)
			if err != nil {
				r.Err = err
				return r
			}
			if n == 0 {
				t.Fatalf("next %q: got nothing, want progress, an error or done", piece)
			}
			piece = piece[n:]
		}
		from = to
	}
	r.Done = body.Done()
	return r
}

func chunkOf(data string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(data), data) }
