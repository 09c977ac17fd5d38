package media

import (
	"bytes"
	"encoding/binary"
	"time"
)

// A frame of silence: MPEG-1 Layer III, 32 kbit/s, 44.1 kHz, mono, without
// padding (ISO 11172-3, 2.4.1). Side information of zeros says that there is
// nothing to play, and main data follows none.
const (
	frameSize       = 144 * 32_000 / 44_100
	samplesPerFrame = 1152
	sampleRate      = 44_100
)

var frameHead = [4]byte{0xFF, 0xFB, 0x10, 0xC4}

// MP3 returns silence of about so long: whole frames, at least one.
func MP3(length time.Duration) []byte {
	frames := max(1, int(length.Seconds()*sampleRate/samplesPerFrame))
	var frame [frameSize]byte
	copy(frame[:], frameHead[:])
	return bytes.Repeat(frame[:], frames)
}

// timestampOwner marks the tag that packed audio begins with (RFC 8216,
// 3.4).
const timestampOwner = "com.apple.streaming.transportStreamTimestamp"

// clockRate is that of the timestamps of MPEG-2, in Hz.
const clockRate = 90_000

// Segment returns a part of a stream as packed audio: MP3 behind a tag that
// says where in the stream it begins.
func Segment(start, length time.Duration) []byte {
	var owner []byte
	owner = append(owner, timestampOwner...)
	owner = append(owner, 0)
	// 33 bits count, then they begin again.
	stamp := uint64(start.Seconds()*clockRate) & (1<<33 - 1)
	return append(id3("PRIV", binary.BigEndian.AppendUint64(owner, stamp)), MP3(length)...)
}

// id3 writes a tag of ID3v2.4 with one frame.
func id3(name string, content []byte) []byte {
	tag := append([]byte("ID3"), 4, 0, 0)
	tag = append(tag, syncSafe(len(content)+10)...)
	tag = append(tag, name...)
	tag = append(tag, syncSafe(len(content))...)
	return append(append(tag, 0, 0), content...)
}

// syncSafe writes a size below 256 MB in four times seven bits.
func syncSafe(n int) []byte {
	return []byte{byte(n >> 21 & 0x7F), byte(n >> 14 & 0x7F), byte(n >> 7 & 0x7F), byte(n & 0x7F)}
}
