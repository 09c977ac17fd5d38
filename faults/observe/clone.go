package observe

import (
	"slices"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Clone returns a copy of a that has nothing in common with it: for attempts whose
// texts hold only for a while.
func (a *Attempt) Clone() Attempt {
	c := *a
	length := 0
	for _, text := range c.texts() {
		length += len(*text)
	}
	room := make([]byte, 0, length)
	for _, text := range c.texts() {
		start := len(room)
		room = append(room, *text...)
		*text = view(room[start:])
	}
	c.DelayedBy, c.SpoiledBy = cloneTexts(a.DelayedBy), cloneTexts(a.SpoiledBy)
	return c
}

func cloneTexts(texts []string) []string {
	texts = slices.Clone(texts)
	for i := range texts {
		texts[i] = string([]byte(texts[i]))
	}
	return texts
}

// textCount and wordCount count the fields with texts and with words of closed sets.
const textCount, wordCount = 22, 5

// oldTextCount is how many of them an attempt has that came without a traceparent, and every one of version 2.
const oldTextCount = 21

// textNames are the names of the fields of texts, in its order.
var textNames = [textCount]string{
	"client", "credential", "user_agent", "endpoint", "method", "host", "target", "body_digest",
	"call_id", "call_id_header", "idempotency_key", "request_id", "error_code", "retry_after", "fault", "reason",
	"address", "node", "trace", "headers", "marker",
	"trace_parent",
}

// texts are the fields with texts, in the order of the binary form.
func (a *Attempt) texts() [textCount]*string {
	return [...]*string{
		&a.Client, &a.Credential, &a.UserAgent, &a.Endpoint, &a.Method, &a.Host, &a.Target, &a.BodyDigest,
		&a.CallID, &a.CallIDHeader, &a.IdempotencyKey, &a.RequestID, (*string)(&a.ErrorCode), &a.RetryAfter, &a.Fault, &a.Reason,
		&a.Address, &a.Node, &a.Trace, &a.Headers, &a.Marker,
		&a.TraceParent,
	}
}

var (
	// wordNames are the names of the fields of words, in its order.
	wordNames = [wordCount]string{"class", "origin", "end", "break", "break_at"}
	// wordSets are the sets that they are of. The number of a word in the binary form is its place here: new
	// ones go to the end.
	wordSets = [wordCount][]string{
		{"", string(groove.ClassSuccess), string(groove.ClassSoftError), string(groove.ClassFailure)},
		{"", string(OriginUpstream), string(OriginInjected), string(OriginOurs)},
		{"", string(EndComplete), string(EndClientLeft), string(EndBroken)},
		{"", string(faults.BreakReset), string(faults.BreakClose), string(faults.BreakHang)},
		{
			"", string(faults.BreakAccept), string(faults.BreakBefore), string(faults.BreakAfter),
			string(faults.BreakAfterHead), string(faults.BreakMidBody),
		},
	}
)

// words are the fields with words of closed sets, in the order of the binary form.
func (a *Attempt) words() [wordCount]*string {
	return [...]*string{
		(*string)(&a.Class), (*string)(&a.Origin), (*string)(&a.End), (*string)(&a.Break), (*string)(&a.BreakAt),
	}
}
