package wire

// Kind is how a body ends.
type Kind uint8

// The kinds. They are a closed set.
const (
	// None is no body: the message ends with its head.
	None Kind = iota
	// Length is a body of a declared length, which may be 0.
	Length
	// Chunked is a body in the chunked transfer coding.
	Chunked
	// UntilClose is a body that ends with the connection.
	UntilClose
	// Tunnel is no longer HTTP: bytes pass both ways until both ends close. In a
	// request it means CONNECT, and holds once the answer is 2xx.
	Tunnel
)

// Framing says how the body of a message ends (RFC 9112 §6.3).
type Framing struct {
	Kind Kind
	// Length is the length in bytes when Kind is Length, else 0.
	Length int64
}

// settleFraming refuses heads that tell of a body in two ways.
func (h *Head) settleFraming() Error {
	if !h.has(transferEncodingField) {
		return 0
	}
	switch {
	case h.has(contentLengthField):
		return ErrLengthAndEncoding
	case h.minor == 0:
		return ErrTransferEncodingVersion
	}
	return 0
}

// declared is the framing that the fields declare, otherwise if they do not.
func (h *Head) declared(otherwise Kind) Framing {
	switch {
	case h.has(transferEncodingField):
		return Framing{Kind: Chunked}
	case h.has(contentLengthField):
		return Framing{Kind: Length, Length: h.contentLength}
	}
	return Framing{Kind: otherwise}
}

// parseLength reads a number of digits alone, without a leading zero, below
// 2^63.
func parseLength(b []byte) (length int64, ok bool) {
	const maxDigits = len("9223372036854775807")
	if len(b) == 0 || len(b) > maxDigits || b[0] == '0' && len(b) > 1 {
		return 0, false
	}
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		length = length*10 + int64(c-'0')
		if length < 0 {
			return 0, false
		}
	}
	return length, true
}
