package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/groovechaos/groovechaos/faults/wire"
)

func TestBody(t *testing.T) {
	t.Parallel()
	chunked := wire.Framing{Kind: wire.Chunked}
	signed := chunkOf(strings.Repeat("x", 1<<10))
	signed = strings.Replace(signed, "\r\n", ";chunk-signature="+strings.Repeat("f", 64)+"\r\n", 1)
	// Each chunk has 129 bytes of extensions for one of data: 128 too many.
	heavy := strings.Repeat("1;"+strings.Repeat("a", 128)+"\r\nx\r\n", 32)
	tests := map[string]struct {
		framing wire.Framing
		raw     string
		want    bodyReading
	}{
		"none":                  {wire.Framing{}, "GET", bodyReading{Done: true}},
		"a length of 0":         {lengthOf(0), "GET", bodyReading{Done: true}},
		"a length":              {lengthOf(5), "helloGET", bodyReading{Size: 5, Payload: "hello", Done: true}},
		"a length not reached":  {lengthOf(6), "hello", bodyReading{Size: 5, Payload: "hello"}},
		"a length of 2^63 - 1":  {lengthOf(1<<63 - 1), "hello", bodyReading{Size: 5, Payload: "hello"}},
		"until it closes":       {wire.Framing{Kind: wire.UntilClose}, "hello", bodyReading{Size: 5, Payload: "hello"}},
		"a tunnel":              {wire.Framing{Kind: wire.Tunnel}, "hello", bodyReading{Size: 5, Payload: "hello"}},
		"chunks":                {chunked, "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET", bodyReading{Size: 26, Payload: "hello world", Done: true}},
		"no chunks":             {chunked, "0\r\n\r\nGET", bodyReading{Size: 5, Done: true}},
		"a size in both cases":  {chunked, "00aA\r\n" + strings.Repeat("\r", 170) + "\r\n000\r\n\r\n", bodyReading{Size: 185, Payload: strings.Repeat("\r", 170), Done: true}},
		"chunks not ended":      {chunked, "5\r\nhello\r\n0\r\n\r", bodyReading{Size: 14, Payload: "hello"}},
		"a chunk not ended":     {chunked, "fffffffffffffff\r\nhello", bodyReading{Size: 22, Payload: "hello"}},
		"extensions":            {chunked, "5;a;b=c; d = \"\\\"\t;\"\r\nhello\r\n0;e\r\n\r\n", bodyReading{Size: 35, Payload: "hello", Done: true}},
		"trailers":              {chunked, "0\r\nX-Sum: 1\xff\t2\r\nEmpty:\r\nA-Name-Longer-Than-Any-That-Is-Known: y\r\n\r\nGET", bodyReading{Size: 67, Done: true}},
		"data of control bytes": {chunked, "4\r\n\x00\r\n\x7f\r\n0\r\n\r\n", bodyReading{Size: 14, Payload: "\x00\r\n\x7f", Done: true}},
		"the most trailers":     {chunked, "0\r\n" + strings.Repeat("X: y\r\n", 100) + "\r\n", bodyReading{Size: 605, Done: true}},
		"the most extensions":   {chunked, heavy + "0\r\n\r\n", bodyReading{Size: len(heavy) + 5, Payload: strings.Repeat("x", 32), Done: true}},
		"one extension more":    {chunked, heavy + "0;\r\n\r\n", bodyReading{Size: len(heavy) + 3, Err: wire.ErrChunkExtension, Payload: strings.Repeat("x", 32)}},
		"a signature on each":   {chunked, strings.Repeat(signed, 100) + "0\r\n\r\n", bodyReading{Size: 100*len(signed) + 5, Payload: strings.Repeat("x", 100<<10), Done: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, cuts := range [][]int{nil, everywhere(len(test.raw))} {
				if diff := cmp.Diff(test.want, readBody(t, test.framing, []byte(test.raw), cuts...), cmpopts.EquateErrors()); diff != "" {
					t.Errorf("body %.80q cut at %d places (-want +got):\n%s", test.raw, len(cuts), diff)
				}
			}
		})
	}
}

func TestBodyErrorStays(t *testing.T) {
	t.Parallel()
	var body wire.Body
	body.Start(wire.Framing{Kind: wire.Chunked}, wire.Limits{})
	for range 2 {
		if n, data, err := body.Next([]byte("x\r\n")); n != 0 || data != nil || !errors.Is(err, wire.ErrChunkSize) {
			t.Errorf("next: got %d, %q and %v, want nothing and %v", n, data, err, wire.ErrChunkSize)
		}
	}
	if body.Done() {
		t.Error("done: got true, want a refused body not to be done")
	}
	body.Start(lengthOf(1), wire.Limits{})
	if n, _, err := body.Next([]byte("x")); n != 1 || err != nil || !body.Done() || body.Framing() != lengthOf(1) {
		t.Errorf("next body: got %d and %v, want nothing of the last one", n, err)
	}
}

// TestPayloadIsInPlace holds the ranges to the caller's buffer.
func TestPayloadIsInPlace(t *testing.T) {
	t.Parallel()
	var body wire.Body
	body.Start(wire.Framing{Kind: wire.Chunked}, wire.Limits{})
	buf := []byte("5\r\nhello\r\n0\r\n\r\n")
	n, data, err := body.Next(buf)
	if n != 8 || err != nil || string(data) != "hello" || &data[0] != &buf[3] {
		t.Errorf("next: got %d, %q and %v, want 8 and the payload where it stands", n, data, err)
	}
}
