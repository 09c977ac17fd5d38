package wire

import "bytes"

// Request is the head of a request. The zero value is ready for Parse. What its
// methods return is the caller's buffer, and holds once Parse has said that the
// head is complete.
type Request struct {
	Head
	requestLine
}

// requestLine is where the parts of a request line stand.
type requestLine struct {
	methodEnd, target, targetEnd int
	// host and path are where the authority and the path begin in a target in
	// absolute form.
	authority, path int
	form            Form
	secure          bool
}

// Reset makes the head ready for the next message.
func (r *Request) Reset() {
	r.state = state{}
	r.requestLine = requestLine{}
}

// Parse reads the head at the beginning of buf. It returns the length of the
// head once it is complete, 0 and no error while more bytes are needed, and an
// Error when it is refused. It is called again with all bytes so far and more,
// wherever they stand by then, and takes up where it stopped; limits stay the
// same. Bytes after the head are not looked at.
func (r *Request) Parse(buf []byte, limits Limits) (int, error) {
	r.buf = buf
	if r.err == 0 && r.stage != atEnd {
		r.err = r.advance(limits.effective())
	}
	if r.err != 0 {
		return 0, r.err
	}
	return r.Size(), nil
}

// advance reads as far as the bytes go.
func (r *Request) advance(limits Limits) Error {
	if r.stage == atStart {
		if ok, err := r.parseStart(limits); !ok {
			return err
		}
		r.stage, r.line, r.lines = atFields, r.scan, r.scan
	}
	if ok, err := r.parseFields(limits); !ok {
		return err
	}
	if err := r.settle(); err != 0 {
		return err
	}
	r.stage = atEnd
	return 0
}

// parseStart reads the request line (RFC 9112 §3).
func (r *Request) parseStart(limits Limits) (ok bool, err Error) {
	if ok, err := r.skipEmptyLine(); !ok {
		return false, err
	}
	if ok, err := r.parseMethod(); !ok {
		return false, err
	}
	limit, tooLong := limits.Head, ErrHeadTooLong
	if most := r.first + maxMethod + limits.Target + len("  HTTP/1.1\r\n"); most < limit {
		limit, tooLong = most, ErrTargetTooLong
	}
	end, ok, err := r.nextLine(limit, tooLong)
	if !ok {
		return false, err
	}
	if err := r.parseTargetAndVersion(end, limits); err != 0 {
		return false, err
	}
	return true, 0
}

// skipEmptyLine passes over one empty line before the request line, which some
// clients send after a body (RFC 9112 §2.2).
func (r *Request) skipEmptyLine() (ok bool, err Error) {
	rest := r.buf[r.first:]
	switch {
	case len(rest) == 0:
		return false, 0
	case rest[0] == '\n':
		return false, ErrBareLF
	case rest[0] != '\r':
		return true, 0
	case len(rest) == 1:
		return false, 0
	case rest[1] != '\n':
		return false, ErrBareCR
	case r.first > 0:
		return false, ErrLeadingLines
	}
	r.first, r.line, r.scan = 2, 2, 2
	return r.skipEmptyLine()
}

// parseMethod reads the method up to its space, and refuses garbage (TLS, say)
// by its first bytes and not only when a line has come.
func (r *Request) parseMethod() (ok bool, err Error) {
	for i, c := range r.buf[r.first:min(len(r.buf), r.first+maxMethod+1)] {
		switch {
		case c == ' ' && i > 0:
			r.methodEnd = r.first + i
			return true, 0
		case i == maxMethod:
			return false, ErrMethodTooLong
		case octets[c]&inToken == 0:
			return false, ErrMethod
		}
	}
	return false, 0
}

// parseTargetAndVersion reads what follows the method in a line that ends at
// end.
func (r *Request) parseTargetAndVersion(end int, limits Limits) Error {
	r.target = r.methodEnd + 1
	rest := r.buf[r.target:end]
	space := bytes.IndexByte(rest, ' ')
	if space <= 0 {
		return ErrRequestLine
	}
	minor, ok := parseVersion(rest[space+1:])
	switch {
	case !ok:
		return ErrRequestLine
	case minor > 1:
		return ErrVersion
	case space > limits.Target:
		return ErrTargetTooLong
	}
	r.minor, r.targetEnd = minor, r.target+space
	return r.parseTarget()
}

// unknownMinor stands for every version but 1.0 and 1.1.
const unknownMinor = 2

// parseVersion reads a version (RFC 9112 §2.3).
func parseVersion(b []byte) (minor uint8, ok bool) {
	if len(b) != len("HTTP/1.1") || string(b[:5]) != "HTTP/" || !isDigit(b[5]) || b[6] != '.' || !isDigit(b[7]) {
		return 0, false
	}
	if b[5] != '1' || b[7] > '1' {
		return unknownMinor, true
	}
	return b[7] - '0', true
}

// settle holds the fields of a complete head against each other.
func (r *Request) settle() Error {
	if err := r.settleConnection(); err != 0 {
		return err
	}
	if err := r.settleFraming(); err != 0 {
		return err
	}
	if err := r.settleHost(); err != 0 {
		return err
	}
	if r.form == AuthorityForm && (r.has(transferEncodingField) || r.contentLength > 0) {
		return ErrConnectBody
	}
	return 0
}

// settleHost checks Host (RFC 9112 §3.2).
func (r *Request) settleHost() Error {
	if !r.has(hostField) {
		if r.minor == 1 {
			return ErrHostMissing
		}
		return 0
	}
	if r.hosts > 1 {
		return ErrHostRepeated
	}
	if _, value := r.Field(r.host); !isAuthority(value) {
		return ErrHost
	}
	return 0
}

// Method is the method as sent.
func (r *Request) Method() []byte { return r.buf[r.first:r.methodEnd] }

// Framing says how the body ends. A request without a declared body has none,
// and CONNECT asks for a tunnel (RFC 9110 §9.3.6).
func (r *Request) Framing() Framing {
	if r.form == AuthorityForm {
		return Framing{Kind: Tunnel}
	}
	return r.declared(None)
}

// ExpectContinue reports whether the client waits for a 100 before it sends the
// body. In HTTP/1.0 the expectation is to be ignored (RFC 9110 §10.1.1).
func (r *Request) ExpectContinue() bool {
	if r.minor == 0 || !r.has(expectField) {
		return false
	}
	for i := range r.count {
		name, list := r.Field(i)
		for list != nil && kindOf(name) == expectField {
			var element []byte
			if element, list = nextElement(list); equalFold(element, "100-continue") {
				return true
			}
		}
	}
	return false
}
