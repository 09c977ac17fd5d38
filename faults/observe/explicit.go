package observe

import (
	"strconv"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// CallHeader is our own optional request field: whatever value a client sends in it
// names the call, and every attempt of that call carries the same.
const CallHeader = "X-Groovechaos-Call"

const (
	awsCallHeader   = "amz-sdk-invocation-id"
	awsRequestField = "amz-sdk-request"
)

var (
	// callFields keep their value over the attempts of a call, in order of trust.
	callFields = []string{CallHeader, awsCallHeader}

	// keyFields hold an idempotency key, which is one call's by definition.
	keyFields = []string{
		"Idempotency-Key", "X-Idempotency-Key", "Idempotency-Token", "X-Idempotency-Token",
		"Repeatability-Request-ID",
	}

	// counterFields count the repeats of a call: absent or 0 on the first attempt.
	counterFields = []string{"Retry-Attempt", "X-Stainless-Retry-Count", "grpc-previous-rpc-attempts"}

	// candidateFields are kept over the attempts of a call by some clients and made anew
	// for each attempt by others, or for something larger than a call.
	candidateFields = []string{"x-ms-client-request-id", "x-request-id", "x-correlation-id"}
)

// maxCounter bounds a counter that is believed.
const maxCounter = 1_000_000

// ExplicitCall returns what a client says about which call a request belongs to: an
// identifier, the field it came in, and the attempt number as the field has it. A counter can come alone: then id is "" and header is
// the counter's field. Without either, header is "" and counter is NoCounter.
//
// The identifier is cut to a bounded printable text; an idempotency key is digested.
func ExplicitCall(h faults.Header) (id, header string, counter int) {
	sent := sentNames(h)
	if sent.id == "" && sent.key != "" {
		sent.id = keyDigest(sent.key)
	}
	return sent.id, sent.header, sent.counter
}

// IdempotencyKey returns the digest of the request's idempotency key, "" for none.
func IdempotencyKey(h faults.Header) string {
	if _, key := idempotencyKey(h); key != "" {
		return keyDigest(key)
	}
	return ""
}

// names is what a client says of the call that a request belongs to, with the idempotency
// key as it came. Without an id the header is that of the key, else that of the counter.
type names struct {
	id, header, key string
	counter         int
}

func sentNames(h faults.Header) names {
	var sent names
	var keyHeader string
	keyHeader, sent.key = idempotencyKey(h)
	sent.header, sent.counter = repeatCounter(h)
	for _, field := range callFields {
		if sent.id = clean(value(h, field)); sent.id == "" {
			continue
		}
		if sent.header = field; field == awsCallHeader {
			sent.counter = awsCounter(value(h, awsRequestField))
		}
		return sent
	}
	if sent.key != "" {
		sent.header = keyHeader
	}
	return sent
}

// RequestID returns the value of x-ms-client-request-id, x-request-id or x-correlation-id as bounded printable text, "" for
// none. It belongs into Attempt.RequestID.
func RequestID(h faults.Header) string {
	for _, field := range candidateFields {
		if id := clean(value(h, field)); id != "" {
			return id
		}
	}
	return ""
}

func idempotencyKey(h faults.Header) (field, key string) {
	for _, field := range keyFields {
		if key := strings.TrimSpace(value(h, field)); key != "" {
			return field, key
		}
	}
	return "", ""
}

// KeyDigest returns what attempts and outcomes have in the place of an idempotency key.
func KeyDigest(key string) string { return keyDigest(key) }

func keyDigest(key string) string {
	var room [256]byte
	return string(appendKeyDigest(room[:0], key))
}

func appendKeyDigest(dst []byte, key string) []byte {
	return appendDigest(dst, "idempotency key", key, 16)
}

func repeatCounter(h faults.Header) (field string, counter int) {
	for _, field := range counterFields {
		if counter := parseCounter(value(h, field)); counter != NoCounter {
			return field, counter
		}
	}
	return "", NoCounter
}

// awsCounter reads "attempt=2; max=3", which counts from 1.
func awsCounter(value string) int {
	for part := range strings.SplitSeq(value, ";") {
		name, number, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(name), "attempt") {
			return parseCounter(number)
		}
	}
	return NoCounter
}

func parseCounter(value string) int {
	counter, err := strconv.ParseUint(strings.TrimSpace(value), 10, 32)
	if err != nil || counter > maxCounter {
		return NoCounter
	}
	return int(counter)
}

func value(h faults.Header, name string) string {
	if h == nil {
		return ""
	}
	value, _ := h.Value(name)
	return value
}
