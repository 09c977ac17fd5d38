package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/wire"
)

func TestResponse(t *testing.T) {
	t.Parallel()
	var (
		none       = wire.Framing{}
		chunked    = wire.Framing{Kind: wire.Chunked}
		untilClose = wire.Framing{Kind: wire.UntilClose}
		tunnel     = wire.Framing{Kind: wire.Tunnel}
	)
	tests := map[string]struct {
		raw  string
		want reading
	}{
		"a length": {
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
			reading{Status: 200, Reason: "OK", Fields: []string{"Content-Length=5"}, Persistent: true, Framing: lengthOf(5), ForConnect: tunnel},
		},
		"a length of nothing": {
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			reading{Status: 200, Reason: "OK", Fields: []string{"Content-Length=0"}, Persistent: true, Framing: lengthOf(0), ForConnect: tunnel},
		},
		"chunks": {
			"HTTP/1.1 503 \xc3\xbcber\tlast!  \r\nTransfer-Encoding: chunked\r\n\r\n",
			reading{
				Status: 503, Reason: "\xc3\xbcber\tlast!  ", Fields: []string{"Transfer-Encoding=chunked"}, Persistent: true,
				Framing: chunked, ForConnect: chunked,
			},
		},
		"until it closes": {
			"HTTP/1.1 404 \r\nConnection: close\r\n\r\n",
			reading{
				Status: 404, Fields: []string{"Connection=close"}, Hop: []string{"Connection=close"},
				Framing: untilClose, ForConnect: untilClose, Rewritten: "HTTP/1.1 404 \r\n\r\n",
			},
		},
		"no reason and no space": {
			"HTTP/1.1 429\r\n\r\n",
			reading{Status: 429, Persistent: true, Framing: untilClose, ForConnect: untilClose},
		},
		"an old server": {
			"HTTP/1.0 200 OK\r\n\r\n",
			reading{Status: 200, Reason: "OK", Framing: untilClose, ForConnect: tunnel},
		},
		"an interim response": {
			"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n",
			reading{
				Status: 103, Reason: "Early Hints", Fields: []string{"Link=</a>", "Content-Length=5"}, Persistent: true, Interim: true,
				Framing: none, ForConnect: none,
			},
		},
		"an upgrade": {
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
			reading{
				Status: 101, Reason: "Switching Protocols", Persistent: true, Upgrade: "websocket",
				Fields:  []string{"Upgrade=websocket", "Connection=Upgrade", "Sec-WebSocket-Accept=x"},
				Hop:     []string{"Upgrade=websocket", "Connection=Upgrade"},
				Framing: tunnel, ForHead: tunnel, ForConnect: tunnel,
				Rewritten: "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n",
			},
		},
		"no content": {
			"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
			reading{Status: 204, Reason: "No Content", Fields: []string{"Transfer-Encoding=chunked"}, Persistent: true, ForConnect: tunnel},
		},
		"not modified": {
			"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
			reading{Status: 304, Reason: "Not Modified", Fields: []string{"Content-Length=5"}, Persistent: true},
		},
		"a status beyond the classes": {
			"HTTP/1.1 999 Denied\r\nHost: a\r\nHost: a\r\nProxy-Authenticate: x\r\n\r\n",
			reading{
				Status: 999, Reason: "Denied", Fields: []string{"Host=a", "Host=a", "Proxy-Authenticate=x"}, Hop: []string{"Proxy-Authenticate=x"},
				Persistent: true, Framing: untilClose, ForConnect: untilClose, Rewritten: "HTTP/1.1 999 Denied\r\nHost: a\r\nHost: a\r\n\r\n",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.Size = strings.Index(test.raw, "\r\n\r\n") + 4
			if test.want.Rewritten == "" {
				test.want.Rewritten = test.raw[:test.want.Size]
			}
			if strings.HasPrefix(test.raw, "HTTP/1.1") {
				test.want.Minor = 1
			}
			if diff := cmp.Diff(test.want, readResponse(t, []byte(test.raw), wire.Limits{})); diff != "" {
				t.Errorf("response %q (-want +got):\n%s", test.raw, diff)
			}
			for n := range test.want.Size {
				if part := readResponse(t, []byte(test.raw[:n]), wire.Limits{}); part.Err != nil || part.Size != 0 {
					t.Errorf("response %q: got size %d and %v, want more to be needed", test.raw[:n], part.Size, part.Err)
				}
			}
		})
	}
}

func TestResponseRefused(t *testing.T) {
	t.Parallel()
	line := func(line string) string { return line + "\r\n\r\n" }
	fields := func(fields string) string { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n" }
	tests := map[string]struct {
		raw  string
		want wire.Error
	}{
		"another protocol":             {"SSH-2.0-x", wire.ErrStatusLine},
		"what is left of a body":       {"hello" + line("HTTP/1.1 200 OK"), wire.ErrStatusLine},
		"an empty line before it":      {"\r\n" + line("HTTP/1.1 200 OK"), wire.ErrStatusLine},
		"nothing but a protocol":       {line("HTTP/"), wire.ErrStatusLine},
		"no status":                    {line("HTTP/1.1 "), wire.ErrStatusLine},
		"no space":                     {line("HTTP/1.1200 OK"), wire.ErrStatusLine},
		"two spaces":                   {line("HTTP/1.1  200 OK"), wire.ErrStatusLine},
		"a status of two digits":       {line("HTTP/1.1 20 OK"), wire.ErrStatusLine},
		"a status of four digits":      {line("HTTP/1.1 2000 OK"), wire.ErrStatusLine},
		"a status with a sign":         {line("HTTP/1.1 +20 OK"), wire.ErrStatusLine},
		"a status below 100":           {line("HTTP/1.1 099 OK"), wire.ErrStatusLine},
		"a status in letters":          {line("HTTP/1.1 abc OK"), wire.ErrStatusLine},
		"a tab after the status":       {line("HTTP/1.1 200\tOK"), wire.ErrStatusLine},
		"a version in letters":         {line("HTTP/x.y 200 OK"), wire.ErrStatusLine},
		"HTTP/2":                       {line("HTTP/2.0 200 OK"), wire.ErrVersion},
		"NUL in the reason":            {line("HTTP/1.1 200 O\x00K"), wire.ErrControl},
		"CR in the reason":             {line("HTTP/1.1 200 O\rK"), wire.ErrBareCR},
		"a status line ended by LF":    {"HTTP/1.1 200 OK\n\r\n", wire.ErrBareLF},
		"a folded line":                {fields("X: a\r\n b"), wire.ErrFold},
		"a space before the colon":     {fields("X : a"), wire.ErrSpaceBeforeColon},
		"equal lengths":                {fields("Content-Length: 5\r\nContent-Length: 5"), wire.ErrContentLengthRepeated},
		"a length and an encoding":     {fields("Content-Length: 5\r\nTransfer-Encoding: chunked"), wire.ErrLengthAndEncoding},
		"an encoding other than chunk": {fields("Transfer-Encoding: identity"), wire.ErrTransferEncoding},
		"an encoding of an old server": {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", wire.ErrTransferEncodingVersion},
		"an option that takes framing": {fields("Content-Length: 5\r\nConnection: content-length"), wire.ErrConnection},
		"a reason that never ends":     {"HTTP/1.1 200 " + strings.Repeat("a", 32<<10), wire.ErrHeadTooLong},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := readResponse(t, []byte(test.raw), wire.Limits{})
			cut := readResponse(t, []byte(test.raw), wire.Limits{}, everywhere(len(test.raw))...)
			if !errors.Is(whole.Err, test.want) {
				t.Errorf("response %.80q: got %v, want %v", test.raw, whole.Err, test.want)
			}
			if diff := cmp.Diff(fmt.Sprint(whole), fmt.Sprint(cut)); diff != "" {
				t.Errorf("response %.80q in single bytes (-whole +cut):\n%s", test.raw, diff)
			}
		})
	}
}

func TestResponseIsUsedAgain(t *testing.T) {
	t.Parallel()
	var head wire.Response
	if n, err := head.Parse([]byte("junk"), wire.Limits{}); n != 0 || !errors.Is(err, wire.ErrStatusLine) {
		t.Fatalf("junk: got %d and %v, want %v", n, err, wire.ErrStatusLine)
	}
	head.Reset()
	const raw = "HTTP/1.1 100\r\n\r\n"
	if n, err := head.Parse([]byte(raw), wire.Limits{}); n != len(raw) || err != nil || !head.Interim() {
		t.Errorf("after junk: got %d and %v, want %d", n, err, len(raw))
	}
}
