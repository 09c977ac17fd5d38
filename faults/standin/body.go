package standin

import (
	"bytes"
	"errors"
	"io"
)

const (
	// maxBody bounds a request body, in bytes.
	maxBody = 1 << 20
	// maxExcess bounds what is still taken of a longer one, in bytes.
	maxExcess = 64 << 20
)

// errTooLong ends a body that is over maxBody.
var errTooLong = errors.New("the body is over 1 MB")

// received is a body that has arrived: what was kept of it, and then why there
// is no more.
type received struct {
	kept *bytes.Reader
	end  error
}

// receive takes the whole of a body before anything is answered. Most clients
// read nothing until they have sent everything, and would lose an answer that
// is followed by the end of the connection. A body that is too long is thrown
// away.
func receive(body io.Reader) *received {
	kept, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err == nil && len(kept) > maxBody:
		// An error means that the client is gone.
		_, _ = io.CopyN(io.Discard, body, maxExcess)
		kept, err = nil, errTooLong
	case err == nil:
		err = io.EOF
	}
	return &received{bytes.NewReader(kept), err}
}

// Read implements [io.Reader].
func (b *received) Read(p []byte) (int, error) {
	n, err := b.kept.Read(p)
	if err != nil {
		err = b.end
	}
	return n, err
}

// Close implements [io.Closer].
func (*received) Close() error { return nil }
