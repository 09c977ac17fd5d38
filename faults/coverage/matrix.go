package coverage

// Version is the version of the Matrix's format.
const Version = 1

// Tally is how much of something was covered.
type Tally struct {
	// Covered of Of errors were met.
	Covered int `json:"covered"`
	Of      int `json:"of"`
	// Share is Covered by Of, from 0 to 1, and 0 where there was nothing to cover.
	Share float64 `json:"share"`
}

func (t *Tally) add(met bool) {
	t.Of++
	if met {
		t.Covered++
	}
	t.Share = float64(t.Covered) / float64(t.Of)
}

// Matrix says what was met, endpoint by endpoint.
type Matrix struct {
	// Version is the version of this document's format.
	Version int `json:"version"`
	// Tally is over all endpoints and errors.
	Tally

	// Basis says in a sentence what the share is a share of.
	Basis string `json:"basis"`
	// Kinds has each kind once, in the order of Kinds.
	Kinds []KindTally `json:"kinds"`
	// Endpoints are those that were used, in the order of the contract.
	Endpoints []Endpoint `json:"endpoints"`
	// Attempts counts those to an endpoint of the contract.
	Attempts uint64 `json:"attempts"`
	// Outside counts the attempts whose target is no endpoint, broken connections without a request among them.
	Outside uint64 `json:"outside,omitempty"`
	// Ours counts the attempts to an endpoint that failed by the proxy's own doing, which is no exposure.
	Ours uint64 `json:"ours,omitempty"`
}

// KindTally is how much of one kind was covered.
type KindTally struct {
	Kind Kind `json:"kind"`
	Tally
}

// Endpoint is what was met on one endpoint.
type Endpoint struct {
	// Endpoint is the contract's name.
	Endpoint string `json:"endpoint"`
	Attempts uint64 `json:"attempts"`
	Tally

	// Errors is all that can be met, whether it was or not: see Applicable.
	Errors []Cell `json:"errors"`
	// Beyond is what was met though the contract does not list it for the endpoint. It is no part of the share.
	Beyond []Cell `json:"beyond,omitempty"`
}

// Cell is one error on one endpoint.
type Cell struct {
	Error

	// Attempts counts those that met it, Injected those of them in which a fault had a part.
	Attempts uint64 `json:"attempts"`
	Injected uint64 `json:"injected,omitempty"`
}

// Kind is the tally of one kind; Of is 0 where there was none.
func (m *Matrix) Kind(kind Kind) Tally {
	for i := range m.Kinds {
		if m.Kinds[i].Kind == kind {
			return m.Kinds[i].Tally
		}
	}
	return Tally{}
}
