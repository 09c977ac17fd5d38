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
	// binaryVersion is the version of an attempt without a TraceParent, tracedVersion that of one with it: a text more.
	// What has none can be read by earlier programs.
	binaryVersion, tracedVersion = 2, 3
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
	flagMultiplexed // earlier programs do not read it
	knownFlags      = flagBodyComplete | flagForwarded | flagSingleFlight | flagMultiplexed
)

// AppendBinary appends the binary form of a: compact, and quick to write and to read. It keeps
// everything but the time zone of Time. It allocates only where dst has no room, and takes little of
// the stack: connections by the thousand write their attempts, each on its own.
func (a *Attempt) AppendBinary(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, a.binaryVersion(), 0, 0, 0, 0)
	dst = append(a.appendNumbers(dst), a.flags())
	dst = a.appendWords(dst)
	dst = a.appendNames(dst)
	dst = a.appendRest(dst)
	dst = appendTexts(dst, a.DelayedBy)
	dst = appendTexts(dst, a.SpoiledBy)
	binary.LittleEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-binaryHead)) //nolint:gosec // No head of a request has 4 GB.
	return dst
}

func (a *Attempt) appendNumbers(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, a.Sequence)
	dst = binary.AppendUvarint(dst, uint64(a.Time.Nanosecond())) //nolint:gosec // Never negative.
	dst = binary.AppendUvarint(dst, a.Conn)
	dst = binary.AppendUvarint(dst, a.ConnUse)
	dst = binary.AppendVarint(dst, a.Time.Unix())
	dst = binary.AppendVarint(dst, int64(a.Received))
	dst = binary.AppendVarint(dst, int64(a.Answered))
	dst = binary.AppendVarint(dst, a.BodyLength)
	dst = binary.AppendVarint(dst, int64(a.Counter))
	dst = binary.AppendVarint(dst, int64(a.Status))
	dst = binary.AppendVarint(dst, int64(a.UpstreamStatus))
	return binary.AppendVarint(dst, int64(a.Delay))
}

// appendWords appends what words lists.
func (a *Attempt) appendWords(dst []byte) []byte {
	dst = appendWord(dst, string(a.Class), wordSets[0])
	dst = appendWord(dst, string(a.Origin), wordSets[1])
	dst = appendWord(dst, string(a.End), wordSets[2])
	dst = appendWord(dst, string(a.Break), wordSets[3])
	return appendWord(dst, string(a.BreakAt), wordSets[4])
}

// appendNames appends the first of what texts lists, and appendRest the others.
func (a *Attempt) appendNames(dst []byte) []byte {
	dst = appendText(dst, a.Client)
	dst = appendText(dst, a.Credential)
	dst = appendText(dst, a.UserAgent)
	dst = appendText(dst, a.Endpoint)
	dst = appendText(dst, a.Method)
	dst = appendText(dst, a.Host)
	dst = appendText(dst, a.Target)
	return appendText(dst, a.BodyDigest)
}

func (a *Attempt) appendRest(dst []byte) []byte {
	dst = appendText(dst, a.CallID)
	dst = appendText(dst, a.CallIDHeader)
	dst = appendText(dst, a.IdempotencyKey)
	dst = appendText(dst, a.RequestID)
	dst = appendText(dst, string(a.ErrorCode))
	dst = appendText(dst, a.RetryAfter)
	dst = appendText(dst, a.Fault)
	dst = appendText(dst, a.Reason)
	dst = appendText(dst, a.Address)
	dst = appendText(dst, a.Node)
	dst = appendText(dst, a.Trace)
	dst = appendText(dst, a.Headers)
	dst = appendText(dst, a.Marker)
	if a.TraceParent != "" {
		dst = appendText(dst, a.TraceParent)
	}
	return dst
}

func (a *Attempt) binaryVersion() byte {
	if a.TraceParent != "" {
		return tracedVersion
	}
	return binaryVersion
}

// ParseAttempt reads one attempt from the beginning of b and returns what follows it. It takes exactly what
// AppendBinary writes: any other version, number or word, and anything missing or left over, is an error that names the
// field. Time is in UTC. The attempt has no part of b, and takes memory in proportion to its length.
func ParseAttempt(b []byte) (a Attempt, rest []byte, err error) {
	if len(b) < binaryHead {
		return Attempt{}, b, errors.New("parse attempt: the head is incomplete")
	}
	if b[0] != binaryVersion && b[0] != tracedVersion {
		return Attempt{}, b, fmt.Errorf("parse attempt: version is %d, want %d or %d", b[0], binaryVersion, tracedVersion)
	}
	length := int64(binary.LittleEndian.Uint32(b[1:]))
	if body := int64(len(b) - binaryHead); length > body {
		return Attempt{}, b, fmt.Errorf("parse attempt: %d bytes are there, want %d", body, length)
	}
	end := binaryHead + int(length)
	r := binaryReader{text: string(b[binaryHead:end]), traced: b[0] == tracedVersion}
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
	if a.Multiplexed {
		flags |= flagMultiplexed
	}
	return flags
}

func appendText(dst []byte, text string) []byte {
	switch size := len(text); {
	case size == 0: // as most are
		return append(dst, 0)
	case size < 0x80:
		return append(append(dst, byte(size)), text...)
	default:
		return append(binary.AppendUvarint(dst, uint64(size)), text...)
	}
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
	// traced says that there is a TraceParent.
	traced bool
	err    error
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
	a.Multiplexed = flags&flagMultiplexed != 0
	for i, word := range a.words() {
		*word = r.word(wordNames[i], wordSets[i])
	}
	r.texts(a)
	a.DelayedBy, a.SpoiledBy = r.strings("delayed_by"), r.strings("spoiled_by")
	if r.text != "" {
		r.fail("end", fmt.Sprintf("%d bytes are left over", len(r.text)))
	}
}

// texts reads the fields with texts, of which the last is there only if it says something.
func (r *binaryReader) texts(a *Attempt) {
	texts := a.texts()
	for i := range oldTextCount {
		*texts[i] = r.string(textNames[i])
	}
	if !r.traced {
		return
	}
	if a.TraceParent = r.string("trace_parent"); a.TraceParent == "" {
		r.fail("trace_parent", "is empty")
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
