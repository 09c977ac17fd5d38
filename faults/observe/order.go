package observe

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	// maxNodes bounds the proxies whose attempts are told apart.
	maxNodes = 256
	// chunkBits is how many sequence numbers one chunk of a ledger covers, maxChunks how many chunks are
	// remembered of a node: about a million numbers.
	chunkBits, maxChunks = 4096, 256
)

// Counts says what became of the attempts of a journal. Nothing is left out in silence.
type Counts struct {
	// Attempts were taken in, Duplicates were dropped because the same node had given their number before.
	Attempts   uint64 `json:"attempts"`
	Duplicates uint64 `json:"duplicates,omitempty"`
	// Late came so far out of order that what they belong to could not be held for them: they are calls of their
	// own, and all calls with their fingerprint are ambiguous.
	Late uint64 `json:"late,omitempty"`
	// Strangers are attempts of clients or nodes beyond those that are kept apart: their calls are ambiguous.
	Strangers uint64 `json:"strangers,omitempty"`
	// Torn counts the calls that were let go before their end for want of room: they are ambiguous.
	Torn uint64 `json:"torn,omitempty"`
}

// node is a proxy that saw attempts, with its clock and the sequence numbers that it gave.
type node struct {
	name string
	// shift brings times of this node to the common clock.
	shift  time.Duration
	chunks map[uint64]*[chunkBits / 64]uint64
	// latest is the chunk that was asked for last, floor the first that is still remembered.
	latest       *[chunkBits / 64]uint64
	latestNumber uint64
	floor        uint64
}

// sight is what a ledger says of a sequence number.
type sight int

const (
	unseen sight = iota
	seenBefore
	// forgotten is a number so far below the others that nobody knows any more.
	forgotten
)

// note takes in a sequence number. 0 is no number.
func (n *node) note(sequence uint64) sight {
	if sequence == 0 {
		return unseen
	}
	number := sequence / chunkBits
	if n.latest == nil || n.latestNumber != number {
		if number < n.floor {
			return forgotten
		}
		n.latest, n.latestNumber = n.chunk(number), number
	}
	bit := sequence % chunkBits
	word, mask := &n.latest[bit/64], uint64(1)<<(bit%64)
	if *word&mask != 0 {
		return seenBefore
	}
	*word |= mask
	return unseen
}

// chunk finds or makes a chunk. The lowest go when there are too many.
func (n *node) chunk(number uint64) *[chunkBits / 64]uint64 {
	if chunk := n.chunks[number]; chunk != nil {
		return chunk
	}
	if n.chunks == nil {
		n.chunks = map[uint64]*[chunkBits / 64]uint64{}
	}
	chunk := &[chunkBits / 64]uint64{}
	n.chunks[number] = chunk
	for len(n.chunks) > maxChunks {
		lowest := number
		for other := range n.chunks {
			lowest = min(lowest, other)
		}
		delete(n.chunks, lowest)
		n.floor = lowest + 1
	}
	return chunk
}

// held is an attempt that waits for others which may have arrived before it.
type held struct {
	at      time.Duration
	node    *node
	attempt *Attempt
	// late reports that nobody knows whether its number came before.
	late bool
}

func (h *held) compare(other *held) int {
	if h.at != other.at {
		return cmp.Compare(h.at, other.at)
	}
	return cmp.Or(strings.Compare(h.node.name, other.node.name), cmp.Compare(h.attempt.Sequence, other.attempt.Sequence))
}

// intake puts attempts in order of arrival, as far as its window goes, and drops duplicates.
type intake struct {
	// window is how many attempts are held back.
	window int
	held   []held
	sorted bool
	// released is the arrival of the latest attempt that was let through.
	released time.Duration
	through  bool
	nodes    map[string]*node
	current  *node
	lives    lives
	// met gets each attempt as it comes with the name of its node, nil where nobody asks. shift says how far the clock of a node is from
	// the common one, when its first attempt comes.
	met   func(node string, a *Attempt)
	shift func(node string, a *Attempt) time.Duration
	// take gets the attempts in order. Late says that an attempt should have come earlier. It is on the common clock.
	take func(a *Attempt, late bool)
	// done gets each attempt once it was taken or dropped, nil where nobody asks. Who asks for it must not keep what take gets.
	done   func(a *Attempt)
	counts Counts
}

func newIntake(window int, shift func(string, *Attempt) time.Duration, take func(*Attempt, bool)) *intake {
	return &intake{window: max(window, 1), sorted: true, nodes: map[string]*node{}, shift: shift, take: take}
}

// add takes in an attempt.
func (in *intake) add(a *Attempt) {
	n := in.node(a)
	if n == nil {
		in.counts.Attempts++
		in.counts.Late++
		in.take(a, true)
		in.leave(a)
		return
	}
	seen := n.note(a.Sequence)
	if seen == seenBefore {
		in.counts.Duplicates++
		in.leave(a)
		return
	}
	in.counts.Attempts++
	in.held = append(in.held, held{at: a.Received + n.shift, node: n, attempt: a, late: seen == forgotten})
	if last := len(in.held) - 1; in.sorted && last > 0 {
		in.sorted = in.held[last-1].compare(&in.held[last]) <= 0
	}
	if len(in.held) >= 2*in.window {
		in.release(in.window)
	}
}

// node returns the node that saw a, nil for one too many. The processes of a node count as nodes of their own.
func (in *intake) node(a *Attempt) *node {
	name := in.lives.of(a)
	if in.met != nil {
		in.met(name, a)
	}
	if in.current != nil && in.current.name == name {
		return in.current
	}
	n := in.nodes[name]
	if n == nil {
		if len(in.nodes) >= maxNodes {
			return nil
		}
		n = &node{name: name, shift: in.shift(name, a)}
		in.nodes[name] = n
	}
	in.current = n
	return n
}

// release lets the first n of the attempts through.
func (in *intake) release(n int) {
	if !in.sorted {
		slices.SortFunc(in.held, func(a, b held) int { return a.compare(&b) })
		in.sorted = true
	}
	for i := range in.held[:n] {
		h := &in.held[i]
		late := h.late || in.through && h.at < in.released
		if late {
			in.counts.Late++
		} else {
			in.released, in.through = h.at, true
		}
		in.take(h.node.onClock(h.attempt), late)
		in.leave(h.attempt)
	}
	rest := copy(in.held, in.held[n:])
	clear(in.held[rest:])
	in.held = in.held[:rest]
}

// leave tells that an attempt is not needed here any more.
func (in *intake) leave(a *Attempt) {
	if in.done != nil {
		in.done(a)
	}
}

// flush lets everything through.
func (in *intake) flush() { in.release(len(in.held)) }

// onClock returns a with its times on the common clock and the name of n, a itself where there is no difference.
func (n *node) onClock(a *Attempt) *Attempt {
	if n.shift == 0 && n.name == a.Node {
		return a
	}
	moved := *a
	moved.Node = n.name
	moved.Received += n.shift
	moved.Answered += n.shift
	return &moved
}

func compareAttempts(a, b *Attempt) int {
	if a.Received != b.Received {
		return cmp.Compare(a.Received, b.Received)
	}
	return cmp.Or(strings.Compare(a.Node, b.Node), cmp.Compare(a.Sequence, b.Sequence))
}
