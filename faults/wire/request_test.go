package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/wire"
)

func lengthOf(n int64) wire.Framing { return wire.Framing{Kind: wire.Length, Length: n} }

func TestRequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw  string
		want reading
	}{
		"origin form": {
			"GET /a%2Fb//c/../d?x=1&y=?z HTTP/1.1\r\nhOST:  a.example:8080\t\r\nX-Empty:\r\nX-Two: a  b\r\n\r\nrest",
			reading{
				Method: "GET", Target: "/a%2Fb//c/../d?x=1&y=?z", Path: "/a%2Fb//c/../d", Query: "x=1&y=?z", Authority: "a.example:8080",
				Fields: []string{"hOST=a.example:8080", "X-Empty=", "X-Two=a  b"}, Minor: 1, Persistent: true,
			},
		},
		"absolute form": {
			"GET HTTPS://A.example?q HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
			reading{
				Method: "GET", Target: "HTTPS://A.example?q", Path: "/", Query: "q", Authority: "A.example", Form: wire.AbsoluteForm, Secure: true,
				Fields: []string{"Host=a.example:443"}, Minor: 1, Persistent: true,
				AsOrigins: "GET /?q HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
			},
		},
		"absolute form against Host": {
			"GET http://a.example/p HTTP/1.1\r\nHost: b.example\r\n\r\n",
			reading{
				Method: "GET", Target: "http://a.example/p", Path: "/p", Authority: "a.example", Form: wire.AbsoluteForm, Mismatch: true,
				Fields: []string{"Host=b.example"}, Minor: 1, Persistent: true,
				AsOrigins: "GET /p HTTP/1.1\r\nHost: b.example\r\n\r\n",
			},
		},
		"absolute form of a whole server": {
			"OPTIONS http://a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
			reading{
				Method: "OPTIONS", Target: "http://a:80", Path: "/", Authority: "a:80", Form: wire.AbsoluteForm,
				Fields: []string{"Host=a"}, Minor: 1, Persistent: true,
				AsOrigins: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
			},
		},
		"authority form": {
			"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n\r\n",
			reading{
				Method: "CONNECT", Target: "[::1]:443", Authority: "[::1]:443", Form: wire.AuthorityForm,
				Fields: []string{"Host=[::1]", "Content-Length=0"}, Minor: 1, Persistent: true, Framing: wire.Framing{Kind: wire.Tunnel},
			},
		},
		"asterisk form": {
			"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
			reading{
				Method: "OPTIONS", Target: "*", Path: "*", Authority: "a", Form: wire.AsteriskForm,
				Fields: []string{"Host=a"}, Minor: 1, Persistent: true,
			},
		},
		"an old client without Host": {
			"POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
			reading{
				Method: "POST", Target: "/", Path: "/", Fields: []string{"Content-Length=5", "Expect=100-continue"}, Framing: lengthOf(5),
			},
		},
		"an old client that stays": {
			"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
			reading{
				Method: "GET", Target: "/", Path: "/", Fields: []string{"Connection=Keep-Alive"}, Hop: []string{"Connection=Keep-Alive"},
				Persistent: true, Rewritten: "GET / HTTP/1.0\r\n\r\n",
			},
		},
		"an empty line before it": {
			"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
			reading{
				Method: "GET", Target: "/", Path: "/", Authority: "a", Fields: []string{"Host=a"}, Minor: 1, Persistent: true,
				Rewritten: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
			},
		},
		"an expectation, a body in chunks": {
			"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nExpect: x,100-Continue\r\nTrailer: X-Sum\r\n\r\n",
			reading{
				Method: "PUT", Target: "/", Path: "/", Authority: "a", Minor: 1, Persistent: true, Continue: true,
				Fields:  []string{"Host=a", "Transfer-Encoding=Chunked", "Expect=x,100-Continue", "Trailer=X-Sum"},
				Framing: wire.Framing{Kind: wire.Chunked},
			},
		},
		"an expectation of something else": {
			"PUT / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\t, x\r\n\r\n",
			reading{
				Method: "PUT", Target: "/", Path: "/", Authority: "a", Minor: 1,
				Fields: []string{"Host=a", "Expect=x", "Connection=close\t, x"}, Hop: []string{"Connection=close\t, x"},
				Rewritten: "PUT / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n",
			},
		},
		"fields of the connection": {
			"GET / HTTP/1.1\r\nX-Hop: 1\r\nHost: a\r\nConnection: x-hop, ,close\r\nTE: trailers\r\nCookie: c\r\nconnection: UPGRADE\r\n" +
				"Keep-Alive: timeout=5\r\nProxy-Connection: x\r\nProxy-Authorization: Basic x\r\nUpgrade: h2c, websocket\r\nx-hop: 2\r\n\r\n",
			reading{
				Method: "GET", Target: "/", Path: "/", Authority: "a", Minor: 1, Upgrade: "h2c, websocket",
				Fields: []string{
					"X-Hop=1", "Host=a", "Connection=x-hop, ,close", "TE=trailers", "Cookie=c", "connection=UPGRADE",
					"Keep-Alive=timeout=5", "Proxy-Connection=x", "Proxy-Authorization=Basic x", "Upgrade=h2c, websocket", "x-hop=2",
				},
				Hop: []string{
					"X-Hop=1", "Connection=x-hop, ,close", "TE=trailers", "connection=UPGRADE",
					"Keep-Alive=timeout=5", "Proxy-Connection=x", "Proxy-Authorization=Basic x", "Upgrade=h2c, websocket", "x-hop=2",
				},
				Rewritten: "GET / HTTP/1.1\r\nHost: a\r\nCookie: c\r\n\r\n",
			},
		},
		"an upgrade that Connection does not name": {
			"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
			reading{
				Method: "GET", Target: "/", Path: "/", Authority: "a", Minor: 1, Persistent: true,
				Fields: []string{"Host=a", "Upgrade=websocket"}, Hop: []string{"Upgrade=websocket"},
				Rewritten: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
			},
		},
		"what targets and values may hold": {
			"g~t /%zz|{}\"\xc3\xbc HTTP/1.1\r\nHost: _a\r\n!: \xff\t\"\r\nContent-Length: 9223372036854775807\r\n\r\n",
			reading{
				Method: "g~t", Target: "/%zz|{}\"\xc3\xbc", Path: "/%zz|{}\"\xc3\xbc", Authority: "_a", Minor: 1, Persistent: true,
				Fields: []string{"Host=_a", "!=\xff\t\"", "Content-Length=9223372036854775807"}, Framing: lengthOf(1<<63 - 1),
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
			if test.want.AsOrigins == "" {
				test.want.AsOrigins = test.want.Rewritten
			}
			got := readRequest(t, []byte(test.raw), wire.Limits{})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("request %q (-want +got):\n%s", test.raw, diff)
			}
			for n := range test.want.Size {
				if part := readRequest(t, []byte(test.raw[:n]), wire.Limits{}); part.Err != nil || part.Size != 0 {
					t.Errorf("request %q: got size %d and %v, want more to be needed", test.raw[:n], part.Size, part.Err)
				}
			}
		})
	}
}

func TestRequestRefused(t *testing.T) {
	t.Parallel()
	post := func(fields string) string { return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n" }
	line := func(line string) string { return line + "\r\nHost: a\r\n\r\n" }
	host := func(host string) string { return "GET / HTTP/1.1\r\n" + host + "\r\n\r\n" }
	tests := map[string]struct {
		raw  string
		want wire.Error
	}{
		"two empty lines before it":          {"\r\n\r\n" + line("GET / HTTP/1.1"), wire.ErrLeadingLines},
		"a bare LF before it":                {"\n" + line("GET / HTTP/1.1"), wire.ErrBareLF},
		"a bare CR before it":                {"\r" + line("GET / HTTP/1.1"), wire.ErrBareCR},
		"a space before it":                  {line(" GET / HTTP/1.1"), wire.ErrMethod},
		"TLS to a plain port":                {"\x16\x03\x01", wire.ErrMethod},
		"a method that is no token":          {line("GE(T / HTTP/1.1"), wire.ErrMethod},
		"a tab after the method":             {line("GET\t/ HTTP/1.1"), wire.ErrMethod},
		"a method that never ends":           {strings.Repeat("A", 33), wire.ErrMethodTooLong},
		"two spaces after the method":        {line("GET  / HTTP/1.1"), wire.ErrRequestLine},
		"two spaces after the target":        {line("GET /  HTTP/1.1"), wire.ErrRequestLine},
		"a space after the version":          {line("GET / HTTP/1.1 "), wire.ErrRequestLine},
		"a space in the target":              {line("GET /a b HTTP/1.1"), wire.ErrRequestLine},
		"no target":                          {line("GET  HTTP/1.1"), wire.ErrRequestLine},
		"no version":                         {line("GET /"), wire.ErrRequestLine},
		"a version in small letters":         {line("GET / http/1.1"), wire.ErrRequestLine},
		"a version with more digits":         {line("GET / HTTP/1.10"), wire.ErrRequestLine},
		"a version without digits":           {line("GET / HTTP/x.y"), wire.ErrRequestLine},
		"HTTP/2":                             {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", wire.ErrVersion},
		"HTTP/1.2":                           {line("GET / HTTP/1.2"), wire.ErrVersion},
		"HTTP/0.9":                           {line("GET / HTTP/0.9"), wire.ErrVersion},
		"a request line ended by LF":         {"GET / HTTP/1.1\nHost: a\r\n\r\n", wire.ErrBareLF},
		"a request line with two CRs":        {line("GET / HTTP/1.1\r"), wire.ErrRequestLine},
		"NUL in the target":                  {line("GET /\x00 HTTP/1.1"), wire.ErrTarget},
		"CR in the target":                   {line("GET /\r HTTP/1.1"), wire.ErrTarget},
		"a tab in the target":                {line("GET /\t HTTP/1.1"), wire.ErrTarget},
		"a fragment":                         {line("GET /#a HTTP/1.1"), wire.ErrTarget},
		"a target without a slash":           {line("GET a HTTP/1.1"), wire.ErrTarget},
		"another scheme":                     {line("GET ftp://a/ HTTP/1.1"), wire.ErrTarget},
		"a user in the target":               {line("GET http://u@a/ HTTP/1.1"), wire.ErrTarget},
		"an absolute target without a host":  {line("GET http:///p HTTP/1.1"), wire.ErrTarget},
		"nothing but a scheme":               {line("GET http:// HTTP/1.1"), wire.ErrTarget},
		"an authority without CONNECT":       {line("GET a:80 HTTP/1.1"), wire.ErrTarget},
		"an asterisk without OPTIONS":        {line("GET * HTTP/1.1"), wire.ErrTarget},
		"CONNECT without a port":             {line("CONNECT a HTTP/1.1"), wire.ErrTarget},
		"CONNECT with an empty port":         {line("CONNECT a: HTTP/1.1"), wire.ErrTarget},
		"CONNECT to port 0":                  {line("CONNECT a:0 HTTP/1.1"), wire.ErrTarget},
		"CONNECT with a path":                {line("CONNECT /a HTTP/1.1"), wire.ErrTarget},
		"CONNECT with a length":              {"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n", wire.ErrConnectBody},
		"CONNECT with chunks":                {"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n", wire.ErrConnectBody},
		"no Host":                            {host("X: y"), wire.ErrHostMissing},
		"no fields":                          {"GET / HTTP/1.1\r\n\r\n", wire.ErrHostMissing},
		"two Hosts":                          {host("Host: a\r\nHost: a"), wire.ErrHostRepeated},
		"two Hosts of an old client":         {"GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", wire.ErrHostRepeated},
		"an empty Host":                      {host("Host: "), wire.ErrHost},
		"a list of Hosts":                    {host("Host: a, b"), wire.ErrHost},
		"a user in Host":                     {host("Host: u@a"), wire.ErrHost},
		"a path in Host":                     {host("Host: a/b"), wire.ErrHost},
		"a port over 65535":                  {host("Host: a:65536"), wire.ErrHost},
		"a port with a sign":                 {host("Host: a:+80"), wire.ErrHost},
		"an open bracket in Host":            {host("Host: [::1"), wire.ErrHost},
		"a zone in Host":                     {host("Host: [fe80::1%25eth0]"), wire.ErrHost},
		"text after the bracket":             {host("Host: [::1]a"), wire.ErrHost},
		"a field line ended by LF":           {post("X: y\nZ: z"), wire.ErrBareLF},
		"an empty line of LF":                {"GET / HTTP/1.1\r\nHost: a\r\n\n", wire.ErrBareLF},
		"CR in a value":                      {post("X: a\rb"), wire.ErrBareCR},
		"CR at the end of a value":           {post("X: a\r"), wire.ErrBareCR},
		"CR in a name":                       {post("X\r: a"), wire.ErrBareCR},
		"NUL in a value":                     {post("X: a\x00b"), wire.ErrControl},
		"NUL far in a value":                 {post("X: 0123456789abcdef\x00"), wire.ErrControl},
		"DEL in a value":                     {post("X: 0123456789\x7f234567"), wire.ErrControl},
		"a vertical tab in a value":          {post("Transfer-Encoding: \x0bchunked"), wire.ErrControl},
		"a folded line":                      {post("X: a\r\n b"), wire.ErrFold},
		"a line folded with a tab":           {post("X: a\r\n\tb"), wire.ErrFold},
		"a space before the first field":     {host(" Host: a"), wire.ErrFold},
		"a line of white space":              {post("X: a\r\n "), wire.ErrFold},
		"no colon":                           {post("X"), wire.ErrFieldName},
		"no name":                            {post(": a"), wire.ErrFieldName},
		"a name in quotes":                   {post("\"X\": a"), wire.ErrFieldName},
		"NUL in a name":                      {post("X\x00: a"), wire.ErrFieldName},
		"a letter beyond ASCII in a name":    {post("\xc3\x9c: a"), wire.ErrFieldName},
		"a space in a name":                  {post("X Y: a"), wire.ErrFieldName},
		"a space before the colon":           {post("X : a"), wire.ErrSpaceBeforeColon},
		"tabs before the colon":              {post("X\t\t: a"), wire.ErrSpaceBeforeColon},
		"an option that is no token":         {post("Connection: a b"), wire.ErrConnection},
		"an option that takes Host":          {post("Connection: close, host"), wire.ErrConnection},
		"an option that takes the length":    {post("Content-Length: 5\r\nConnection: Content-Length"), wire.ErrConnection},
		"an option that takes the encoding":  {post("Transfer-Encoding: chunked\r\nConnection: transfer-encoding"), wire.ErrConnection},
		"too many options":                   {post("Connection: " + strings.Repeat("a,", 32)), wire.ErrConnection},
		"a trailer announced for framing":    {post("Transfer-Encoding: chunked\r\nTrailer: X, Content-Length"), wire.ErrTrailer},
		"an empty length":                    {post("Content-Length:"), wire.ErrContentLength},
		"a plus sign in the length":          {post("Content-Length: +5"), wire.ErrContentLength},
		"a minus sign in the length":         {post("Content-Length: -5"), wire.ErrContentLength},
		"a length of 2^63":                   {post("Content-Length: 9223372036854775808"), wire.ErrContentLength},
		"a length of 2^64 + 5":               {post("Content-Length: 18446744073709551621"), wire.ErrContentLength},
		"a length with zeros before it":      {post("Content-Length: 05"), wire.ErrContentLength},
		"a length in hex":                    {post("Content-Length: 0x5"), wire.ErrContentLength},
		"a length with a fraction":           {post("Content-Length: 5.0"), wire.ErrContentLength},
		"a length with an underscore":        {post("Content-Length: 1_0"), wire.ErrContentLength},
		"a list of equal lengths":            {post("Content-Length: 5, 5"), wire.ErrContentLength},
		"a length with a comma":              {post("Content-Length: 5,"), wire.ErrContentLength},
		"a space in the length":              {post("Content-Length: 1 0"), wire.ErrContentLength},
		"a space after the length":           {post("Content-Length: 5 "), wire.ErrContentLength},
		"two spaces before the length":       {post("Content-Length:  5"), wire.ErrContentLength},
		"equal lengths":                      {post("Content-Length: 5\r\nContent-Length: 5"), wire.ErrContentLengthRepeated},
		"different lengths":                  {post("Content-Length: 5\r\ncontent-length: 6"), wire.ErrContentLengthRepeated},
		"an encoding and an old client":      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", wire.ErrTransferEncodingVersion},
		"a second coding before chunked":     {post("Transfer-Encoding: gzip, chunked"), wire.ErrTransferCoding},
		"a target that is too long":          {"GET /" + strings.Repeat("a", 16<<10), 0},
		"a request line that is too long":    {"GET /" + strings.Repeat("a", 17<<10), wire.ErrTargetTooLong},
		"a long target in a whole line":      {line("GET /" + strings.Repeat("a", 16<<10) + " HTTP/1.1"), wire.ErrTargetTooLong},
		"a head that is too long":            {post("X: " + strings.Repeat("a", 32<<10)), wire.ErrHeadTooLong},
		"a head that is too long, many ways": {post(strings.Repeat("X: "+strings.Repeat("a", 1<<10)+"\r\n", 32)), wire.ErrHeadTooLong},
		"too many fields":                    {post(strings.Repeat("X: a\r\n", 99) + "X: a"), wire.ErrTooManyFields},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRefused(t, test.raw, test.want)
		})
	}
}

// checkRefused parses raw whole and in single bytes; 0 wants more to be needed.
func checkRefused(t *testing.T, raw string, want wire.Error) {
	t.Helper()
	whole := readRequest(t, []byte(raw), wire.Limits{})
	cut := readRequest(t, []byte(raw), wire.Limits{}, everywhere(len(raw))...)
	if whole.Size != 0 || want == 0 && whole.Err != nil || want != 0 && !errors.Is(whole.Err, want) {
		t.Errorf("request %.80q: got size %d and %v, want %v", raw, whole.Size, whole.Err, wantText(want))
	}
	if diff := cmp.Diff(fmt.Sprint(whole), fmt.Sprint(cut)); diff != "" {
		t.Errorf("request %.80q in single bytes (-whole +cut):\n%s", raw, diff)
	}
}

func wantText(e wire.Error) string {
	if e == 0 {
		return "more to be needed"
	}
	return e.Error()
}

// TestOctetsOfValues puts every octet at every place of a value, which is read
// eight octets at a time.
func TestOctetsOfValues(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want := error(nil)
		switch {
		case c == '\r':
			want = wire.ErrBareCR
		case c == '\n':
			want = wire.ErrBareLF
		case c < ' ' && c != '\t', c == 0x7f:
			want = wire.ErrControl
		}
		for place := range 20 {
			raw := []byte("GET / HTTP/1.0\r\nX:01234567890123456789\r\n\r\n")
			raw[len("GET / HTTP/1.0\r\nX:")+place] = byte(c)
			var head wire.Request
			if _, err := head.Parse(raw, wire.Limits{}); !errors.Is(err, want) {
				t.Errorf("octet %#x at %d: got %v, want %v", c, place, err, want)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	const raw = "GET /12345 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
	size := len(raw)
	tests := map[string]struct {
		limits wire.Limits
		want   error
	}{
		"just enough":           {wire.Limits{Head: size, Fields: 2, Target: 6}, nil},
		"the defaults":          {wire.Limits{}, nil},
		"a head one too long":   {wire.Limits{Head: size - 1}, wire.ErrHeadTooLong},
		"a field too many":      {wire.Limits{Fields: 1}, wire.ErrTooManyFields},
		"a target one too long": {wire.Limits{Target: 5}, wire.ErrTargetTooLong},
		"beyond the most":       {wire.Limits{Head: 1 << 30, Fields: 1 << 30, Target: 1 << 30}, nil},
		"below none":            {wire.Limits{Head: -1, Fields: -1, Target: -1}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, cuts := range [][]int{nil, everywhere(size)} {
				if got := readRequest(t, []byte(raw), test.limits, cuts...); !errors.Is(got.Err, test.want) {
					t.Errorf("limits %+v: got %v, want %v", test.limits, got.Err, test.want)
				}
			}
		})
	}
}

func TestLargestHead(t *testing.T) {
	t.Parallel()
	const begin, end = "GET / HTTP/1.0\r\nX: ", "\r\n\r\n"
	limits := wire.Limits{Head: wire.MaxHead}
	for over, want := range []error{nil, wire.ErrHeadTooLong} {
		raw := begin + strings.Repeat("a", wire.MaxHead-len(begin)-len(end)+over) + end
		got := readRequest(t, []byte(raw), limits)
		if !errors.Is(got.Err, want) || want == nil && got.Rewritten != raw {
			t.Errorf("head of %d bytes: got %v and %d bytes, want %v and all of them", len(raw), got.Err, len(got.Rewritten), want)
		}
	}
	for over, want := range []error{nil, wire.ErrTooManyFields} {
		raw := "GET / HTTP/1.0\r\n" + strings.Repeat("X: a\r\n", wire.MaxFields+over) + "\r\n"
		got := readRequest(t, []byte(raw), wire.Limits{Fields: wire.MaxFields})
		if !errors.Is(got.Err, want) || want == nil && got.Rewritten != raw {
			t.Errorf("head of %d fields: got %v and %d bytes, want %v and all of them", wire.MaxFields+over, got.Err, len(got.Rewritten), want)
		}
	}
}

func TestLimitsOutOfRange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limits wire.Limits
		want   string
	}{
		"the most":           {wire.Limits{Head: wire.MaxHead, Fields: wire.MaxFields, Target: wire.MaxHead}, ""},
		"the defaults":       {wire.Limits{}, ""},
		"a head too large":   {wire.Limits{Head: wire.MaxHead + 1}, "limit head: is 65536, want 0 to 65535"},
		"too many fields":    {wire.Limits{Fields: wire.MaxFields + 1}, "limit fields: is 129, want 0 to 128"},
		"a target below one": {wire.Limits{Target: -1}, "limit target: is -1, want 0 to 65535"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := test.limits.Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("validate %+v: got %q, want %q", test.limits, got, test.want)
			}
		})
	}
}

func TestCheckHost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		start, host string
		want        error
	}{
		"a path tells no host":            {"GET /", "a", nil},
		"the same host":                   {"GET http://a:81/", "a:81", nil},
		"other letters":                   {"GET http://a/", "A", nil},
		"the default port told":           {"GET http://a:80/", "a", nil},
		"the default port told by Host":   {"GET https://a/", "a:443", nil},
		"the default port of the other":   {"GET https://a/", "a:80", wire.ErrHostMismatch},
		"another port":                    {"GET http://a:81/", "a:82", wire.ErrHostMismatch},
		"a port that is not told":         {"GET http://a:81/", "a", wire.ErrHostMismatch},
		"another host":                    {"GET http://a/", "b", wire.ErrHostMismatch},
		"an address":                      {"GET http://[::A]:80/", "[::a]", nil},
		"a tunnel":                        {"CONNECT a:443", "a:443", nil},
		"a tunnel without its port":       {"CONNECT a:443", "a", nil},
		"a tunnel to another host":        {"CONNECT a:443", "b:443", wire.ErrHostMismatch},
		"a tunnel to another port":        {"CONNECT a:443", "a:80", wire.ErrHostMismatch},
		"an address without its brackets": {"GET http://[::1]/", "1", wire.ErrHostMismatch},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var head wire.Request
			raw := test.start + " HTTP/1.1\r\nHost: " + test.host + "\r\n\r\n"
			if _, err := head.Parse([]byte(raw), wire.Limits{}); err != nil {
				t.Fatalf("parse %q: got %v, want no error", raw, err)
			}
			if got := head.CheckHost(); !errors.Is(got, test.want) {
				t.Errorf("check %q: got %v, want %v", raw, got, test.want)
			}
		})
	}
}

func TestHeadIsUsedAgain(t *testing.T) {
	t.Parallel()
	const first = "GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: close, x\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
	const second = "\r\nPOST /b HTTP/1.0\r\nX: z\r\n\r\n"
	both := []byte(first + second)
	var head wire.Request
	n, err := head.Parse(both, wire.Limits{})
	if n != len(first) || err != nil {
		t.Fatalf("first of two: got %d and %v, want %d", n, err, len(first))
	}
	head.Reset()
	if n, err = head.Parse(both[n:], wire.Limits{}); n != len(second) || err != nil {
		t.Fatalf("second of two: got %d and %v, want %d", n, err, len(second))
	}
	if got := head.Framing(); got != (wire.Framing{}) || head.Len() != 1 || head.HopByHop(0) || head.Persistent() {
		t.Errorf("second of two: got framing %+v, %d fields, hop %t, persistent %t, want nothing of the first",
			got, head.Len(), head.HopByHop(0), head.Persistent())
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	raw := []byte("GET / HTTP/1.1\r\nHost: a\r\nX-A:  1 \r\nx-a: 2\r\nX-K: 3\r\n\r\n")
	var head wire.Request
	if _, err := head.Parse(raw, wire.Limits{}); err != nil {
		t.Fatal(err)
	}
	moved := append([]byte(nil), raw...)
	head.Rebase(moved)
	clear(raw)
	tests := map[string]struct {
		name, want string
		ok         bool
	}{
		"the first of two":             {"x-A", "1", true},
		"none":                         {"x-b", "", false},
		"no name":                      {"", "", false},
		"a letter that folds to ASCII": {"X-\u212a", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := head.Lookup(test.name); string(got) != test.want || ok != test.ok {
				t.Errorf("lookup %q: got %q and %t, want %q and %t", test.name, got, ok, test.want, test.ok)
			}
		})
	}
	if got := string(head.Line(1)); got != "X-A:  1 \r\n" {
		t.Errorf("line 1: got %q, want it as sent", got)
	}
	if got := string(head.Line(3)); got != "X-K: 3\r\n" {
		t.Errorf("last line: got %q, want it as sent", got)
	}
}
