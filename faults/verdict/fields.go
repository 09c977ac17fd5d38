package verdict

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// eachField gives the name and the digest of each header field that an attempt carries, until yield returns false.
func eachField(headers string, yield func(name, digest string) bool) {
	for entry := range strings.SplitSeq(headers, ";") {
		if name, digest, ok := strings.Cut(entry, "="); ok && !yield(name, digest) {
			return
		}
	}
}

// field returns the digest of a header field. It reports false where there is none.
func field(a *observe.Attempt, want string) (digest string, ok bool) {
	eachField(a.Headers, func(name, value string) bool {
		if name == want {
			digest, ok = value, true
		}
		return !ok
	})
	return digest, ok
}

const contentType = "content-type"

// multipartTypes are the digests of the types whose bodies have boundaries, as observe takes them: of the value without its parameters.
var multipartTypes = func() []string {
	var digests []string
	for _, kind := range []string{"form-data", "mixed", "related", "alternative"} {
		digests = append(digests, observe.HeaderDigest(contentType, "multipart/"+kind))
	}
	return digests
}()

// reach is up to which name the list of an attempt is complete: at most so many fields are recorded, in order of their names.
func reach(headers string) (last string, cut bool) {
	if strings.Count(headers, "=") < observe.MaxHeaders {
		return "", false
	}
	entry := headers[strings.LastIndexByte(headers, ';')+1:]
	last, _, _ = strings.Cut(entry, "=")
	return last, true
}

// change is a header field that an attempt does not carry as the one before did.
type change struct {
	name string
	// gone reports that it is not there any more.
	gone bool
}

// changes compares the header fields of two attempts, of which both have a record. Fields that come in addition do not count, nor do those
// whose names say that each attempt has its own.
func changes(before, after *observe.Attempt) []change {
	var list []change
	last, cut := reach(after.Headers)
	eachField(before.Headers, func(name, digest string) bool {
		value, there := field(after, name)
		switch {
		case value == digest && there, ownOfAttempt(name), !there && cut && name > last:
		default:
			list = append(list, change{name: name, gone: !there})
		}
		return true
	})
	return list
}

// attemptWords stand in the names of fields that an attempt may have for itself: counters, identifiers, times and signatures. Observe leaves out
// those that it knows, but anybody may have others.
var attemptWords = []string{
	"attempt", "attempts", "retry", "retries", "try", "count", "counter", "seq", "sequence", "nonce", "id", "guid", "uuid", "trace", "span", "transaction",
	"date", "time", "timestamp", "timeout", "deadline", "signature", "sig", "hash", "checksum", "digest", "md5", "sha256", "key", "token", "range", "if",
}

// ownOfAttempt reports that the name of a field has one of those words in it. A condition or a range depends on what is there already.
func ownOfAttempt(name string) bool {
	for word := range strings.SplitSeq(strings.ReplaceAll(name, "_", "-"), "-") {
		if slices.Contains(attemptWords, word) || strings.HasSuffix(word, "id") && len(word) > 4 && strings.HasPrefix(name, "x-") {
			return true
		}
	}
	return false
}
