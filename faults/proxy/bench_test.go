package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// BenchmarkExchange measures one exchange through the proxy, beside the same
// one without it.
func BenchmarkExchange(b *testing.B) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"Tracks":{"Items":[]}}`)
	}))
	defer origin.Close()
	upstream, err := url.Parse(origin.URL)
	if err != nil {
		b.Fatal(err)
	}
	engine := faults.NewEngine(1)
	p, err := proxy.New(proxy.Options{Upstream: upstream, Engine: engine})
	if err != nil {
		b.Fatal(err)
	}
	front := httptest.NewUnstartedServer(nil)
	defer front.Close()
	served := make(chan error, 1)
	go func() { served <- p.Serve(b.Context(), front.Listener) }()
	through := "http://" + front.Listener.Addr().String()
	for _, bench := range []struct {
		name, url string
		set       []faults.Fault
	}{
		{"direct", origin.URL, nil},
		{"relayed", through, nil},
		{"injected", through, []faults.Fault{answerFault("down", 500)}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			if err := engine.Apply(bench.set); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				client := newClient()
				defer client.CloseIdleConnections()
				for pb.Next() {
					response, err := client.Get(bench.url + searchPath)
					if err != nil {
						b.Error(err)
						return
					}
					io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			})
		})
	}
}
