package inject

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// noise returns the nth figure of the endless row that belongs to key.
func noise(key, n uint64) uint64 {
	var row [16]byte
	binary.LittleEndian.PutUint64(row[:], key)
	binary.LittleEndian.PutUint64(row[8:], n)
	return xxhash.Sum64(row[:])
}

// unit makes a figure in [0, 1) of the upper bits of noise.
func unit(noise uint64) float64 {
	const mantissa = 53
	return float64(noise>>(64-mantissa)) / (1 << mantissa)
}
