package faults

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// shelf is faults filed by what their matches want literally: an endpoint, a
// client, a host, a method, a word of the path, a parameter or a header field
// with its value. Each is filed under the one part of its match that the fewest
// others have in common, and where many remain in one place they are filed
// again by another part. So the few that may be about an exchange are found in
// a time that does not depend on how many there are in all.
//
// That ends where matches name nothing literally, or all the same: of thousands
// of faults for everything, or with a "*" in everything they name, each has to
// be looked at. And a header cannot be listed, so each name that faults are
// filed by is looked up for itself: thousands of names cost thousands of
// look-ups.
type shelf struct {
	// fields says by which fields faults are filed, words by which places of
	// the path: bit i for field or place i.
	fields, words uint64
	headers       []string
	filed         map[key]file
	// rest is the faults that no key finds.
	rest []int32
}

// file is what is filed under one key, in creation order; below, when not nil,
// is the same filed again.
type file struct {
	ids   []int32
	below *shelf
}

const (
	// fewFiled is how many faults under one key are few enough not to look for
	// a better one.
	fewFiled = 8
	// manyFiled is how many are so many that they are filed again.
	manyFiled = 16
	// maxWord bounds the places in a path by which faults are filed.
	maxWord = 64
)

// filing is one fault under one key.
type filing struct {
	key key
	id  int32
}

// newShelf files the faults ids, whose parts are parts[id].
func newShelf(ids []int32, parts [][]part) *shelf {
	s := &shelf{filed: make(map[key]file)}
	common := make(map[key]int)
	for _, id := range ids {
		for i := range parts[id] {
			for _, k := range parts[id][i].keys {
				common[k]++
			}
		}
	}
	var filings []filing
	for _, id := range ids {
		p := choose(parts[id], common, max(fewFiled, len(ids)/2))
		if p == nil {
			s.rest = append(s.rest, id)
			continue
		}
		s.ask(p)
		for _, k := range p.keys {
			filings = append(filings, filing{key: k, id: id})
		}
	}
	slices.Sort(s.headers)
	s.headers = slices.Compact(s.headers)
	s.file(filings, parts)
	return s
}

// choose returns the part under which to file: the first that few have in
// common, else the one that the fewest have, but none that more than most have.
func choose(parts []part, common map[key]int, most int) *part {
	var best *part
	for i := range parts {
		p, shared := &parts[i], 0
		for _, k := range p.keys {
			shared = max(shared, common[k])
		}
		if p.at >= maxWord || shared > most {
			continue
		}
		if best, most = p, shared-1; shared <= fewFiled {
			break
		}
	}
	return best
}

// ask notes that exchanges have to be looked up by the field of p.
func (s *shelf) ask(p *part) {
	s.fields |= 1 << p.field
	if p.field == fieldWord {
		s.words |= 1 << p.at
	}
	if p.field == fieldHeader {
		s.headers = append(s.headers, p.name)
	}
}

// file puts the filings, which are in creation order, into their places.
func (s *shelf) file(filings []filing, parts [][]part) {
	slices.SortStableFunc(filings, func(a, b filing) int { return cmp.Compare(a.key, b.key) })
	ids := make([]int32, len(filings))
	for begin := 0; begin < len(filings); {
		end := begin
		for ; end < len(filings) && filings[end].key == filings[begin].key; end++ {
			ids[end] = filings[end].id
		}
		f := file{ids: slices.Compact(ids[begin:end:end])}
		if len(f.ids) > manyFiled {
			if below := newShelf(f.ids, parts); len(below.rest) < len(f.ids) {
				f.below = below
			}
		}
		s.filed[filings[begin].key] = f
		begin = end
	}
}

// find adds the faults that may be about x.
func (s *shelf) find(x *Exchange, among *found) {
	among.add(s.rest)
	for left := s.fields; left != 0; left &= left - 1 {
		switch field(bits.TrailingZeros64(left)) { //nolint:gosec // At most 63.
		case fieldEndpoint:
			s.look(textKey(fieldEndpoint, x.Endpoint), x, among)
		case fieldClient:
			s.look(textKey(fieldClient, x.Client), x, among)
		case fieldHost:
			s.look(hostKey(x.Host), x, among)
		case fieldMethod:
			s.look(textKey(fieldMethod, x.Method), x, among)
		case fieldWord:
			s.findWords(x, among)
		case fieldQuery:
			for parameter := range strings.SplitSeq(x.Query, "&") {
				s.look(parameterKey(parameter), x, among)
			}
		default:
			s.findHeaders(x, among)
		}
	}
}

// look adds what is filed under k.
func (s *shelf) look(k key, x *Exchange, among *found) {
	f, ok := s.filed[k]
	switch {
	case !ok:
	case f.below != nil:
		f.below.find(x, among)
	default:
		among.add(f.ids)
	}
}

func (s *shelf) findWords(x *Exchange, among *found) {
	rest, more := strings.CutPrefix(x.Path, "/")
	for at := 0; more && s.words>>at != 0; at++ {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		if s.words>>at&1 != 0 {
			s.look(wordKey(at, segment), x, among)
		}
	}
}

func (s *shelf) findHeaders(x *Exchange, among *found) {
	for _, name := range s.headers {
		if value, ok := x.Header.Value(name); ok {
			s.look(headerKey(name, value), x, among)
		}
	}
}
