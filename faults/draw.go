package faults

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// purpose keeps draws for different ends apart, so that one place gives
// independent figures for each of them.
type purpose uint64

const (
	// purposeExchange is the draw that terminal faults share on one exchange.
	purposeExchange purpose = iota + 1
	// purposeCall is the draw that terminal faults with attempts share on one call.
	purposeCall
	// purposeDelay says whether a delay fires.
	purposeDelay
	// purposeWait says how long it lasts.
	purposeWait
	// purposeConnection is the draw that breaks at accept share on one connection.
	purposeConnection
	// purposeSpoil says whether a spoil fires.
	purposeSpoil
	// purposeSpoilKey is the key of what it draws.
	purposeSpoilKey
	// purposeMarker is the text by which an answer is known again.
	purposeMarker
)

// draw returns a figure in [0, 1) that depends on its arguments alone.
func draw(seed uint64, p purpose, subject, fingerprint, occurrence uint64) float64 {
	const mantissa = 53
	return float64(keyed(seed, p, subject, fingerprint, occurrence)>>(64-mantissa)) / (1 << mantissa)
}

// keyed returns 64 bits that depend on its arguments alone.
func keyed(seed uint64, p purpose, subject, fingerprint, occurrence uint64) uint64 {
	var key [40]byte
	binary.LittleEndian.PutUint64(key[0:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(p))
	binary.LittleEndian.PutUint64(key[16:], subject)
	binary.LittleEndian.PutUint64(key[24:], fingerprint)
	binary.LittleEndian.PutUint64(key[32:], occurrence)
	return xxhash.Sum64(key[:])
}
