package faults_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// shapes are ways in which the matches of many faults differ from each other.
// None of them is about the exchange of the benchmarks.
var shapes = map[string]func(i int) faults.Match{
	"clients":   func(i int) faults.Match { return faults.Match{Clients: []string{fmt.Sprintf("client-%d", i)}} },
	"hosts":     func(i int) faults.Match { return faults.Match{Hosts: []string{fmt.Sprintf("h%d.example.org", i)}} },
	"paths":     func(i int) faults.Match { return faults.Match{Path: fmt.Sprintf("/1/content/music.%d/search", i)} },
	"queries":   func(i int) faults.Match { return faults.Match{Query: map[string]string{"q": fmt.Sprintf("q-%d", i)}} },
	"headers":   func(i int) faults.Match { return faults.Match{Headers: map[string]string{"x-test": fmt.Sprint(i)}} },
	"endpoints": func(i int) faults.Match { return faults.Match{Endpoints: []string{otherEndpoint(i)}} },
	"clients of endpoints": func(i int) faults.Match {
		return faults.Match{Endpoints: []string{otherEndpoint(i)}, Clients: []string{fmt.Sprintf("client-%d", i/22)}}
	},
	"methods, hosts, parameters": func(i int) faults.Match {
		return faults.Match{
			Methods: []string{"GET"}, Hosts: []string{"music.xboxlive.com"},
			Query: map[string]string{"id": fmt.Sprintf("music.%d", i), "country": "us"},
		}
	},
}

// otherEndpoint names one of the endpoints that are not Search.
func otherEndpoint(i int) string {
	all := groove.Endpoints()
	return all[1+i%(len(all)-1)].Name
}

// many makes n faults that strike where they match, by a shape.
func many(n int, shape func(int) faults.Match) []faults.Fault {
	set := make([]faults.Fault, n)
	for i := range set {
		set[i] = sound()
		set[i].Name, set[i].Match = fmt.Sprintf("f%d", i), shape(i)
		set[i].Trigger.Attempts = 1
	}
	return set
}

func busyExchange() *faults.Exchange {
	x := exchange(nth(1))
	x.Query = "q=daft&maxItems=10&country=us"
	x.Header = header{"X-Test": "none"}
	return x
}

// BenchmarkDecide shows what an exchange costs among so many faults: when none
// of them is about it, by shape, and when all of an endpoint's are and draw.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10_000} {
		for what, shape := range shapes {
			b.Run(fmt.Sprintf("nothing/%s/%d", what, n), func(b *testing.B) { decideAgain(b, many(n, shape)) })
		}
		sharing := many(n, func(int) faults.Match { return faults.Match{Endpoints: []string{groove.Search}} })
		for i := range sharing {
			sharing[i].Trigger = faults.Trigger{Share: new(0.0)}
		}
		b.Run(fmt.Sprintf("sharing/%d", n), func(b *testing.B) { decideAgain(b, sharing) })
		firing := append(many(max(n-1, 0), shapes["clients"]), sound())
		b.Run(fmt.Sprintf("firing/%d", n), func(b *testing.B) { decideAgain(b, firing) })
	}
}

func decideAgain(b *testing.B, set []faults.Fault) {
	b.Helper()
	e := newEngine(b, 1, set...)
	x := busyExchange()
	b.ReportAllocs()
	for b.Loop() {
		e.Decide(x)
	}
}

// BenchmarkResolveAndDecide shows the contract's look-up and a decision that
// relays, among as many faults as there are templates.
func BenchmarkResolveAndDecide(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newEngine(b, 1, many(n, shapes["clients of endpoints"])...)
			x := busyExchange()
			b.ReportAllocs()
			for b.Loop() {
				endpoint, _ := groove.Resolve(x.Method, x.Path)
				x.Endpoint = endpoint.Name
				e.Decide(x)
			}
		})
	}
}

func BenchmarkDecideConnection(b *testing.B) {
	for what, set := range map[string][]faults.Fault{
		"none": {sound()},
		"one":  {{Name: "shut", Break: &faults.Break{How: faults.BreakReset, At: faults.BreakAccept}, Trigger: faults.Trigger{Share: new(0.0)}}},
	} {
		b.Run(what, func(b *testing.B) {
			e := newEngine(b, 1, set...)
			now := time.Unix(1_000_000, 0)
			b.ReportAllocs()
			for b.Loop() {
				e.DecideConnection(nth(1), now)
			}
		})
	}
}

func BenchmarkQuota(b *testing.B) {
	for what, requests := range map[string]uint64{"passing": 1_000_000_000, "striking": 1} {
		quota := faults.Fault{Name: "quota", Trigger: faults.Trigger{Quota: &faults.Quota{Requests: requests, Per: time.Hour}}}
		b.Run(what, func(b *testing.B) { decideAgain(b, []faults.Fault{quota}) })
		b.Run(what+" in parallel", func(b *testing.B) {
			e := newEngine(b, 1, quota)
			b.RunParallel(func(pb *testing.PB) {
				x := busyExchange()
				for pb.Next() {
					e.Decide(x)
				}
			})
		})
	}
}

func BenchmarkApplyTenThousand(b *testing.B) {
	for what, shape := range shapes {
		b.Run(what, func(b *testing.B) {
			set := many(faults.MaxFaults, shape)
			for i := range set {
				set[i].Trigger = faults.Trigger{Share: new(0.0)}
			}
			e := newEngine(b, 1, set...)
			for i := 0; b.Loop(); i++ {
				set[0].Disabled = i%2 == 0
				if err := e.Apply(set); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
