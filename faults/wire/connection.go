package wire

// options are the connection options that mean something here.
type options uint8

const (
	closeOption options = 1 << iota
	keepAliveOption
	upgradeOption
)

// settleConnection reads the options of all Connection fields and marks the
// fields they name (RFC 9110 §7.6.1).
func (h *Head) settleConnection() Error {
	if !h.has(connectionField) {
		return 0
	}
	read := 0
	for i := range h.fields[:h.count] {
		if h.fields[i].kind != connectionField {
			continue
		}
		_, list := h.Field(i)
		for list != nil {
			var option []byte
			option, list = nextElement(list)
			if read++; read > maxOptions {
				return ErrConnection
			}
			if err := h.noteOption(option); err != 0 {
				return err
			}
		}
	}
	return 0
}

// noteOption takes down one option. Lists may have empty elements.
func (h *Head) noteOption(option []byte) Error {
	if len(option) == 0 {
		return 0
	}
	if !isToken(option) {
		return ErrConnection
	}
	switch {
	case equalFold(option, "close"):
		h.options |= closeOption
	case equalFold(option, "keep-alive"):
		h.options |= keepAliveOption
	case equalFold(option, "upgrade"):
		h.options |= upgradeOption
	}
	for i := range h.fields[:h.count] {
		f := &h.fields[i]
		if int(f.colon-f.start) == len(option) && equalFold(h.buf[f.start:f.colon], option) {
			f.hop, h.hops = true, true
		}
	}
	switch kindOf(option) {
	case hostField, contentLengthField, transferEncodingField, lookalikeField:
		return ErrConnection
	default:
		return 0
	}
}

// Persistent reports whether the sender will go on with the connection after
// this message (RFC 9112 §9.3). A body that ends with the connection says
// otherwise whatever the head says.
func (h *Head) Persistent() bool {
	if h.options&closeOption != 0 {
		return false
	}
	return h.minor == 1 || h.options&keepAliveOption != 0
}

// Upgrade is the list of protocols that a request asks to switch to or a
// response agrees to. It is not ok when there is none, when Connection does not
// name it, and in HTTP/1.0 (RFC 9110 §7.8).
func (h *Head) Upgrade() (protocols []byte, ok bool) {
	if h.minor == 0 || h.options&upgradeOption == 0 || !h.has(upgradeField) {
		return nil, false
	}
	return h.Lookup("upgrade")
}
