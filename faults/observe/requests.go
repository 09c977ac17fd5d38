package observe

import (
	"iter"
	"math/bits"
)

// requests are a generation of those of one client, found by open addressing: their hashes are spread evenly, and a map of as many would
// cost more than all else.
type requests struct {
	// chunks hold them in order of when they came first, each twice as many as the one before; n counts them.
	chunks [][]request
	n      int
	// slots hold, at the place of a hash or after, where a request is, so that hardly any is looked at in vain.
	slots []requestSlot
}

// requestSlot is one more than the index of a request, 0 for nothing, and the low bits of its hash.
type requestSlot struct{ next, tag uint32 }

// firstChunk is how many requests the first chunk has room for; a power of two.
const firstChunk = 8

// at is the request of an index.
func (g *requests) at(index int) *request {
	place := uint(index + firstChunk)
	chunk := bits.Len(place) - bits.Len(firstChunk)
	return &g.chunks[chunk][place-firstChunk<<chunk]
}

// all gives the requests in order of when they came first.
func (g *requests) all() iter.Seq[*request] {
	return func(yield func(*request) bool) {
		for i := range g.n {
			if !yield(g.at(i)) {
				return
			}
		}
	}
}

// find finds a request, nil for none.
func (g *requests) find(content uint64) *request {
	if g.n == 0 {
		return nil
	}
	mask := uint64(len(g.slots) - 1) //nolint:gosec // There is always a slot.
	for at := content & mask; ; at = (at + 1) & mask {
		slot := g.slots[at]
		if slot.next == 0 {
			return nil
		}
		if slot.tag != tagOf(content) {
			continue
		}
		if r := g.at(int(slot.next - 1)); r.content == content {
			return r
		}
	}
}

func tagOf(content uint64) uint32 { return uint32(content) } //nolint:gosec // The low bits are meant.

// place finds or adds a request.
func (g *requests) place(content uint64) *request {
	if r := g.find(content); r != nil {
		return r
	}
	if 2*(g.n+1) > len(g.slots) {
		g.spread(max(2*firstChunk, 2*len(g.slots)))
	}
	if room := firstChunk * (1<<len(g.chunks) - 1); g.n >= room {
		g.chunks = append(g.chunks, make([]request, firstChunk<<len(g.chunks)))
	}
	r := g.at(g.n)
	r.content = content
	g.n++
	g.settle(requestSlot{next: uint32(g.n), tag: tagOf(content)}) //nolint:gosec // A generation has fewer.
	return r
}

// spread makes so many slots, a power of two of at most 32 bits, and settles all requests in them.
func (g *requests) spread(slots int) {
	before := g.slots
	g.slots = make([]requestSlot, slots)
	for _, slot := range before {
		if slot.next != 0 {
			g.settle(slot)
		}
	}
}

// settle puts a slot where one is free for it.
func (g *requests) settle(slot requestSlot) {
	mask := uint32(len(g.slots) - 1) //nolint:gosec // There is always a slot.
	at := slot.tag & mask
	for g.slots[at].next != 0 {
		at = (at + 1) & mask
	}
	g.slots[at] = slot
}

// spacious is how many times as many requests as there were a generation has room for before it lets the room go.
const spacious = 8

// clear empties the generation. It keeps its room unless hardly any of it was used: else one busy hour of a client would take its memory for good.
func (g *requests) clear() {
	if room := firstChunk * (1<<len(g.chunks) - 1); room > spacious*max(g.n, firstChunk) {
		*g = requests{}
		return
	}
	for _, chunk := range g.chunks {
		clear(chunk)
	}
	clear(g.slots)
	g.n = 0
}
