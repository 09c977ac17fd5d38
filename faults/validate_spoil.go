package faults

import (
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func reviewSoftError(r *Review, f *Fault) {
	s := f.SoftError
	reviewSoftCode(r, "soft_error.error_code", s.ErrorCode, f.Match.Endpoints)
	reviewSoftCode(r, "soft_error.item_code", s.ItemCode, f.Match.Endpoints)
	reviewMessage(r, "soft_error.message", s.Message)
	switch {
	case s.Items == nil && s.ItemCode != "":
		r.warning("soft_error.item_code", "has no effect without soft_error.items")
	case s.Items == nil:
	case !(*s.Items > 0 && *s.Items <= 1):
		r.problem("soft_error.items", "is %v, want above 0 to 1", *s.Items)
	case len(f.Match.Endpoints) > 0 && !slices.ContainsFunc(f.Match.Endpoints, batchWrite):
		r.warning("soft_error.items", "has no effect: %s is no batch write", f.Match.Endpoints[0])
	}
}

// reviewSoftCode reviews a code that a soft error puts into an answer.
func reviewSoftCode(r *Review, field string, code groove.ErrorCode, endpoints []string) {
	if code == "" {
		return
	}
	if _, ok := groove.ErrorCodeByName(string(code)); !ok {
		r.problem(field, "is %q, which the API does not document", clip(string(code)))
		return
	}
	reviewFit(r, field, code, endpoints)
}

// batchWrite reports whether the endpoint answers for each of several tracks:
// every write to the collection but playlists.delete, which names no tracks.
func batchWrite(name string) bool {
	endpoint, ok := groove.EndpointByName(name)
	return ok && endpoint.Repeat == groove.RepeatUnsafe && name != groove.PlaylistsDelete
}

func reviewBreak(r *Review, f *Fault) {
	switch f.Break.How {
	case BreakReset, BreakClose, BreakHang:
	case "":
		r.problem("break.how", "is missing: want reset, close or hang")
	default:
		r.problem("break.how", "is %q, want reset, close or hang", clip(string(f.Break.How)))
	}
	switch f.Break.At {
	case "", BreakBefore, BreakAfter, BreakAfterHead, BreakMidBody:
	case BreakAccept:
		reviewAccept(r, f)
	default:
		r.problem("break.at", "is %q, want accept, before, after, after_head or mid_body", clip(string(f.Break.At)))
	}
}

// reviewAccept reviews what must be absent where nothing is known of a request.
func reviewAccept(r *Review, f *Fault) {
	m := &f.Match
	given := givenOf([]named{
		{"match.endpoints", len(m.Endpoints) > 0},
		{"match.methods", len(m.Methods) > 0},
		{"match.hosts", len(m.Hosts) > 0},
		{"match.path", m.Path != ""},
		{"match.query", len(m.Query) > 0},
		{"match.headers", len(m.Headers) > 0},
		{"match.clients", len(m.Clients) > 0},
		{"attempts", f.Trigger.Attempts > 0},
		{"quota", f.Trigger.Quota != nil},
	})
	for _, field := range given {
		r.problem(field, "does not go with break.at accept, where nothing is known of a request")
	}
}

func reviewThrottle(r *Review, t *Throttle) {
	if t.BytesPerSecond < 1 {
		r.problem("throttle.bytes_per_second", "is 0, want 1 or more")
	}
	if t.Chunk > MaxThrottleChunk {
		r.problem("throttle.chunk", "is %d, want 0 to %d", t.Chunk, MaxThrottleChunk)
	}
}

func reviewTruncate(r *Review, t *Truncate) {
	if (t.Bytes != nil) == (t.Share != nil) {
		r.problem("truncate", "has %d positions, want exactly one of bytes and share", len(givenOf([]named{{"bytes", t.Bytes != nil}, {"share", t.Share != nil}})))
	}
	if t.Share != nil && !validShare(*t.Share) {
		r.problem("truncate.share", "is %v, want 0 to 1", *t.Share)
	}
}

func reviewCorrupt(r *Review, c *Corrupt) {
	switch c.How {
	case CorruptBits, CorruptJSON, CorruptLength:
	case "":
		r.problem("corrupt.how", "is missing: want bits, json or length")
		return
	default:
		r.problem("corrupt.how", "is %q, want bits, json or length", clip(string(c.How)))
		return
	}
	switch {
	case !validShare(c.Share):
		r.problem("corrupt.share", "is %v, want 0 to 1", c.Share)
	case c.Share != 0 && c.How != CorruptBits:
		r.problem("corrupt.share", "does not go with corrupt.how %s: want it with bits only", c.How)
	}
}
