package observe

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/cespare/xxhash/v2"
)

// Digest takes the digest of a request body as it streams by. The zero value is
// the digest of nothing; it can be used again after Reset, and then costs no
// allocation. A body that is empty costs nothing at all.
//
// Nothing of a body is kept but its digest and length, so that the secrets in a token
// request do not reach a journal. A digest does show that two bodies are equal,
// and whoever can guess a body can confirm the guess.
type Digest struct {
	hash   hash.Hash
	length int64
	// tail takes in what follows the first wholeDigest bytes.
	tail xxhash.Digest
	// sum is room for a SHA-256, text the digits of the first textLength bytes.
	sum        [sha256.Size]byte
	text       [digestDigits]byte
	textLength int64
}

const (
	// digestDigits is the length of a digest, in hex digits.
	digestDigits = 16
	// wholeDigest is how much of a body goes into the SHA-256 itself, in bytes. Of what
	// follows a 64 bit hash goes in: SHA-256 of 1 MB takes longer than to relay it. That still
	// gives nothing back, since the SHA-256 is taken of that hash too.
	wholeDigest = 64 << 10
)

// NewDigest makes the digest of nothing.
func NewDigest() *Digest { return &Digest{} }

// Write takes in the next part of the body. It never fails.
func (d *Digest) Write(part []byte) (int, error) {
	n := len(part)
	if n == 0 {
		return 0, nil
	}
	if d.hash == nil {
		d.hash = sha256.New()
	}
	if room := wholeDigest - d.length; room > 0 {
		whole := min(room, int64(n))
		_, _ = d.hash.Write(part[:whole]) // never fails
		part = part[whole:]
	}
	if len(part) > 0 {
		d.writeTail(part)
	}
	d.length += int64(n)
	return n, nil
}

func (d *Digest) writeTail(part []byte) {
	if d.length <= wholeDigest {
		d.tail.Reset()
	}
	_, _ = d.tail.Write(part) // never fails
}

// Sum is 16 hex digits of a SHA-256 of what was written, "" when that was nothing. What
// follows the first 64 kB goes in by a 64 bit hash.
// Writing may go on afterwards.
func (d *Digest) Sum() string { return string(d.digits()) }

// AppendSum appends what Sum returns.
func (d *Digest) AppendSum(dst []byte) []byte { return append(dst, d.digits()...) }

// View is Sum without a copy: the text holds until the next Write or Reset. It costs nothing
// when nothing was written since the last sum.
func (d *Digest) View() string { return view(d.digits()) }

// digits returns the digest in hex digits.
func (d *Digest) digits() []byte {
	if d.length == 0 {
		return nil
	}
	if d.textLength != d.length {
		hex.Encode(d.text[:], d.summed()[:digestDigits/2])
		d.textLength = d.length
	}
	return d.text[:]
}

func (d *Digest) summed() []byte {
	sum := d.hash.Sum(d.sum[:0])
	if d.length <= wholeDigest {
		return sum
	}
	var both [sha256.Size + 8]byte
	copy(both[:], sum)
	binary.LittleEndian.PutUint64(both[sha256.Size:], d.tail.Sum64())
	d.sum = sha256.Sum256(both[:])
	return d.sum[:]
}

// Length counts the bytes that were written.
func (d *Digest) Length() int64 { return d.length }

// Reset makes d the digest of nothing again.
func (d *Digest) Reset() {
	if d.length > 0 {
		d.hash.Reset()
	}
	d.length, d.textLength = 0, 0
}
