package wire

// Response is the head of a response. The zero value is ready for Parse. What
// its methods return is the caller's buffer, and holds once Parse has said that
// the head is complete.
type Response struct {
	Head
	statusLine
}

// statusLine is where the parts of a status line stand.
type statusLine struct {
	status            int
	reason, reasonEnd int
}

// Reset makes the head ready for the next message.
func (r *Response) Reset() {
	r.state = state{}
	r.statusLine = statusLine{}
}

// Parse reads the head at the beginning of buf, as Request.Parse does.
func (r *Response) Parse(buf []byte, limits Limits) (int, error) {
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
func (r *Response) advance(limits Limits) Error {
	if r.stage == atStart {
		if ok, err := r.parseStart(limits); !ok {
			return err
		}
		r.stage, r.line, r.lines = atFields, r.scan, r.scan
	}
	if ok, err := r.parseFields(limits); !ok {
		return err
	}
	if err := r.settleConnection(); err != 0 {
		return err
	}
	if err := r.settleFraming(); err != 0 {
		return err
	}
	r.stage = atEnd
	return 0
}

// parseStart reads the status line (RFC 9112 §4). Garbage is refused by its
// first bytes.
func (r *Response) parseStart(limits Limits) (ok bool, err Error) {
	const protocol = "HTTP/"
	if known := min(len(r.buf), len(protocol)); string(r.buf[:known]) != protocol[:known] {
		return false, ErrStatusLine
	}
	end, ok, err := r.nextLine(limits.Head, ErrHeadTooLong)
	if !ok {
		return false, err
	}
	if err := r.parseStatusLine(end); err != 0 {
		return false, err
	}
	return true, 0
}

// parseStatusLine reads a status line that ends at end.
func (r *Response) parseStatusLine(end int) Error {
	const version, code = len("HTTP/1.1"), len("HTTP/1.1 200")
	line := r.buf[:end]
	if len(line) < code || line[version] != ' ' || len(line) > code && line[code] != ' ' {
		return ErrStatusLine
	}
	minor, ok := parseVersion(line[:version])
	switch {
	case !ok:
		return ErrStatusLine
	case minor > 1:
		return ErrVersion
	}
	status, ok := parseLength(line[version+1 : code])
	if !ok || status < 100 {
		return ErrStatusLine
	}
	r.minor, r.status = minor, int(status)
	r.reason, r.reasonEnd = min(code+1, end), end
	return checkValue(r.Reason())
}

// Status is the status code: 100 to 999. RFC 9110 §15 ends at 599, but larger
// ones are in use and say nothing of the body.
func (r *Response) Status() int { return r.status }

// Reason is the reason phrase as sent, which may be empty.
func (r *Response) Reason() []byte { return r.buf[r.reason:r.reasonEnd] }

// Interim reports whether another response to the same request follows.
func (r *Response) Interim() bool { return r.status < 200 && r.status != 101 }

// Framing says how the body ends in an answer to a request with the method, by
// the order of RFC 9112 §6.3.
func (r *Response) Framing(method []byte) Framing {
	switch {
	case r.status == 101, string(method) == "CONNECT" && r.status/100 == 2:
		return Framing{Kind: Tunnel}
	case r.status < 200, r.status == 204, r.status == 304, string(method) == "HEAD":
		return Framing{Kind: None}
	}
	return r.declared(UntilClose)
}
