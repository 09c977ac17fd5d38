package proxy

// records keeps account of the records of TLS in what is read (RFC 8446 §5.1).
type records struct {
	// header is the beginning of a record's header, of which had bytes have come;
	// left is how much of the record is still to come behind that.
	header [recordHeader]byte
	had    int
	left   int
	// ended is how many records the last read completed.
	ended int
}

// recordHeader is the length of a header: the last two bytes are the record's.
const recordHeader = 5

// pass notes what one read has brought.
func (r *records) pass(p []byte) {
	r.ended = 0
	for len(p) > 0 {
		if r.had < recordHeader {
			n := copy(r.header[r.had:], p)
			r.had += n
			if p = p[n:]; r.had < recordHeader {
				return
			}
			r.left = int(r.header[3])<<8 | int(r.header[4])
		}
		n := min(r.left, len(p))
		r.left -= n
		if p = p[n:]; r.left == 0 {
			r.had = 0
			r.ended++
		}
	}
}

// settled reports whether who has used up what one record had, of those that
// came last, has nothing left.
func (r *records) settled() bool { return r.had == 0 && r.ended <= 1 }
