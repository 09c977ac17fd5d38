package observe

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// Digest takes the digest of a request body as it streams by. Make one with
// NewDigest; it can be used again after Reset.
//
// Nothing of a body is kept but its digest and length, so that the secrets in a token
// request do not reach a journal. A digest does show that two bodies are equal,
// and whoever can guess a body can confirm the guess.
type Digest struct {
	hash   hash.Hash
	length int64
}

// NewDigest makes the digest of nothing.
func NewDigest() *Digest { return &Digest{hash: sha256.New()} }

// Write takes in the next part of the body. It never fails.
func (d *Digest) Write(part []byte) (int, error) {
	d.length += int64(len(part))
	return d.hash.Write(part)
}

// Sum is 16 hex digits of a SHA-256 of what was written, "" when that was nothing.
// Writing may go on afterwards.
func (d *Digest) Sum() string {
	if d.length == 0 {
		return ""
	}
	var sum [sha256.Size]byte
	d.hash.Sum(sum[:0])
	return hex.EncodeToString(sum[:8])
}

// Length counts the bytes that were written.
func (d *Digest) Length() int64 { return d.length }

// Reset makes d the digest of nothing again.
func (d *Digest) Reset() {
	d.hash.Reset()
	d.length = 0
}
