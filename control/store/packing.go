package store

import (
	"fmt"

	"github.com/klauspost/compress/s2"
)

// packingS2 is what headerPacking says of a batch whose forms are one block of S2, "" of one whose forms are as they are.
//
// Attempts that follow one another are much alike, down to a tenth and less: packing them costs less than what it saves in
// copies, checksums and writes on their way to the disk.
const packingS2 = "s2"

// mostUnpacked bounds what a batch may unpack to, in bytes. None that was sent comes near it.
const mostUnpacked = 16 << 20

// pack returns the forms of a batch packed, in memory that the next call uses again.
func (b *batch) pack() []byte {
	if need := s2.MaxEncodedLen(len(b.forms)); cap(b.packed) < need {
		b.packed = make([]byte, need)
	}
	b.packed = s2.Encode(b.packed[:cap(b.packed)], b.forms)
	return b.packed
}

// unpackForms returns the forms of a batch that was packed in that way.
func unpackForms(packing string, data []byte) ([]byte, error) {
	switch packing {
	case "":
		return data, nil
	case packingS2:
		length, err := s2.DecodedLen(data)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		if length > mostUnpacked {
			return nil, fmt.Errorf("unpack: the forms have %d bytes, want at most %d", length, mostUnpacked)
		}
		return s2.Decode(nil, data)
	default:
		return nil, fmt.Errorf("unpack: the packing is %q, want %q", packing, packingS2)
	}
}
