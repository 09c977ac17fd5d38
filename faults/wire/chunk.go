package wire

// chunked is where in the chunked coding a Body is (RFC 9112 §7.1).
type chunked struct {
	step step
	// digits counts those of the size, extension the octets of the extensions of
	// this chunk.
	digits, extension int
	// overhead is by how much extensions outweigh data so far, never below 0.
	overhead int64
	trailers
}

// step is what the next octet belongs to.
type step uint8

const (
	inSize step = iota
	inExtension
	inQuoted
	inEscaped
	afterSize
	inData
	afterData
	afterDataCR
	beforeTrailer
	inTrailerName
	inTrailerValue
	afterTrailer
	atLastLF
)

// octet takes one octet that is not data.
func (b *Body) octet(c byte) Error {
	switch b.step {
	case inSize:
		return b.sizeOctet(c)
	case inExtension, inQuoted, inEscaped:
		return b.extensionOctet(c)
	case afterSize:
		return b.endSize(c)
	case afterData:
		return b.expect(c, '\r', afterDataCR)
	case afterDataCR:
		return b.expect(c, '\n', inSize)
	case inData:
	case beforeTrailer, inTrailerName, inTrailerValue, afterTrailer, atLastLF:
		return b.trailerOctet(c)
	}
	return 0
}

// expect goes on when the octet is the one that must follow the data of a chunk.
func (b *Body) expect(c, wanted byte, next step) Error {
	if c != wanted {
		return ErrChunkEnd
	}
	b.step = next
	return 0
}

// sizeOctet reads the size. 15 digits cannot overflow and are enough for 2^60
// bytes.
func (b *Body) sizeOctet(c byte) Error {
	const maxDigits = 15
	if digit, ok := hexDigit(c); ok {
		if b.digits++; b.digits > maxDigits {
			return ErrChunkSize
		}
		b.left = b.left<<4 | int64(digit)
		return 0
	}
	switch {
	case b.digits == 0:
		return ErrChunkSize
	case c == '\r':
		b.step = afterSize
	case c == ';':
		b.step = inExtension
		b.extension = 1
	default:
		return ErrChunkSize
	}
	return 0
}

// extensionOctet passes over extensions (RFC 9112 §7.1.1). Nothing here reads
// them, but a quoted string that is open where the line ends would end
// elsewhere for a reader that does.
func (b *Body) extensionOctet(c byte) Error {
	if c == '\r' && b.step == inExtension {
		b.step = afterSize
		return 0
	}
	b.extension++
	if octets[c]&inValue == 0 || b.extension > maxExtension {
		return ErrChunkExtension
	}
	switch {
	case b.step == inEscaped, c == '"' && b.step == inExtension:
		b.step = inQuoted
	case b.step == inQuoted && c == '"':
		b.step = inExtension
	case b.step == inQuoted && c == '\\':
		b.step = inEscaped
	}
	return 0
}

// endSize ends the line of the size. Data pays for extensions: a signature on
// every chunk is fine, a flood of extensions around single bytes is not.
func (b *Body) endSize(c byte) Error {
	if c != '\n' {
		return ErrChunkSize
	}
	b.overhead = max(0, b.overhead+int64(b.extension)-b.left)
	if b.overhead > maxOverhead {
		return ErrChunkExtension
	}
	b.digits, b.extension = 0, 0
	b.step = inData
	if b.left == 0 {
		b.step = beforeTrailer
	}
	return 0
}
