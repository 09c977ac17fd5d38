package faults

// set is the faults in force. It never changes once it is published.
type set struct {
	// faults are those about exchanges in creation order, and shelf finds them.
	faults []*Active
	shelf  *shelf
	// accepting are those about connections, and acceptingIDs all of their
	// places.
	accepting    []*Active
	acceptingIDs []int32
}

func newSet(active []*Active) *set {
	var s set
	var ids []int32
	var parts [][]part
	for _, a := range active {
		if a.Fault.atAccept() {
			s.acceptingIDs = append(s.acceptingIDs, int32(len(s.accepting))) //nolint:gosec // At most MaxFaults.
			s.accepting = append(s.accepting, a)
			continue
		}
		ids = append(ids, int32(len(s.faults))) //nolint:gosec // At most MaxFaults.
		s.faults = append(s.faults, a)
		parts = append(parts, a.match.parts())
	}
	s.shelf = newShelf(ids, parts)
	return &s
}
