package faults

import (
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// set is the faults in force, filed by endpoint in creation order. It never
// changes once it is published.
type set struct {
	byEndpoint map[string][]*Active
	// elsewhere is for targets outside the contract.
	elsewhere []*Active
}

func newSet(active []*Active) *set {
	s := &set{byEndpoint: make(map[string][]*Active), elsewhere: filed(active, "")}
	for _, endpoint := range groove.Endpoints() {
		s.byEndpoint[endpoint.Name] = filed(active, endpoint.Name)
	}
	return s
}

// filed returns the faults that may be about the endpoint.
func filed(active []*Active, endpoint string) []*Active {
	var kept []*Active
	for _, a := range active {
		if len(a.match.endpoints) == 0 || slices.Contains(a.match.endpoints, endpoint) {
			kept = append(kept, a)
		}
	}
	return kept
}

// candidates returns the faults that may be about x.
func (s *set) candidates(x *Exchange) []*Active {
	if x.Endpoint == "" {
		return s.elsewhere
	}
	return s.byEndpoint[x.Endpoint]
}
