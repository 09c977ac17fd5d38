package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// smuggled is the request that an attack tries to have an upstream read.
const smuggled = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"

// TestSmugglingByFraming plays the known ways to have two readers disagree on
// where a request ends. All are refused before a byte is forwarded.
func TestSmugglingByFraming(t *testing.T) {
	t.Parallel()
	const length, encoding = "Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n"
	tests := map[string]struct {
		fields string
		want   wire.Error
	}{
		"CL.TE":                                 {length + encoding, wire.ErrLengthAndEncoding},
		"TE.CL":                                 {encoding + length, wire.ErrLengthAndEncoding},
		"CL.TE with other letters":              {"CONTENT-length: 4\r\ntransfer-ENCODING: CHUNKED\r\n", wire.ErrLengthAndEncoding},
		"CL.CL":                                 {length + "Content-Length: 44\r\n", wire.ErrContentLengthRepeated},
		"CL.CL apart":                           {length + "X: y\r\n" + "Content-length: 4\r\n", wire.ErrContentLengthRepeated},
		"CL.CL in a list":                       {"Content-Length: 4, 44\r\n", wire.ErrContentLength},
		"CL with an underscore":                 {"Content_Length: 4\r\n", wire.ErrFieldName},
		"CL with a tab":                         {"Content-Length:\t4\r\n", wire.ErrContentLength},
		"CL with a form feed":                   {"Content-Length: \x0c4\r\n", wire.ErrControl},
		"CL with digits of another script":      {"Content-Length: \xd9\xa4\r\n", wire.ErrContentLength},
		"CL in a fold":                          {"Content-Length:\r\n 4\r\n", wire.ErrContentLength},
		"TE twice":                              {encoding + encoding, wire.ErrTransferEncodingRepeated},
		"TE twice, the second nonsense":         {encoding + "Transfer-encoding: x\r\n", wire.ErrTransferEncodingRepeated},
		"TE twice, the first nonsense":          {"Transfer-Encoding: x\r\n" + encoding, wire.ErrTransferEncoding},
		"TE identity":                           {"Transfer-Encoding: identity\r\n", wire.ErrTransferEncoding},
		"TE identity, chunked":                  {"Transfer-Encoding: identity, chunked\r\n", wire.ErrTransferCoding},
		"TE chunked, identity":                  {"Transfer-Encoding: chunked, identity\r\n", wire.ErrTransferEncoding},
		"TE chunked, chunked":                   {"Transfer-Encoding: chunked, chunked\r\n", wire.ErrTransferEncoding},
		"TE chunked with a comma":               {"Transfer-Encoding: chunked,\r\n", wire.ErrTransferEncoding},
		"TE with a comma before":                {"Transfer-Encoding: ,chunked\r\n", wire.ErrTransferEncoding},
		"TE xchunked":                           {"Transfer-Encoding: xchunked\r\n", wire.ErrTransferEncoding},
		"TE chunk":                              {"Transfer-Encoding: chunk\r\n", wire.ErrTransferEncoding},
		"TE empty":                              {"Transfer-Encoding:\r\n", wire.ErrTransferEncoding},
		"TE in quotes":                          {"Transfer-Encoding: \"chunked\"\r\n", wire.ErrTransferEncoding},
		"TE in single quotes":                   {"Transfer-Encoding: 'chunked'\r\n", wire.ErrTransferEncoding},
		"TE with a parameter":                   {"Transfer-Encoding: chunked;q=1\r\n", wire.ErrTransferEncoding},
		"TE with a bracket":                     {"Transfer-Encoding: [chunked]\r\n", wire.ErrTransferEncoding},
		"TE with a tab":                         {"Transfer-Encoding:\tchunked\r\n", wire.ErrTransferEncoding},
		"TE with a space after":                 {"Transfer-Encoding: chunked \r\n", wire.ErrTransferEncoding},
		"TE with a vertical tab":                {"Transfer-Encoding:\x0bchunked\r\n", wire.ErrControl},
		"TE with a vertical tab after":          {"Transfer-Encoding: chunked\x0b\r\n", wire.ErrControl},
		"TE with NUL":                           {"Transfer-Encoding: chunked\x00\r\n", wire.ErrControl},
		"TE with a non-breaking space":          {"Transfer-Encoding: \xa0chunked\r\n", wire.ErrTransferEncoding},
		"TE with a byte order mark":             {"Transfer-Encoding: \xef\xbb\xbfchunked\r\n", wire.ErrTransferEncoding},
		"TE with a Kelvin sign":                 {"Transfer-Encoding: chun\u212aed\r\n", wire.ErrTransferEncoding},
		"TE with a space before the colon":      {"Transfer-Encoding : chunked\r\n", wire.ErrSpaceBeforeColon},
		"TE with a tab before the colon":        {"Transfer-Encoding\t:chunked\r\n", wire.ErrSpaceBeforeColon},
		"TE with a form feed before the colon":  {"Transfer-Encoding\x0c:chunked\r\n", wire.ErrFieldName},
		"TE with NUL before the colon":          {"Transfer-Encoding\x00: chunked\r\n", wire.ErrFieldName},
		"TE with CR before the colon":           {"Transfer-Encoding\r: chunked\r\n", wire.ErrBareCR},
		"TE with a line end before the colon":   {"Transfer-Encoding\r\n: chunked\r\n", wire.ErrFieldName},
		"TE with LF before the colon":           {"Transfer-Encoding\n: chunked\r\n", wire.ErrBareLF},
		"TE with an underscore":                 {length + "Transfer_Encoding: chunked\r\n", wire.ErrFieldName},
		"TE with a space in its name":           {"Transfer Encoding: chunked\r\n", wire.ErrFieldName},
		"TE with a space before it":             {"X: y\r\n Transfer-Encoding: chunked\r\n", wire.ErrFold},
		"TE with a tab before it":               {"X: y\r\n\tTransfer-Encoding: chunked\r\n", wire.ErrFold},
		"TE in a fold":                          {"Transfer-Encoding:\r\n chunked\r\n", wire.ErrTransferEncoding},
		"TE behind a bare CR":                   {"X: y\rTransfer-Encoding: chunked\r\n", wire.ErrBareCR},
		"TE behind a bare LF":                   {"X: y\nTransfer-Encoding: chunked\r\n", wire.ErrBareLF},
		"TE behind two CRs":                     {"X: y\r\r\nTransfer-Encoding: chunked\r\n", wire.ErrBareCR},
		"TE behind an LF and a CR":              {"X: y\n\rTransfer-Encoding: chunked\r\n", wire.ErrBareLF},
		"TE without a colon":                    {"Transfer-Encoding chunked\r\n", wire.ErrFieldName},
		"TE with an equals sign":                {"Transfer-Encoding=chunked\r\n", wire.ErrFieldName},
		"TE named by Connection":                {encoding + "Connection: Transfer-Encoding\r\n", wire.ErrConnection},
		"CL named by Connection":                {"Connection: keep-alive, CONTENT-LENGTH\r\n" + length, wire.ErrConnection},
		"CL named by Connection, underscored":   {length + "Connection: content_length\r\n", wire.ErrConnection},
		"Host named by Connection":              {"Connection: Host\r\n", wire.ErrConnection},
		"a second Host":                         {"Host: b\r\n", wire.ErrHostRepeated},
		"a second Host with a space before it":  {" Host: b\r\n", wire.ErrFold},
		"a second Host, space before its colon": {"Host : b\r\n", wire.ErrSpaceBeforeColon},
		"a request hidden behind LFs":           {"X: y\n\n" + smuggled, wire.ErrBareLF},
		"a head that ends in two CRs and LF":    {"X: y\r\n\r\r\n", wire.ErrBareCR},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRefused(t, "POST / HTTP/1.1\r\nHost: a\r\n"+test.fields+"\r\n0\r\n\r\n"+smuggled, test.want)
		})
	}
}

// TestSmugglingByZeroLength sends what upstreams that ignore a body (CL.0) or
// a missing one (0.CL) take for two requests: the length decides, whatever the
// method, and the bytes after it are the next request.
func TestSmugglingByZeroLength(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var head wire.Request
			raw := []byte(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 32\r\n\r\n" + smuggled + "GET /next")
			n, err := head.Parse(raw, wire.Limits{})
			if err != nil {
				t.Fatalf("parse: got %v, want no error", err)
			}
			body := readBody(t, head.Framing(), raw[n:])
			if body.Payload != smuggled || string(raw[n+body.Size:]) != "GET /next" {
				t.Errorf("body: got %q and then %q, want the hidden request to be body", body.Payload, raw[n+body.Size:])
			}
		})
	}
}

// TestSmugglingByChunks plays the known ways to have two readers disagree on
// where a chunk ends.
func TestSmugglingByChunks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw  string
		want wire.Error
	}{
		"a size ended by LF":                    {"5\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size ended by CR":                    {"5\rhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size ended by two CRs":               {"5\r\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"data ended by LF":                      {"5\r\nhello\n0\r\n\r\n", wire.ErrChunkEnd},
		"data ended by CR":                      {"5\r\nhello\r0\r\n\r\n", wire.ErrChunkEnd},
		"data ended by two other bytes":         {"5\r\nhelloXX0\r\n\r\n", wire.ErrChunkEnd},
		"data longer than its size":             {"4\r\nhello\r\n0\r\n\r\n", wire.ErrChunkEnd},
		"data shorter than its size":            {"6\r\nhello\r\n0\r\n\r\n", wire.ErrChunkEnd},
		"the last line ended by LF":             {"0\r\n\n", wire.ErrTrailer},
		"the last line ended by CR":             {"0\r\n\rX", wire.ErrTrailer},
		"no size":                               {"\r\nhello\r\n", wire.ErrChunkSize},
		"an empty line before the size":         {"5\r\nhello\r\n\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size with 0x":                        {"0x5\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size with a plus sign":               {"+5\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size with a minus sign":              {"-5\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size with an underscore":             {"1_0\r\n0123456789abcdef\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size in no hex":                      {"g\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a space before the size":               {" 5\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a space after the size":                {"5 \r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a space before an extension":           {"5 ;a\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a comma after the size":                {"5,5\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"NUL after the size":                    {"5\x00\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size of 2^64 + 5":                    {"10000000000000005\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"a size of 2^63":                        {"8000000000000000\r\n", wire.ErrChunkSize},
		"a size of many zeros":                  {"0000000000000005\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"an extension ended by LF":              {"5;a\nhello\r\n0\r\n\r\n", wire.ErrChunkExtension},
		"CR in an extension":                    {"5;a\rb\r\nhello\r\n0\r\n\r\n", wire.ErrChunkSize},
		"NUL in an extension":                   {"5;\x00\r\nhello\r\n0\r\n\r\n", wire.ErrChunkExtension},
		"a line end in quotes":                  {"5;a=\"\r\nhello\r\n0\r\n\r\n\"\r\n", wire.ErrChunkExtension},
		"an escaped line end":                   {"5;a=\"\\\r\nhello\r\n0\r\n\r\n", wire.ErrChunkExtension},
		"an extension that never ends":          {"5;" + strings.Repeat("a", 256), wire.ErrChunkExtension},
		"an extension with every byte":          {strings.Repeat("1;"+strings.Repeat("a", 200)+"\r\nx\r\n", 50), wire.ErrChunkExtension},
		"a trailer ended by LF":                 {"0\r\nX: y\n\r\n", wire.ErrTrailer},
		"a trailer with CR":                     {"0\r\nX: y\rz\r\n\r\n", wire.ErrTrailer},
		"a trailer with NUL":                    {"0\r\nX: \x00\r\n\r\n", wire.ErrTrailer},
		"a trailer with a fold":                 {"0\r\nX: y\r\n z\r\n\r\n", wire.ErrTrailer},
		"a trailer with a space before a colon": {"0\r\nX : y\r\n\r\n", wire.ErrTrailer},
		"a trailer without a name":              {"0\r\n: y\r\n\r\n", wire.ErrTrailer},
		"a trailer without a colon":             {"0\r\nX\r\n\r\n", wire.ErrTrailer},
		"the next request as a trailer":         {"0\r\n" + smuggled, wire.ErrTrailer},
		"a trailer that sets the length":        {"0\r\ncontent-Length: 5\r\n\r\n", wire.ErrTrailer},
		"a trailer that sets the encoding":      {"0\r\nTransfer_Encoding: chunked\r\n\r\n", wire.ErrTrailer},
		"a trailer that sets the host":          {"0\r\nX: y\r\nHOST: b\r\n\r\n", wire.ErrTrailer},
		"a trailer of the proxy":                {"0\r\nProxy-Authentication-Info: b\r\n\r\n", wire.ErrTrailer},
		"a trailer that never ends":             {"0\r\nX: " + strings.Repeat("a", 32<<10), wire.ErrTrailerTooLong},
		"too many trailers":                     {"0\r\n" + strings.Repeat("X: y\r\n", 101), wire.ErrTooManyFields},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := readBody(t, wire.Framing{Kind: wire.Chunked}, []byte(test.raw))
			if !errors.Is(whole.Err, test.want) {
				t.Errorf("chunks %.80q: got %+v, want %v", test.raw, whole, test.want)
			}
			if cut := readBody(t, wire.Framing{Kind: wire.Chunked}, []byte(test.raw), everywhere(len(test.raw))...); cut != whole {
				t.Errorf("chunks %.80q in single bytes: got %+v, want %+v", test.raw, cut, whole)
			}
		})
	}
}
