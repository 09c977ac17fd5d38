package observe

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

const (
	// headerDigits is the length of the digest of a field's value, in hex digits.
	headerDigits = 8
	// longestName bounds the name of a field that is recorded, in bytes.
	longestName = 64
	// mostFields bounds the fields that are kept from one request to the next.
	mostFields = 64
)

// Fields that need a second look.
const (
	connectionField  = "connection"
	contentTypeField = "content-type"
	multipartPrefix  = "multipart/"
)

var (
	// volatileFields may change from one attempt of a call to the next, in a client that does nothing wrong: they hold
	// credentials, signatures and their dates, counters, identifiers and traces, or belong to one connection
	// or to one framing of the body (RFC 9110, 7.6.1). Most identifiers are recorded on their own.
	volatileFields = func() map[string]bool {
		names := set(
			"authorization", "proxy-authorization", "cookie", "cookie2", "set-cookie", "date", "x-amz-date", "x-ms-date", "dpop", "digest",
			"host", "content-length", connectionField, "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
			"upgrade", "http2-settings", "expect", "forwarded", "via", "max-forwards", "x-real-ip",
			traceField, "tracestate", "baggage", "b3", "uber-trace-id", "sentry-trace", "x-amzn-trace-id", "x-cloud-trace-context",
			"request-id", "correlation-id", "correlation-context", "x-amzn-requestid", "x-ms-request-id", "x-ms-request-root-id",
			"x-ms-correlation-request-id", "grpc-timeout", "x-request-start", "x-request-deadline", "x-stainless-timeout",
		)
		for _, list := range [][]string{callFields, keyFields, counterFields, candidateFields, {awsRequestField}} {
			for _, name := range list {
				names[strings.ToLower(name)] = true
			}
		}
		return names
	}()

	// volatilePrefixes begin the names of further ones.
	volatilePrefixes = []string{"x-b3-", "x-datadog-", "x-forwarded-", "x-envoy-", "elastic-apm-", "ot-tracer-", "newrelic"}
)

// isVolatile reports that a field is not to be recorded, by its name in lower case.
func isVolatile(name string) bool {
	if name == "" || len(name) > longestName || volatileFields[name] || isSecret(name) || strings.ContainsFunc(name, notToken) {
		return true
	}
	return slices.ContainsFunc(volatilePrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func notToken(r rune) bool { return !isToken(r) }

// knownHeaders is the digests of the last request's fields, and what they were taken of.
type knownHeaders struct {
	// text holds the fields one after the other: the name as it came, the name in lower case, the value.
	// The value of a field that is not recorded is left out, so that no secret stays.
	text   []byte
	fields []knownField
	// stable are the places in fields of those that are recorded, in order of their names.
	stable  []int
	digests []byte
}

// knownField is a field in a text, from start on: where the names and the value end.
type knownField struct {
	start, name, lower, value int
	volatile                  bool
}

// of returns Attempt.Headers for a header section. It holds until the next call.
func (k *knownHeaders) of(list FieldList) string {
	if !k.knows(list) {
		k.learn(list)
	}
	return view(k.digests)
}

// trim drops what an unusual request has taken.
func (k *knownHeaders) trim() {
	if cap(k.text) > longestRoom || cap(k.fields) > mostFields {
		*k = knownHeaders{}
	}
}

// knows reports that the digests are those of list. What Connection says decides about other fields, so
// its value counts though it is not recorded.
func (k *knownHeaders) knows(list FieldList) bool {
	if list.Len() != len(k.fields) {
		return false
	}
	for i := range k.fields {
		f := &k.fields[i]
		name, value := list.At(i)
		if string(k.text[f.start:f.name]) != name || !f.volatile && string(k.text[f.lower:f.value]) != value {
			return false
		}
	}
	return true
}

// learn takes the digests of list. It copies what it keeps.
func (k *knownHeaders) learn(list FieldList) {
	k.makeRoom(list)
	nominating := false
	for i := range list.Len() {
		nominating = k.add(list.At(i)) || nominating
	}
	for i := range k.fields {
		f := &k.fields[i]
		if name := view(k.text[f.name:f.lower]); !f.volatile && name != connectionField && !(nominating && k.nominated(name)) {
			k.stable = append(k.stable, i)
		}
	}
	slices.SortStableFunc(k.stable, k.compare)
	k.write()
}

// makeRoom begins anew, with memory for all of list: growing step by step would leave as much behind.
func (k *knownHeaders) makeRoom(list FieldList) {
	const separators = len("=;")
	text, digests := 0, 0
	for i := range list.Len() {
		name, value := list.At(i)
		text += 2*len(name) + len(value)
		digests += len(name) + headerDigits + separators
	}
	k.text = slices.Grow(k.text[:0], text)
	k.fields = slices.Grow(k.fields[:0], list.Len())
	k.stable = slices.Grow(k.stable[:0], list.Len())
	k.digests = slices.Grow(k.digests[:0], digests)
}

// add keeps a field, and reports whether it may say that others belong to the connection.
func (k *knownHeaders) add(name, value string) (nominating bool) {
	f := knownField{start: len(k.text)}
	k.text = append(k.text, name...)
	f.name = len(k.text)
	k.text = append(k.text, name...)
	lowerLetters(k.text[f.name:])
	f.lower = len(k.text)
	lower := view(k.text[f.name:f.lower])
	nominating = lower == connectionField
	if f.volatile = !nominating && isVolatile(lower); !f.volatile {
		k.text = append(k.text, value...)
	}
	f.value = len(k.text)
	k.fields = append(k.fields, f)
	return nominating
}

// lowerLetters lowers the letters of a field's name, which knows no escapes.
func lowerLetters(name []byte) {
	for i, char := range name {
		if char >= 'A' && char <= 'Z' {
			name[i] = char | 0x20
		}
	}
}

// nominated reports whether a Connection field names this one (RFC 9110, 7.6.1).
func (k *knownHeaders) nominated(name string) bool {
	for i := range k.fields {
		f := &k.fields[i]
		if view(k.text[f.name:f.lower]) != connectionField {
			continue
		}
		for option := range strings.SplitSeq(view(k.text[f.lower:f.value]), ",") {
			if strings.EqualFold(strings.TrimSpace(option), name) {
				return true
			}
		}
	}
	return false
}

func (k *knownHeaders) compare(i, j int) int {
	a, b := &k.fields[i], &k.fields[j]
	return strings.Compare(view(k.text[a.name:a.lower]), view(k.text[b.name:b.lower]))
}

// write writes the digests. Several fields of one name are a list (RFC 9110, 5.3), and have one.
func (k *knownHeaders) write() {
	var hash xxhash.Digest
	for at, count := 0, 0; at < len(k.stable) && count < MaxHeaders; count++ {
		first := at
		hash.Reset()
		for ; at < len(k.stable) && k.compare(k.stable[first], k.stable[at]) == 0; at++ {
			if at > first {
				_, _ = hash.WriteString(", ") // never fails
			}
			_, _ = hash.WriteString(k.stableValue(&k.fields[k.stable[at]])) // never fails
		}
		if count > 0 {
			k.digests = append(k.digests, ';')
		}
		f := &k.fields[k.stable[first]]
		k.digests = append(append(k.digests, k.text[f.name:f.lower]...), '=')
		var sum [8]byte
		hex.Encode(k.appendDigits(), hash.Sum(sum[:0])[:headerDigits/2])
	}
}

// appendDigits makes room for a digest.
func (k *knownHeaders) appendDigits() []byte {
	start := len(k.digests)
	k.digests = append(k.digests, "00000000"...)
	return k.digests[start:]
}

// stableValue is the part of a value that stays the same: a multipart boundary is made anew for each attempt.
func (k *knownHeaders) stableValue(f *knownField) string {
	value := strings.TrimSpace(view(k.text[f.lower:f.value]))
	if view(k.text[f.name:f.lower]) != contentTypeField || len(value) < len(multipartPrefix) ||
		!strings.EqualFold(value[:len(multipartPrefix)], multipartPrefix) {
		return value
	}
	media, _, _ := strings.Cut(value, ";")
	return strings.TrimSpace(media)
}
