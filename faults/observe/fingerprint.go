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
	var room [256]byte // which most fit into
	parts := room[:0]
	parts = appendPart(parts, client)
	parts = appendPart(parts, method)
	parts = appendPart(parts, target)
	return xxhash.Sum64(appendPart(parts, bodyDigest))
}

func appendPart(parts []byte, part string) []byte {
	return append(binary.LittleEndian.AppendUint64(parts, uint64(len(part))), part...)
}
