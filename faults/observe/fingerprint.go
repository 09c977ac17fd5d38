package observe

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// Fingerprint is the identity of the content of a request: two requests with the
// same fingerprint are the same to whoever did not send them. Each part goes in with its length,
// so that no two different lists of parts are alike before they are hashed.
//
// With Client.Stable as client it is the same in every run.
func Fingerprint(client, method, target, bodyDigest string) uint64 {
	var h xxhash.Digest
	h.Reset()
	writePart(&h, client)
	writePart(&h, method)
	writePart(&h, target)
	writePart(&h, bodyDigest)
	return h.Sum64()
}

func writePart(h *xxhash.Digest, part string) {
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
	_, _ = h.Write(length[:])
	_, _ = h.WriteString(part)
}
