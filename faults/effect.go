package faults

import "github.com/groovechaos/groovechaos/faults/groove"

// SoftError is the effect that puts an Error object into the real answer of
// the upstream, when that is a 200 with a Groove body. The rest of the answer
// stays: partial or degraded results.
type SoftError struct {
	// ErrorCode is a documented code; "" takes COLLECTION_SOME_OPERATIONS_FAILED
	// when Items is given, else what the endpoint sends in a 200.
	ErrorCode groove.ErrorCode
	// Message is the optional contextual text of the Error object.
	Message string
	// Items is the share of the results of a batch write that fail, each for
	// itself and at least one, 0 to 1; nil leaves the results as they are.
	Items *float64
	// ItemCode is the documented code of a failed result; "" stands for
	// COLLECTION_INVALID_ID.
	ItemCode groove.ErrorCode
}

// Break is the effect that ends or silences the client's connection.
type Break struct {
	How BreakKind
	At  BreakPoint
}

// BreakKind says what becomes of the connection.
type BreakKind string

// The kinds. They are a closed set.
const (
	// BreakReset ends it by a reset (a TCP segment with RST).
	BreakReset BreakKind = "reset"
	// BreakClose ends it in order (a TCP segment with FIN).
	BreakClose BreakKind = "close"
	// BreakHang keeps it open and silent until the client leaves or the fault
	// goes; then the exchange goes on where it stopped.
	BreakHang BreakKind = "hang"
)

// BreakPoint says when it happens.
type BreakPoint string

// The points, in the order of an exchange. They are a closed set.
const (
	// BreakAccept is when the connection is accepted, before a byte is read.
	// Nothing is known of a request, so the match must be empty.
	BreakAccept BreakPoint = "accept"
	// BreakBefore is before the upstream has seen the request. It is what "" stands for.
	BreakBefore BreakPoint = "before"
	// BreakAfter is when the upstream has answered: the lost answer.
	BreakAfter BreakPoint = "after"
	// BreakAfterHead is when the head of the answer is sent.
	BreakAfterHead BreakPoint = "after_head"
	// BreakMidBody is when about half of the body is sent, and at least one byte
	// of it if it has one.
	BreakMidBody BreakPoint = "mid_body"
)

// Throttle is the effect that sends the body of the answer slowly.
type Throttle struct {
	// BytesPerSecond is the rate, 1 or more.
	BytesPerSecond uint64
	// Chunk is how many bytes are sent at once, 1 to MaxThrottleChunk; 0 takes a tenth of a
	// second's worth within these bounds.
	Chunk uint64
}

// MaxThrottleChunk bounds Throttle.Chunk, in bytes.
const MaxThrottleChunk = 64 << 10

// Truncate is the effect that ends the connection in order before the body of
// the answer is complete. The head still promises all of it. Exactly one of
// the positions is given.
type Truncate struct {
	// Bytes is how much of the body is sent; all of a shorter one.
	Bytes *uint64
	// Share is the part of the body that is sent, 0 to 1, rounded down. Of a body without a
	// declared length it is the part of what can be read ahead, at most MaxSpoiled.
	Share *float64
}

// Corrupt is the effect that spoils the body of the answer.
type Corrupt struct {
	How CorruptKind
	// Share is the part of the bytes in which one bit flips, above 0 to 1; 0 stands
	// for 0.01. At least one byte changes. Only for CorruptBits.
	Share float64
}

// CorruptKind says how.
type CorruptKind string

// The kinds. They are a closed set.
const (
	// CorruptBits flips bits of the body as it is sent, compressed or not.
	CorruptBits CorruptKind = "bits"
	// CorruptJSON makes the document invalid JSON of the same length, under an intact coding.
	CorruptJSON CorruptKind = "json"
	// CorruptLength declares half the length: what exceeds it still follows, and then the
	// connection ends.
	CorruptLength CorruptKind = "length"
)

// MaxSpoiled bounds the bodies that have to be read as a whole before they can
// be spoiled, in bytes. Longer ones are relayed as they are, which is recorded.
const MaxSpoiled = 8 << 20
