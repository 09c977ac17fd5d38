package wire

// trailers is where in a trailer section a Body is (RFC 9112 §7.1.2).
type trailers struct {
	// size and count are what the section has had so far.
	size, count int
	// name is the beginning of the name of this field, long enough to know the
	// known ones by, and length how many octets the whole of it has had.
	name   [longestKnown]byte
	length int
}

// trailerOctet takes one octet of the section or of its end.
func (b *Body) trailerOctet(c byte) Error {
	if b.size++; b.size > b.limits.Head {
		return ErrTrailerTooLong
	}
	switch b.step {
	case beforeTrailer:
		if c == '\r' {
			b.step = atLastLF
			return 0
		}
		if b.count++; b.count > b.limits.Fields {
			return ErrTooManyFields
		}
		b.step, b.length = inTrailerName, 0
		return b.trailerNameOctet(c)
	case inTrailerName:
		return b.trailerNameOctet(c)
	case inTrailerValue:
		return b.trailerValueOctet(c)
	default:
		return b.endTrailer(c)
	}
}

func (b *Body) trailerNameOctet(c byte) Error {
	switch {
	case octets[c]&inToken != 0:
		if b.length < len(b.name) {
			b.name[b.length] = c
		}
		b.length++
		return 0
	case c != ':' || b.length == 0:
		return ErrTrailer
	case b.length <= len(b.name) && kindOf(b.name[:b.length]) != other:
		return ErrTrailer
	}
	b.step = inTrailerValue
	return 0
}

func (b *Body) trailerValueOctet(c byte) Error {
	switch {
	case c == '\r':
		b.step = afterTrailer
	case octets[c]&inValue == 0:
		return ErrTrailer
	}
	return 0
}

// endTrailer ends a line, and with the empty one the body.
func (b *Body) endTrailer(c byte) Error {
	if c != '\n' {
		return ErrTrailer
	}
	b.done = b.step == atLastLF
	b.step = beforeTrailer
	return 0
}
