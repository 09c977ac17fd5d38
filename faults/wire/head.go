package wire

import "bytes"

// Head is what the heads of requests and responses have in common. It is about
// 1.5 kB, keeps no copy of the message, and is used again after Reset. It is not
// safe for concurrent use while it is being parsed.
type Head struct {
	state
	fields [MaxFields]field
}

// state is all of a Head that Reset has to clear.
type state struct {
	// buf is the slice of the last Parse.
	buf   []byte
	stage stage
	err   Error
	// first is where the start line begins, line where the line being read
	// does, and scan how far the search for its end has come.
	first, line, scan int
	// lines is where the field lines begin.
	lines int
	count int
	minor uint8
	// present has a bit for each kind of field seen.
	present uint32
	// hops is set when a field belongs to the connection.
	hops    bool
	options options
	// host is the index of the first Host, hosts how many there are.
	host, hosts   int
	contentLength int64
}

// stage is how far the reading of a head has come.
type stage uint8

const (
	atStart stage = iota
	atFields
	atEnd
)

// field is where a field line stands in the buffer.
type field struct {
	start, colon, value, end uint16
	kind                     kind
	// hop is set when the field belongs to the connection.
	hop bool
}

// offset makes an index an offset.
func offset(i int) uint16 {
	return uint16(i) //nolint:gosec // a head has at most MaxHead bytes
}

// Rebase tells the head that its bytes now stand at the beginning of buf. They
// must be the same bytes.
func (h *Head) Rebase(buf []byte) { h.buf = buf }

// Size is the length of the complete head in bytes, with the empty line at its
// end and the one that may stand before it; 0 while it is not complete.
func (h *Head) Size() int {
	if h.stage != atEnd {
		return 0
	}
	return h.scan
}

// Minor is the minor version: 0 or 1.
func (h *Head) Minor() int { return int(h.minor) }

// Len is the number of fields.
func (h *Head) Len() int { return h.count }

// Field is the ith field, in the order sent: the name as sent, the value
// without the white space around it.
func (h *Head) Field(i int) (name, value []byte) {
	f := &h.fields[i]
	return h.buf[f.start:f.colon], h.buf[f.value:f.end]
}

// Line is the ith field line as sent, with its CRLF.
func (h *Head) Line(i int) []byte { return h.buf[h.fields[i].start:h.lineEnd(i)] }

// HopByHop reports whether the ith field belongs to the connection and is left
// out when the head is forwarded.
func (h *Head) HopByHop(i int) bool { return h.fields[i].hop }

// Lookup is the value of the first field of that name, without regard to case.
func (h *Head) Lookup(name string) (value []byte, ok bool) {
	i := h.index(name)
	if i < 0 {
		return nil, false
	}
	_, value = h.Field(i)
	return value, true
}

// index is the index of the first field of that name, -1 for none.
func (h *Head) index(name string) int {
	for i := range h.fields[:h.count] {
		f := &h.fields[i]
		if int(f.colon-f.start) == len(name) && equalFold(h.buf[f.start:f.colon], name) {
			return i
		}
	}
	return -1
}

// lineEnd is where the line after the ith field begins.
func (h *Head) lineEnd(i int) int {
	if i+1 < h.count {
		return int(h.fields[i+1].start)
	}
	return h.scan - len("\r\n")
}

// nextLine finds the end of the line that begins at h.line, its CRLF not
// counted. The line must end before limit.
func (h *Head) nextLine(limit int, tooLong Error) (end int, ok bool, err Error) {
	window := h.buf[h.scan:min(len(h.buf), limit)]
	i := bytes.IndexByte(window, '\n')
	if i < 0 {
		h.scan += len(window)
		if len(h.buf) >= limit {
			return 0, false, tooLong
		}
		return 0, false, 0
	}
	end = h.scan + i
	if end == h.line || h.buf[end-1] != '\r' {
		return 0, false, ErrBareLF
	}
	h.scan = end + 1
	return end - 1, true, 0
}

// parseFields reads field lines up to the empty one. It is called again when
// there are more bytes.
func (h *Head) parseFields(limits Limits) (ok bool, err Error) {
	for {
		end, ok, err := h.nextLine(limits.Head, ErrHeadTooLong)
		switch {
		case !ok:
			return false, err
		case end == h.line:
			return true, 0
		case h.count == limits.Fields:
			return false, ErrTooManyFields
		}
		if err := h.parseField(end); err != 0 {
			return false, err
		}
		h.line = h.scan
	}
}

// parseField reads the field line buf[h.line:end].
func (h *Head) parseField(end int) Error {
	colon, err := h.nameEnd(end)
	if err != 0 {
		return err
	}
	value := colon + 1
	if err := checkValue(h.buf[value:end]); err != 0 {
		return err
	}
	for value < end && isSpace(h.buf[value]) {
		value++
	}
	trimmed := end
	for trimmed > value && isSpace(h.buf[trimmed-1]) {
		trimmed--
	}
	h.fields[h.count] = field{
		start: offset(h.line), colon: offset(colon), value: offset(value), end: offset(trimmed),
	}
	h.count++
	plain := trimmed == end && (value == colon+1 || value == colon+2 && h.buf[colon+1] == ' ')
	return h.note(h.count-1, plain)
}

// nameEnd is where the name of the field line buf[h.line:end] ends.
func (h *Head) nameEnd(end int) (int, Error) {
	line := h.buf[h.line:end]
	i := 0
	for i < len(line) && octets[line[i]]&inToken != 0 {
		i++
	}
	switch {
	case i == len(line):
		return 0, ErrFieldName
	case line[i] == ':' && i > 0:
		return h.line + i, 0
	case line[i] == '\r':
		return 0, ErrBareCR
	case isSpace(line[i]) && i == 0:
		return 0, ErrFold
	case isSpace(line[i]) && beginsWithColon(trim(line[i:])):
		return 0, ErrSpaceBeforeColon
	}
	return 0, ErrFieldName
}

func beginsWithColon(b []byte) bool { return len(b) > 0 && b[0] == ':' }
