package wire_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// pieces of heads, good and bad, that the generator puts together.
var (
	methods  = []string{"GET", "POST", "OPTIONS", "CONNECT", "PURGE", "a b", ""}
	targets  = []string{"/", "/a?b", "*", "http://a/b", "https://a:443?x", "a:443", "a", "/\x00"}
	versions = []string{"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 "}
	ends     = []string{"\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", ""}
	lines    = []string{
		"Host: a", "Host: a", "host:a:443", "Content-Length: 5", "Content-Length: 5", "Content-Length: +5", "Transfer-Encoding: chunked",
		"Transfer-Encoding: gzip, chunked", "Connection: close", "Connection: x, keep-alive", "X: y", "x:  z\t", "X : y", " X: y", "Y: \x00",
		"Upgrade: h2c", "Expect: 100-continue", "TE: trailers", "Trailer: x", "Trailer: Host", "Name-Only", "E:", "\xff: y", "V: \xff\"\\",
	}
)

// someHead draws a head that may be good or bad.
func someHead(t *rapid.T, start string) []byte {
	pick := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(t, label) }
	var b strings.Builder
	b.WriteString(start + pick(ends, "end"))
	for range rapid.IntRange(0, 6).Draw(t, "fields") {
		b.WriteString(pick(lines, "field") + pick(ends, "end"))
	}
	b.WriteString(pick(ends, "last end"))
	b.WriteString(rapid.SampledFrom([]string{"", "more", "\r\n", "\x00"}).Draw(t, "rest"))
	return []byte(b.String())
}

// someCuts draws where n bytes are cut.
func someCuts(t *rapid.T, n int) []int {
	cuts := rapid.SliceOfN(rapid.IntRange(0, n), 0, 8).Draw(t, "cuts")
	slices.Sort(cuts)
	return cuts
}

func TestCutsChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		start := strings.Join([]string{
			rapid.SampledFrom(methods).Draw(rt, "method"), rapid.SampledFrom(targets).Draw(rt, "target"), rapid.SampledFrom(versions).Draw(rt, "version"),
		}, " ")
		limits := wire.Limits{
			Head: rapid.IntRange(0, 100).Draw(rt, "head"), Fields: rapid.IntRange(0, 4).Draw(rt, "most fields"),
			Target: rapid.IntRange(0, 8).Draw(rt, "target size"),
		}
		raw := someHead(rt, start)
		cuts := someCuts(rt, len(raw))
		compare(rt, raw, readRequest(t, raw, limits), readRequest(t, raw, limits, cuts...))
		status := rapid.SampledFrom([]string{" 200 OK", " 204 ", " 101", " 20", "  200 OK"}).Draw(rt, "status")
		raw = someHead(rt, rapid.SampledFrom(versions).Draw(rt, "version")+status)
		cuts = someCuts(rt, len(raw))
		compare(rt, raw, readResponse(t, raw, limits), readResponse(t, raw, limits, cuts...))
	})
}

func compare(t *rapid.T, raw []byte, whole, cut reading) {
	t.Helper()
	if diff := cmp.Diff(fmt.Sprintf("%+v", whole), fmt.Sprintf("%+v", cut)); diff != "" {
		t.Errorf("head %q (-whole +cut):\n%s", raw, diff)
	}
}

type field struct{ Name, Value string }

func someFields(t *rapid.T) []field {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) field {
		return field{
			rapid.OneOf(
				rapid.SampledFrom([]string{"TE", "keep-alive", "Proxy-Connection", "UPGRADE", "X-Hop", "x-hop", "X-Keep"}),
				rapid.StringMatching("[a-z!#$%&'*+.^`|~0-9-]{1,30}"),
			).Draw(t, "name"),
			rapid.OneOf(
				rapid.SampledFrom([]string{"", "a, b", "\"\\", "\xfc\xff"}),
				rapid.StringMatching("[!-~]([ -~\t]{0,40}[!-~])?"),
			).Draw(t, "value"),
		}
	}), 0, 20).Draw(t, "fields")
}

// isHop is the model of what belongs to the connection, for someFields.
func isHop(name string) bool {
	return slices.Contains([]string{"connection", "te", "keep-alive", "proxy-connection", "upgrade", "x-hop"}, strings.ToLower(name))
}

func TestRewrittenHeadKeepsItsFields(t *testing.T) {
	t.Parallel()
	known := []string{"host", "content-length", "transfer-encoding", "trailer", "expect", "proxy-authenticate", "proxy-authorization", "proxy-authentication-info", "connection"}
	rapid.Check(t, func(rt *rapid.T) {
		sent := slices.DeleteFunc(someFields(rt), func(f field) bool { return slices.Contains(known, strings.ToLower(f.Name)) })
		sent = append(sent, field{"Host", "a"}, field{"Connection", "x-hop"})
		sent = rapid.Permutation(sent).Draw(rt, "order")
		var raw strings.Builder
		raw.WriteString("GET /x HTTP/1.1\r\n")
		for _, f := range sent {
			space := rapid.SampledFrom([]string{"", " ", "\t ", "  "})
			raw.WriteString(f.Name + ":" + space.Draw(rt, "before") + f.Value + space.Draw(rt, "after") + "\r\n")
		}
		raw.WriteString("\r\n")
		checkRewrite(rt, raw.String(), sent)
	})
}

// checkRewrite holds a head and its rewritten form to the fields it was made of.
func checkRewrite(t *rapid.T, raw string, sent []field) {
	var want []field
	for _, f := range sent {
		if !isHop(f.Name) {
			want = append(want, f)
		}
	}
	var head, again wire.Request
	if n, err := head.Parse([]byte(raw), wire.Limits{}); n != len(raw) || err != nil {
		t.Fatalf("parse %q: got %d and %v, want %d", raw, n, err, len(raw))
	}
	if diff := cmp.Diff(sent, fieldsOf(&head.Head)); diff != "" {
		t.Errorf("parse %q (-sent +got):\n%s", raw, diff)
	}
	for i := range head.Len() {
		if name, _ := head.Field(i); head.HopByHop(i) != isHop(string(name)) {
			t.Errorf("parse %q: got hop-by-hop %t for %s", raw, head.HopByHop(i), name)
		}
	}
	rewritten, err := head.AppendHead(nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := again.Parse(rewritten, wire.Limits{}); n != len(rewritten) || err != nil {
		t.Fatalf("parse %q: got %d and %v, want %d", rewritten, n, err, len(rewritten))
	}
	if diff := cmp.Diff(want, fieldsOf(&again.Head)); diff != "" {
		t.Errorf("rewrite %q (-want +got):\n%s", raw, diff)
	}
}

func fieldsOf(h *wire.Head) []field {
	var fields []field
	for i := range h.Len() {
		name, value := h.Field(i)
		fields = append(fields, field{string(name), string(value)})
	}
	return fields
}

func TestChunksCarryTheirPayload(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var payload, raw strings.Builder
		for range rapid.IntRange(0, 10).Draw(rt, "chunks") {
			data := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "data")
			extension := rapid.SampledFrom([]string{"", "", ";a", ";a=b", ";a=\";\\\"\""}).Draw(rt, "extension")
			zeros := strings.Repeat("0", rapid.IntRange(0, 3).Draw(rt, "zeros"))
			fmt.Fprintf(&raw, "%s%X%s\r\n%s\r\n", zeros, len(data), extension, data)
			payload.Write(data)
		}
		raw.WriteString("0\r\n" + rapid.SampledFrom([]string{"", "X: y\r\n", "X:\r\nY:\tz\r\n"}).Draw(rt, "trailers") + "\r\n")
		want := bodyReading{Size: raw.Len(), Payload: payload.String(), Done: true}
		raw.WriteString(rapid.SampledFrom([]string{"", "GET", "\r\n", "0\r\n\r\n"}).Draw(rt, "rest"))
		cuts := someCuts(rt, raw.Len())
		if got := readBody(t, wire.Framing{Kind: wire.Chunked}, []byte(raw.String()), cuts...); got != want {
			rt.Errorf("chunks %q cut at %v: got %+v, want %+v", raw.String(), cuts, got, want)
		}
	})
}

func TestAddressesAreThoseOfNetip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{":", "::", ":", ":", "1", "a:", "FF:", "0001:", "1:2:3:", "12345", "1.2.3.4", "01.2.3.4", "256.1.1.1", ".", "g"}), 0, 10)
		checkAddress(rt, strings.Join(parts.Draw(rt, "parts"), ""))
	})
}

func checkAddress(t rapid.TB, address string) {
	t.Helper()
	parsed, err := netip.ParseAddr(address)
	want := err == nil && parsed.Is6() && parsed.Zone() == ""
	host, port, ok := wire.SplitAuthority([]byte("[" + address + "]:80"))
	if ok != want || ok && (string(host) != address || string(port) != "80") {
		t.Errorf("split [%s]:80: got %q, %q and %t, want %t", address, host, port, ok, want)
	}
}
