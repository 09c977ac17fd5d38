package route_test

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/route"
)

// BenchmarkRoute is what every exchange pays.
func BenchmarkRoute(b *testing.B) {
	alone := router(b, route.Options{Default: target(b, "http://127.0.0.1:9999"), Intercept: []string{"login.live.com", "*.xboxlive.com"}})
	hosts := router(b, route.Options{
		Default: target(b, "http://127.0.0.1:9999"), Hosts: map[string]route.Target{"*.a.example": target(b, "http://127.0.0.1:9998")},
	})
	for name, run := range map[string]func() error{
		"reverse":            func() error { _, err := alone.Reverse("localhost:7710"); return err },
		"reverse with hosts": func() error { _, err := hosts.Reverse("localhost:7710"); return err },
		"forward":            func() error { _, err := alone.Forward("music.xboxlive.com", 443, true); return err },
		"connect":            func() error { _, err := alone.Connect("music.xboxlive.com:443"); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
