package observe

import (
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// traceField carries a trace context (W3C Trace Context, 3.2).
const traceField = "traceparent"

// Lengths of the parts of a traceparent, in hex digits.
const (
	traceVersion = 2
	traceID      = 32
	traceParent  = 16
	traceFlags   = 2
	// traceLength is the length of a whole one, with its dashes.
	traceLength = traceVersion + 1 + traceID + 1 + traceParent + 1 + traceFlags
)

// Trace returns the trace id of a request's traceparent field, 32 hex digits in lower case, "" for none
// and for a field that the specification calls invalid. A later version may go on behind the flags (4.2).
func Trace(h faults.Header) string {
	id, _ := traceContext(h)
	return id
}

// traceContext returns the trace id, and the id of the span that the request belongs to with the flags, as in
// "00f067aa0ba902b7-01"; "" both where Trace returns that.
func traceContext(h faults.Header) (trace, span string) {
	field := strings.TrimSpace(value(h, traceField))
	if len(field) < traceLength || field[traceVersion] != '-' {
		return "", ""
	}
	version, rest := field[:traceVersion], field[traceVersion+1:]
	id, parent, flags := rest[:traceID], rest[traceID+1:][:traceParent], rest[traceID+1+traceParent+1:][:traceFlags]
	after := rest[traceID+1+traceParent+1+traceFlags:]
	switch {
	case rest[traceID] != '-' || rest[traceID+1+traceParent] != '-' || version == "ff":
	case !isLowerHex(version) || !isTraceID(id) || !isTraceID(parent) || !isLowerHex(flags):
	case after != "" && (version == "00" || after[0] != '-'):
	default:
		return id, rest[traceID+1 : traceID+1+traceParent+1+traceFlags]
	}
	return "", ""
}

// isTraceID reports whether an id is one: not all zeros.
func isTraceID(id string) bool { return isLowerHex(id) && strings.Trim(id, "0") != "" }

func isLowerHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }
