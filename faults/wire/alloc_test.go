package wire_test

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/wire"
)

//nolint:paralleltest // allocations are counted for the whole process
func TestNothingAllocates(t *testing.T) {
	var (
		request  wire.Request
		response wire.Response
		body     wire.Body
		raw      = []byte(typicalRequest)
		absolute = []byte("POST http://[::1]:80 HTTP/1.1\r\nHost: [::1]\r\nConnection: Upgrade, X\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nX: y\r\n\r\n")
		refused  = []byte("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
		answer   = []byte(typicalResponse)
		chunks   = []byte("5;a=\"b\"\r\nhello\r\n0\r\nX-Sum: y\r\n\r\n")
		host     = []byte("upstream.example")
		out      = make([]byte, 0, 4096)
		sink     int
	)
	tests := map[string]func(){
		"a request": func() {
			request.Reset()
			sink, _ = request.Parse(raw, wire.Limits{})
		},
		"a request in two pieces": func() {
			request.Reset()
			_, _ = request.Parse(raw[:100], wire.Limits{})
			sink, _ = request.Parse(raw, wire.Limits{})
		},
		"all that a request tells": func() {
			request.Reset()
			sink, _ = request.Parse(absolute, wire.Limits{})
			upgrade, _ := request.Upgrade()
			query, _ := request.Query()
			x, _ := request.Lookup("x")
			_ = request.CheckHost()
			sink = len(upgrade) + len(query) + len(x) + len(request.Path()) + len(request.Authority()) + int(request.Framing().Kind)
			if !request.ExpectContinue() || sink == 0 {
				t.Error("want the request to be read")
			}
		},
		"a refused request": func() {
			request.Reset()
			if _, err := request.Parse(refused, wire.Limits{}); err == nil {
				t.Error("want the request to be refused")
			}
		},
		"a rewritten request": func() {
			request.Reset()
			_, _ = request.Parse(absolute, wire.Limits{})
			out, _ = request.AppendHead(out[:0], wire.Edit{Name: "Host", Value: host}, wire.Edit{Name: "Via", Value: host})
			out, _ = request.AppendOriginForm(out[:0], wire.Edit{Name: "Host", Value: host})
		},
		"a response": func() {
			response.Reset()
			_, _ = response.Parse(answer, wire.Limits{})
			sink = int(response.Framing(host).Length)
			out, _ = response.AppendHead(out[:0])
		},
		"a body": func() {
			body.Start(wire.Framing{Kind: wire.Chunked}, wire.Limits{})
			for p := chunks; !body.Done(); p = p[sink:] {
				sink, _, _ = body.Next(p)
			}
		},
	}
	for name, run := range tests {
		if got := testing.AllocsPerRun(100, run); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, got)
		}
	}
}
