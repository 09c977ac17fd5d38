package main

import (
	"fmt"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// harmless is a configuration of count faults that strike none of the requests
// of the load: nine in ten are about other callers, half of those at one
// endpoint; the tenth has a share of 0.
func harmless(count int) string {
	endpoints := groove.Endpoints()
	var b strings.Builder
	for i := range count {
		endpoint := endpoints[i%len(endpoints)].Name
		fmt.Fprintf(&b, "[[faults]]\nname=\"f%d\"\nanswer.status=503\n", i)
		switch {
		case i%10 == 9:
			fmt.Fprintf(&b, "share=0\nmatch.endpoints=[%q]\n", endpoint)
		case i%2 == 0:
			fmt.Fprintf(&b, "match={endpoints=[%q],clients=[\"nobody-%d\"]}\n", endpoint, i)
		default:
			fmt.Fprintf(&b, "match.clients=[\"nobody-%d\"]\n", i)
		}
	}
	return b.String()
}
