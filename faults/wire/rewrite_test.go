package wire_test

import (
	"errors"
	"testing"

	"github.com/groovechaos/groovechaos/faults/wire"
)

func TestAppendHead(t *testing.T) {
	t.Parallel()
	const raw = "GET http://a/p HTTP/1.1\r\nhOST:a\r\nX-A:  1\t\r\nConnection: upgrade\r\nUpgrade: x\r\nx-a: 2\r\n\r\n"
	tests := map[string]struct {
		edits []wire.Edit
		want  string
		err   error
	}{
		"no edit": {
			want: "GET http://a/p HTTP/1.1\r\nhOST:a\r\nX-A:  1\t\r\nx-a: 2\r\n\r\n",
		},
		"another host in its place": {
			edits: []wire.Edit{{"Host", []byte("b:80")}},
			want:  "GET http://a/p HTTP/1.1\r\nhOST: b:80\r\nX-A:  1\t\r\nx-a: 2\r\n\r\n",
		},
		"one for two": {
			edits: []wire.Edit{{"x-A", []byte("3")}},
			want:  "GET http://a/p HTTP/1.1\r\nhOST:a\r\nX-A: 3\r\n\r\n",
		},
		"left out": {
			edits: []wire.Edit{{"x-A", nil}, {"x-b", nil}},
			want:  "GET http://a/p HTTP/1.1\r\nhOST:a\r\n\r\n",
		},
		"empty": {
			edits: []wire.Edit{{"x-A", []byte{}}},
			want:  "GET http://a/p HTTP/1.1\r\nhOST:a\r\nX-A: \r\n\r\n",
		},
		"added": {
			edits: []wire.Edit{{"Via", []byte("1.1 b")}, {"X-C", []byte("c")}},
			want:  "GET http://a/p HTTP/1.1\r\nhOST:a\r\nX-A:  1\t\r\nx-a: 2\r\nVia: 1.1 b\r\nX-C: c\r\n\r\n",
		},
		"an upgrade that passes": {
			edits: []wire.Edit{{"Connection", []byte("Upgrade")}, {"Upgrade", []byte("x")}},
			want:  "GET http://a/p HTTP/1.1\r\nhOST:a\r\nX-A:  1\t\r\nConnection: Upgrade\r\nUpgrade: x\r\nx-a: 2\r\n\r\n",
		},
		"a value of two lines":     {edits: []wire.Edit{{"X", []byte("a\r\nY: b")}}, err: wire.ErrBareCR},
		"a value with LF":          {edits: []wire.Edit{{"X", []byte("a\nY: b")}}, err: wire.ErrControl},
		"a name with a colon":      {edits: []wire.Edit{{"X:", []byte("a")}}, err: wire.ErrFieldName},
		"no name":                  {edits: []wire.Edit{{"", []byte("a")}}, err: wire.ErrFieldName},
		"a bad edit behind a good": {edits: []wire.Edit{{"X", nil}, {"Y", []byte("\x00")}}, err: wire.ErrControl},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var head wire.Request
			if _, err := head.Parse([]byte(raw), wire.Limits{}); err != nil {
				t.Fatal(err)
			}
			got, err := head.AppendHead([]byte("before|"), test.edits...)
			if string(got) != "before|"+test.want || !errors.Is(err, test.err) {
				t.Errorf("append: got %q and %v, want %q and %v", got, err, test.want, test.err)
			}
			if _, err := head.AppendOriginForm(nil, test.edits...); !errors.Is(err, test.err) {
				t.Errorf("append in origin form: got %v, want %v", err, test.err)
			}
		})
	}
}

func TestAppendOriginForm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ start, want string }{
		"a path":                    {"GET /p?q", "GET /p?q"},
		"an absolute path":          {"GET http://a/p?q", "GET /p?q"},
		"an absolute root":          {"GET http://a/", "GET /"},
		"no path":                   {"GET http://a", "GET /"},
		"no path but a query":       {"OPTIONS http://a?q", "OPTIONS /?q"},
		"no path for OPTIONS":       {"OPTIONS http://a", "OPTIONS *"},
		"an asterisk":               {"OPTIONS *", "OPTIONS *"},
		"a tunnel":                  {"CONNECT a:1", "CONNECT a:1"},
		"a URI in the query":        {"GET /?u=http://b/c", "GET /?u=http://b/c"},
		"two slashes and no scheme": {"GET //b/c", "GET //b/c"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rest = " HTTP/1.1\r\nHost: a\r\n\r\n"
			var head wire.Request
			if _, err := head.Parse([]byte(test.start+rest), wire.Limits{}); err != nil {
				t.Fatal(err)
			}
			if got, err := head.AppendOriginForm(nil); string(got) != test.want+rest || err != nil {
				t.Errorf("append: got %q and %v, want %q", got, err, test.want+rest)
			}
		})
	}
}

func TestAppendResponseHead(t *testing.T) {
	t.Parallel()
	var head wire.Response
	if _, err := head.Parse([]byte("HTTP/1.1 200 fine \r\nKeep-Alive: x\r\nContent-Length: 5\r\n\r\n"), wire.Limits{}); err != nil {
		t.Fatal(err)
	}
	got, err := head.AppendHead(nil, wire.Edit{Name: "content-length", Value: []byte("3")})
	if want := "HTTP/1.1 200 fine \r\nContent-Length: 3\r\n\r\n"; string(got) != want || err != nil {
		t.Errorf("append: got %q and %v, want %q", got, err, want)
	}
	if _, err := head.AppendHead(nil, wire.Edit{Name: "a b"}); !errors.Is(err, wire.ErrFieldName) {
		t.Errorf("append a name with a space: got %v, want %v", err, wire.ErrFieldName)
	}
}
