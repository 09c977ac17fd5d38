package observe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The binary form of an attempt is a byte with its version, four bytes with the length of what follows (little endian), then
// the numbers as varints, the flags, the words of closed sets by their number, the texts and the lists of texts, each with its
// length before it.

const (
	// binaryVersion is the version that AppendBinary writes and the only one that ParseAttempt reads.
	binaryVersion = 2
	// binaryHead is the length of the version and of the length.
	binaryHead = 5
	// otherWord stands for a word outside its set, which follows as a text.
	otherWord = 0xff
)

// Flags of the binary form.
const (
	flagBodyComplete = 1 << iota
	flagForwarded
	flagSingleFlight
	knownFlags = flagBodyComplete | flagForwarded | flagSingleFlight
)

// AppendBinary appends the binary form of a: compact, and quick to write and to read. It keeps
// everything but the time zone of Time. It allocates only where dst has no room.
func (a *Attempt) AppendBinary(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, binaryVersion, 0, 0, 0, 0)
	for _, n := range [...]uint64{a.Sequence, uint64(a.Time.Nanosecond()), a.Conn, a.ConnUse} { //nolint:gosec // Never negative.
		dst = binary.AppendUvarint(dst, n)
	}
	for _, n := range [...]int64{
		a.Time.Unix(), int64(a.Received), int64(a.Answered), a.BodyLength,
		int64(a.Counter), int64(a.Status), int64(a.UpstreamStatus), int64(a.Delay),
	} {
		dst = binary.AppendVarint(dst, n)
	}
	dst = append(dst, a.flags())
	for i, word := range a.words() {
		dst = appendWord(dst, *word, wordSets[i])
	}
	for _, text := range a.texts() {
		dst = appendText(dst, *text)
	}
	dst = appendTexts(dst, a.DelayedBy)
	dst = appendTexts(dst, a.SpoiledBy)
	binary.LittleEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-binaryHead)) //nolint:gosec // No head of a request has 4 GB.
	return dst
}

// ParseAttempt reads one attempt from the beginning of b and returns what follows it. It takes exactly what
// AppendBinary writes: any other version, number or word, and anything missing or left over, is an error that names the
// field. Time is in UTC. The attempt has no part of b, and takes memory in proportion to its length.
func ParseAttempt(b []byte) (a Attempt, rest []byte, err error) {
	if len(b) < binaryHead {
		return Attempt{}, b, errors.New("parse attempt: the head is incomplete")
	}
	if b[0] != binaryVersion {
		return Attempt{}, b, fmt.Errorf("parse attempt: version is %d, want %d", b[0], binaryVersion)
	}
	length := int64(binary.LittleEndian.Uint32(b[1:]))
	if body := int64(len(b) - binaryHead); length > body {
		return Attempt{}, b, fmt.Errorf("parse attempt: %d bytes are there, want %d", body, length)
	}
	end := binaryHead + int(length)
	r := binaryReader{text: string(b[binaryHead:end])}
	if r.attempt(&a); r.err != nil {
		return Attempt{}, b, fmt.Errorf("parse attempt: %w", r.err)
	}
	return a, b[end:], nil
}

func (a *Attempt) flags() byte {
	var flags byte
	if a.BodyComplete {
		flags |= flagBodyComplete
	}
	if a.Forwarded {
		flags |= flagForwarded
	}
	if a.SingleFlight {
		flags |= flagSingleFlight
	}
	return flags
}

func appendText(dst []byte, text string) []byte {
	if text == "" { // as most are
		return append(dst, 0)
	}
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(texts)))
	for _, text := range texts {
		dst = appendText(dst, text)
	}
	return dst
}

func appendWord(dst []byte, word string, set []string) []byte {
	for i, known := range set {
		if known == word {
			return append(dst, byte(i))
		}
	}
	return appendText(append(dst, otherWord), word)
}

// binaryReader reads a binary form. After an error it reads nothing.
type binaryReader struct {
	text string
	err  error
}

func (r *binaryReader) attempt(a *Attempt) {
	a.Sequence = r.unsigned("sequence")
	nanosecond := r.unsigned("time")
	if nanosecond >= uint64(time.Second) {
		r.fail("time", "the nanoseconds are a second or more")
	}
	a.Conn, a.ConnUse = r.unsigned("conn"), r.unsigned("conn_use")
	a.Time = time.Unix(r.signed("time"), int64(nanosecond%uint64(time.Second))).UTC()
	a.Received, a.Answered = time.Duration(r.signed("received_ns")), time.Duration(r.signed("answered_ns"))
	a.BodyLength = r.signed("body_length")
	a.Counter, a.Status, a.UpstreamStatus = int(r.signed("counter")), int(r.signed("status")), int(r.signed("upstream_status"))
	a.Delay = time.Duration(r.signed("delay_ns"))
	flags := r.octet("flags")
	if flags&^knownFlags != 0 {
		r.fail("flags", "there are unknown ones")
	}
	a.BodyComplete, a.Forwarded, a.SingleFlight = flags&flagBodyComplete != 0, flags&flagForwarded != 0, flags&flagSingleFlight != 0
	for i, word := range a.words() {
		*word = r.word(wordNames[i], wordSets[i])
	}
	for i, text := range a.texts() {
		*text = r.string(textNames[i])
	}
	a.DelayedBy, a.SpoiledBy = r.strings("delayed_by"), r.strings("spoiled_by")
	if r.text != "" {
		r.fail("end", fmt.Sprintf("%d bytes are left over", len(r.text)))
	}
}

func (r *binaryReader) fail(field, what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", field, what)
	}
	r.text = ""
}

func (r *binaryReader) octet(field string) byte {
	if r.text == "" {
		r.fail(field, "is missing")
		return 0
	}
	octet := r.text[0]
	r.text = r.text[1:]
	return octet
}

// unsigned reads a varint that is no longer than it need be.
func (r *binaryReader) unsigned(field string) uint64 {
	if r.text != "" && r.text[0] < 0x80 {
		number := uint64(r.text[0])
		r.text = r.text[1:]
		return number
	}
	var number uint64
	for shift := 0; ; shift += 7 {
		octet := r.octet(field)
		if shift == 63 && octet > 1 || shift > 0 && octet == 0 {
			r.fail(field, "is no number in its shortest form")
			return 0
		}
		number |= uint64(octet&0x7f) << shift
		if octet < 0x80 {
			return number
		}
	}
}

func (r *binaryReader) signed(field string) int64 {
	number := r.unsigned(field)
	return int64(number>>1) ^ -int64(number&1)
}

func (r *binaryReader) string(field string) string {
	length := r.unsigned(field)
	if length > uint64(len(r.text)) {
		r.fail(field, "is longer than what is there")
		return ""
	}
	text := r.text[:length]
	r.text = r.text[length:]
	return text
}

// strings reads a list. Each text takes a byte at least, so that its length is bounded.
func (r *binaryReader) strings(field string) []string {
	count := r.unsigned(field)
	if count > uint64(len(r.text)) {
		r.fail(field, "is longer than what is there")
	}
	if count == 0 || r.err != nil {
		return nil
	}
	list := make([]string, count)
	for i := range list {
		list[i] = r.string(field)
	}
	return list
}

func (r *binaryReader) word(field string, set []string) string {
	number := r.octet(field)
	if int(number) < len(set) {
		return set[number]
	}
	if number != otherWord {
		r.fail(field, "has an unknown number")
		return ""
	}
	word := r.string(field)
	for _, known := range set {
		if word == known {
			r.fail(field, "is known and has no number")
		}
	}
	return word
}
