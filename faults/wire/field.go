package wire

// kind is what a field is to a relay.
type kind uint8

const (
	other kind = iota
	connectionField
	contentLengthField
	expectField
	hopField // belongs to the connection, and nothing else is known of it
	hostField
	trailerField
	transferEncodingField
	upgradeField
	lookalikeField // becomes a framing field where underscores become dashes
)

type knownField struct {
	name string
	kind kind
}

// longestKnown is the length of the longest name in knownFields.
const longestKnown = len("proxy-authentication-info")

// knownFields are the fields that a relay treats in a way of its own, by the
// length of their names. Those that concern the connection alone are in RFC 9110
// §7.6.1; the Proxy- fields are between a client and the proxy it talks to
// (§11.7). Trailer and Transfer-Encoding stay with the body, which is forwarded
// as it is.
var knownFields = [longestKnown + 1][]knownField{
	2:  {{"te", hopField}},
	4:  {{"host", hostField}},
	6:  {{"expect", expectField}},
	7:  {{"upgrade", upgradeField}, {"trailer", trailerField}},
	10: {{"connection", connectionField}, {"keep-alive", hopField}},
	14: {{"content-length", contentLengthField}, {"content_length", lookalikeField}},
	16: {{"proxy-connection", hopField}},
	17: {{"transfer-encoding", transferEncodingField}, {"transfer_encoding", lookalikeField}},
	18: {{"proxy-authenticate", hopField}},
	19: {{"proxy-authorization", hopField}},
	25: {{"proxy-authentication-info", hopField}},
}

func kindOf(name []byte) kind {
	if len(name) > longestKnown {
		return other
	}
	candidates := knownFields[len(name)]
	for i := range candidates {
		if isKnown(name, candidates[i].name) {
			return candidates[i].kind
		}
	}
	return other
}

// isKnown reports whether what may stand in a head is a name of knownFields, of the same length. Without
// control characters only the case of a letter can make it differ in the bit of case alone.
func isKnown(name []byte, known string) bool {
	const caseBit = 'a' - 'A'
	for i := range len(known) {
		if name[i]|caseBit != known[i]|caseBit {
			return false
		}
	}
	return true
}

func (h *Head) has(k kind) bool { return h.present&(1<<k) != 0 }

// note takes down what the ith field says of the message. A plain value has at
// most one space before it and none after.
func (h *Head) note(i int, plain bool) Error {
	f := &h.fields[i]
	name, value := h.Field(i)
	f.kind = kindOf(name)
	repeated := h.has(f.kind)
	h.present |= 1 << f.kind
	switch f.kind {
	case connectionField, hopField, upgradeField:
		f.hop, h.hops = true, true
	case contentLengthField:
		return h.noteContentLength(value, plain, repeated)
	case transferEncodingField:
		return noteTransferEncoding(value, plain, repeated)
	case trailerField:
		return checkAnnounced(value)
	case lookalikeField:
		return ErrFieldName
	case hostField:
		if !repeated {
			h.host = i
		}
		h.hosts++
	case other, expectField:
	}
	return 0
}

// noteContentLength reads the one Content-Length (RFC 9110 §8.6).
func (h *Head) noteContentLength(value []byte, plain, repeated bool) Error {
	length, ok := parseLength(value)
	switch {
	case repeated:
		return ErrContentLengthRepeated
	case !plain || !ok:
		return ErrContentLength
	}
	h.contentLength = length
	return 0
}

// noteTransferEncoding checks the one Transfer-Encoding (RFC 9112 §6.1).
func noteTransferEncoding(value []byte, plain, repeated bool) Error {
	switch {
	case repeated:
		return ErrTransferEncodingRepeated
	case !plain:
		return ErrTransferEncoding
	case equalFold(value, "chunked"):
		return 0
	}
	return checkCodings(value)
}

// checkCodings says why a Transfer-Encoding other than chunked is refused: the
// body has an end that this package could find, or it has none (RFC 9112 §6.3).
func checkCodings(list []byte) Error {
	for {
		var coding []byte
		coding, list = nextElement(list)
		chunked := equalFold(coding, "chunked")
		switch {
		case !isToken(coding), chunked && list != nil, !chunked && list == nil:
			return ErrTransferEncoding
		case list == nil:
			return ErrTransferCoding
		}
	}
}

// checkAnnounced refuses a Trailer that announces what may not be one.
func checkAnnounced(list []byte) Error {
	for list != nil {
		var name []byte
		if name, list = nextElement(list); kindOf(name) != other {
			return ErrTrailer
		}
	}
	return 0
}

// nextElement cuts the first element off a list (RFC 9110 §5.6.1). The rest is
// nil after the last one.
func nextElement(list []byte) (element, rest []byte) {
	for i, c := range list {
		if c == ',' {
			return trim(list[:i]), list[i+1:]
		}
	}
	return trim(list), nil
}
