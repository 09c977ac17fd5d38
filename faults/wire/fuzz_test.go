package wire_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// FuzzRequest holds heads against net/http: whatever is accepted here is
// accepted there and read alike.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(typicalRequest))
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole := readRequest(t, raw, wire.Limits{})
		cut := readRequest(t, raw, wire.Limits{}, everywhere(len(raw))...)
		if diff := cmp.Diff(fmt.Sprintf("%+v", whole), fmt.Sprintf("%+v", cut)); diff != "" {
			t.Fatalf("request %q in single bytes (-whole +cut):\n%s", raw, diff)
		}
		if whole.Size == 0 {
			return
		}
		var head wire.Request
		n, _ := head.Parse(raw, wire.Limits{})
		compareRequest(t, &head, bytes.TrimPrefix(raw[:n], []byte("\r\n")))
		for _, rewritten := range []string{whole.Rewritten, whole.AsOrigins} {
			if again := readRequest(t, []byte(rewritten), wire.Limits{}); again.Size != len(rewritten) || again.Framing != whole.Framing {
				t.Errorf("rewrite %q: got %q, which reads as %+v, want the same framing", raw, rewritten, again)
			}
		}
	})
}

// compareRequest reads the bytes of a head with net/http.
func compareRequest(t *testing.T, head *wire.Request, raw []byte) {
	t.Helper()
	target := string(head.Target())
	if _, err := url.ParseRequestURI(target); err != nil && head.Form() != wire.AuthorityForm {
		// net/http wants whole percent-encodings; targets pass as sent here.
		raw = bytes.Replace(raw, []byte(" "+target+" "), []byte(" / "), 1)
		target = "/"
	}
	reader := bufio.NewReaderSize(bytes.NewReader(raw), len(raw)+16)
	got, err := http.ReadRequest(reader)
	if err != nil || reader.Buffered() != 0 {
		t.Fatalf("net/http: got %v and %d bytes left of %q, want it to be accepted whole", err, reader.Buffered(), raw)
	}
	if got.Method != string(head.Method()) || got.RequestURI != target || got.ProtoMinor != head.Minor() || got.Close == head.Persistent() {
		t.Errorf("net/http: got %s %s HTTP/1.%d, close %t from %q, want the same", got.Method, got.RequestURI, got.ProtoMinor, got.Close, raw)
	}
	if target == string(head.Target()) && got.Host != string(head.Authority()) {
		t.Errorf("net/http: got host %q from %q, want %q", got.Host, raw, head.Authority())
	}
	compareFields(t, &head.Head, got.Header, raw)
	framing := head.Framing()
	if framing.Kind == wire.Tunnel {
		framing = wire.Framing{Kind: wire.Length}
	}
	compareLength(t, framing, got.ContentLength, got.TransferEncoding)
}

// FuzzResponse is FuzzRequest for responses.
func FuzzResponse(f *testing.F) {
	f.Add([]byte(typicalResponse), uint8(0))
	f.Fuzz(func(t *testing.T, raw []byte, to uint8) {
		whole := readResponse(t, raw, wire.Limits{})
		cut := readResponse(t, raw, wire.Limits{}, everywhere(len(raw))...)
		if diff := cmp.Diff(fmt.Sprintf("%+v", whole), fmt.Sprintf("%+v", cut)); diff != "" {
			t.Fatalf("response %q in single bytes (-whole +cut):\n%s", raw, diff)
		}
		if whole.Size == 0 {
			return
		}
		var head wire.Response
		n, _ := head.Parse(raw, wire.Limits{})
		compareResponse(t, &head, raw[:n], []string{"GET", "HEAD", "CONNECT"}[to%3])
		if again := readResponse(t, []byte(whole.Rewritten), wire.Limits{}); again.Size != len(whole.Rewritten) || again.Framing != whole.Framing {
			t.Errorf("rewrite %q: got %q, which reads as %+v, want the same framing", raw, whole.Rewritten, again)
		}
	})
}

// compareResponse reads the bytes of a head with net/http.
func compareResponse(t *testing.T, head *wire.Response, raw []byte, method string) {
	t.Helper()
	reader := bufio.NewReaderSize(bytes.NewReader(raw), len(raw)+16)
	got, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("net/http: got %v from %q, want it to be accepted", err, raw)
	}
	defer got.Body.Close()
	if reader.Buffered() != 0 {
		t.Errorf("net/http: got %d bytes left of %q, want none", reader.Buffered(), raw)
	}
	status := strings.TrimSuffix(fmt.Sprintf("%d %s", head.Status(), head.Reason()), " ")
	if strings.TrimSuffix(got.Status, " ") != status || got.StatusCode != head.Status() || got.ProtoMinor != head.Minor() {
		t.Errorf("net/http: got %q, %d, HTTP/1.%d from %q, want the same", got.Status, got.StatusCode, got.ProtoMinor, raw)
	}
	compareFields(t, &head.Head, got.Header, raw)
	framing := head.Framing([]byte(method))
	switch {
	case method == "HEAD", framing.Kind == wire.Tunnel:
		// It gives the length a GET would have, and has no tunnels.
	case framing.Kind == wire.None:
		compareLength(t, framing, got.ContentLength, nil)
	default:
		compareLength(t, framing, got.ContentLength, got.TransferEncoding)
	}
}

// compareFields compares all fields but those that net/http takes out or puts
// in on its own account.
func compareFields(t *testing.T, head *wire.Head, got http.Header, raw []byte) {
	t.Helper()
	want := http.Header{}
	for i := range head.Len() {
		name, value := head.Field(i)
		want.Add(string(name), string(value))
	}
	own := []string{"Host", "Transfer-Encoding", "Trailer"}
	if !head.Persistent() {
		own = append(own, "Connection")
	}
	if want.Get("Pragma") == "no-cache" {
		own = append(own, "Cache-Control")
	}
	for _, name := range own {
		want.Del(name)
		got.Del(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("net/http: fields of %q (-wire +net/http):\n%s", raw, diff)
	}
}

func compareLength(t *testing.T, framing wire.Framing, length int64, encoding []string) {
	t.Helper()
	want := framing.Length
	if framing.Kind == wire.Chunked || framing.Kind == wire.UntilClose {
		want = -1
	}
	if length != want || (len(encoding) > 0) != (framing.Kind == wire.Chunked) {
		t.Errorf("net/http: got length %d and encoding %q, want %+v", length, encoding, framing)
	}
}

// FuzzChunks holds bodies in chunks against net/http: whatever is accepted here
// is accepted there, with the same payload and the same end.
func FuzzChunks(f *testing.F) {
	f.Add([]byte(chunkOf("hello") + "0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole := readBody(t, wire.Framing{Kind: wire.Chunked}, raw)
		if cut := readBody(t, wire.Framing{Kind: wire.Chunked}, raw, everywhere(len(raw))...); cut != whole {
			t.Fatalf("chunks %q in single bytes: got %+v, want %+v", raw, cut, whole)
		}
		if !whole.Done {
			return
		}
		reader := bufio.NewReaderSize(bytes.NewReader(raw), len(raw)+16)
		payload, err := io.ReadAll(httputil.NewChunkedReader(reader))
		if err != nil || string(payload) != whole.Payload {
			t.Errorf("net/http: got %q and %v from %q, want %q", payload, err, raw, whole.Payload)
		}
		if _, err := textproto.NewReader(reader).ReadMIMEHeader(); err != nil || reader.Buffered() != len(raw)-whole.Size {
			t.Errorf("net/http: got %v and %d bytes left of %q, want %d", err, reader.Buffered(), raw, len(raw)-whole.Size)
		}
	})
}

// FuzzAuthority holds addresses in brackets against net/netip.
func FuzzAuthority(f *testing.F) {
	f.Add("2001:db8::1")
	f.Fuzz(func(t *testing.T, address string) {
		checkAddress(t, address)
	})
}
