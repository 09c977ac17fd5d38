package wire

// Edit is a field that a rewritten head has, whatever the original had.
type Edit struct {
	// Name is the name, which is compared without regard to case.
	Name string
	// Value is the value; nil leaves the field out.
	Value []byte
}

// AppendHead appends the head without the fields that belong to the connection
// and with the edits made: an edited field takes the place and the spelling of
// the first of its name, later ones are left out, and those that were not there
// come last. A field of the connection that is edited stays. All other bytes
// are as sent, but an empty line before the head is dropped. It does not
// allocate when dst has room. An edit that would not make one field is refused
// with ErrFieldName, ErrBareCR or ErrControl.
func (r *Request) AppendHead(dst []byte, edits ...Edit) ([]byte, error) {
	if err := checkEdits(edits); err != 0 {
		return dst, err
	}
	dst = append(dst, r.buf[r.first:r.lines]...)
	return r.appendFields(dst, edits), nil
}

// AppendOriginForm is AppendHead with the target in the form that origins are
// sent (RFC 9112 §3.2.1, §3.2.4): an absolute URI without its scheme and
// authority, any other target as it is. The caller sets Host to the Authority.
func (r *Request) AppendOriginForm(dst []byte, edits ...Edit) ([]byte, error) {
	if err := checkEdits(edits); err != 0 {
		return dst, err
	}
	dst = append(dst, r.buf[r.first:r.target]...)
	if r.form == AbsoluteForm && (r.path == r.targetEnd || r.buf[r.path] == '?') {
		if r.path == r.targetEnd && string(r.Method()) == "OPTIONS" {
			dst = append(dst, '*')
		} else {
			dst = append(dst, '/')
		}
	}
	dst = append(dst, r.buf[r.path:r.lines]...)
	return r.appendFields(dst, edits), nil
}

// AppendHead appends the head as Request.AppendHead does.
func (r *Response) AppendHead(dst []byte, edits ...Edit) ([]byte, error) {
	if err := checkEdits(edits); err != 0 {
		return dst, err
	}
	dst = append(dst, r.buf[r.first:r.lines]...)
	return r.appendFields(dst, edits), nil
}

// appendFields appends the fields and the empty line. Lines that stay are
// appended together, up to one that does not.
func (h *Head) appendFields(dst []byte, edits []Edit) []byte {
	if !h.hops && len(edits) == 0 {
		return append(dst, h.buf[h.lines:h.scan]...)
	}
	from := h.lines
	for i := range h.fields[:h.count] {
		f := &h.fields[i]
		edit := editOf(edits, h.buf[f.start:f.colon])
		if edit == nil && !f.hop {
			continue
		}
		dst = append(dst, h.buf[from:f.start]...)
		from = h.lineEnd(i)
		if edit != nil && edit.Value != nil && h.index(edit.Name) == i {
			dst = appendField(dst, h.buf[f.start:f.colon], edit.Value)
		}
	}
	dst = append(dst, h.buf[from:h.scan-len("\r\n")]...)
	for i := range edits {
		if edits[i].Value != nil && h.index(edits[i].Name) < 0 {
			dst = appendField(dst, edits[i].Name, edits[i].Value)
		}
	}
	return append(dst, "\r\n"...)
}

func appendField[N octetString](dst []byte, name N, value []byte) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

// editOf is the first edit for that name, nil for none.
func editOf(edits []Edit, name []byte) *Edit {
	for i := range edits {
		if equalFold(edits[i].Name, name) {
			return &edits[i]
		}
	}
	return nil
}

// checkEdits keeps edits from ending their line, and so from being more than
// one field.
func checkEdits(edits []Edit) Error {
	for i := range edits {
		name := edits[i].Name
		for j := range len(name) {
			if octets[name[j]]&inToken == 0 {
				return ErrFieldName
			}
		}
		if name == "" {
			return ErrFieldName
		}
		if err := checkValue(edits[i].Value); err != 0 {
			return err
		}
	}
	return 0
}
