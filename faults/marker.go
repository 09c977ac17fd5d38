package faults

import "fmt"

// Marker returns the text by which an injected answer to the exchange at a place is known again, wherever its Message or its
// Description turns up: "gc-" and ten hex digits that depend on the seed and the place alone. It looks like a reference
// that a support desk would ask for. Of a million answers hardly two have the same.
func (e *Engine) Marker(p Place) string {
	const bits = 4 * 10
	return fmt.Sprintf("gc-%010x", keyed(e.seed, purposeMarker, 0, p.Fingerprint, p.Sequence)>>(64-bits))
}
