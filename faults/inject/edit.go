package inject

import (
	"cmp"
	"slices"
)

// edit replaces the bytes from start up to end by text.
type edit struct {
	start, end int
	text       []byte
}

// apply makes all edits, which must not overlap, and leaves body as it is.
func apply(body []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	length := len(body)
	for _, e := range edits {
		length += len(e.text) - (e.end - e.start)
	}
	out := make([]byte, 0, length)
	at := 0
	for _, e := range edits {
		out = append(out, body[at:e.start]...)
		out = append(out, e.text...)
		at = e.end
	}
	return append(out, body[at:]...)
}
