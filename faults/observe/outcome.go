package observe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/groovechaos/groovechaos/faults"
)

// OutcomeKind says in a word what a caller told its user.
type OutcomeKind string

const (
	// OutcomeSuccess is a whole result.
	OutcomeSuccess OutcomeKind = "success"
	// OutcomeEmpty is a result without anything in it.
	OutcomeEmpty OutcomeKind = "empty"
	// OutcomePartial is a result of which something is missing, or that is an older one from a cache since Groove failed, and that says so.
	OutcomePartial OutcomeKind = "partial"
	// OutcomeError is an error.
	OutcomeError OutcomeKind = "error"
)

// OutcomeKinds returns the words for an OutcomeKind.
func OutcomeKinds() []OutcomeKind {
	return []OutcomeKind{OutcomeSuccess, OutcomeEmpty, OutcomePartial, OutcomeError}
}

// Bounds of an outcome.
const (
	// MaxOutcomeText bounds Outcome.Text, in bytes.
	MaxOutcomeText = 4096
	// MaxTook bounds Outcome.Took.
	MaxTook = 24 * time.Hour
	// maxOutcomeTarget bounds Outcome.Target, in bytes.
	maxOutcomeTarget = 64 << 10
)

// Outcome is what a caller told its own user about a call. Which call that is say CallID, Trace, Attempt, or Method and
// Target: one of them is enough, and with more of them all must fit. It is plain data, and its JSON form is the
// journal's format.
type Outcome struct {
	// Time is the wall clock when the user was told.
	Time time.Time `json:"time"`
	// Client is the identity of the caller, "" for whoever made the call.
	Client string `json:"client,omitempty"`
	// CallID is the identifier that the caller sent with its attempts. For an idempotency key it is the key or its digest.
	CallID string `json:"call_id,omitempty"`
	// Trace is the trace id that the attempts carried: 32 hex digits.
	Trace string `json:"trace,omitempty"`
	// Method and Target are those of the request, Target as NormaliseTarget writes it.
	Method string `json:"method,omitempty"`
	Target string `json:"target,omitempty"`
	// Attempt is the Sequence of one of the attempts, 0 for none.
	Attempt uint64 `json:"attempt,omitempty"`
	// Node is the Node of that attempt: of an outcome that was told to an earlier process. "" is for those without a
	// name where there are such, else for any.
	Node string `json:"node,omitempty"`

	Kind OutcomeKind `json:"kind"`
	// Code is the error code that the user was told, of Groove's or of the caller's own, Category a word for its kind.
	Code     string `json:"code,omitempty"`
	Category string `json:"category,omitempty"`
	// Status is the HTTP status of the caller's own answer, 0 for none.
	Status int `json:"status,omitempty"`
	// Text is what the user got to read, at most MaxOutcomeText bytes.
	Text string `json:"text,omitempty"`
	// Took is how long the user waited, 0 for not known.
	Took time.Duration `json:"took_ns,omitempty"`
}

// Clean returns o as it may be kept: identifiers as attempts have them, no credentials, nothing that cannot be printed. A
// Time that is zero becomes now. It is to be validated before.
func (o Outcome) Clean(now time.Time) Outcome {
	if o.Time.IsZero() {
		o.Time = now
	}
	o.Client, o.CallID, o.Method = clean(o.Client), clean(o.CallID), clean(o.Method)
	if o.Trace = strings.ToLower(o.Trace); o.Target != "" {
		path, query, _ := strings.Cut(o.Target, "?")
		o.Target = NormaliseTarget(path, query)
	}
	o.Code, o.Category, o.Text = clean(o.Code), clean(o.Category), cleanText(o.Text)
	return o
}

// Validate returns what is wrong with o, by the names of its fields in JSON (took for Took).
func (o *Outcome) Validate() faults.Problems {
	var list faultList
	if !slices.Contains(OutcomeKinds(), o.Kind) {
		list.add("kind", "is %.40q, want success, empty, partial or error", string(o.Kind))
	}
	o.validatePlace(&list)
	o.validateTold(&list)
	return list.problems
}

// faultList collects problems.
type faultList struct{ problems faults.Problems }

func (l *faultList) add(field, format string, args ...any) {
	l.problems = append(l.problems, faults.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
}

// validatePlace says what is wrong with what o is about.
func (o *Outcome) validatePlace(list *faultList) {
	switch {
	case (o.Method == "") != (o.Target == ""):
		list.add("target", "goes with method: give both or neither")
	case o.CallID == "" && o.Trace == "" && o.Attempt == 0 && o.Method == "":
		list.add("call_id", "is missing, want it or trace, attempt, or method and target to say which call it is about")
	}
	if o.Trace != "" && (len(o.Trace) != traceID || !isLowerHex(strings.ToLower(o.Trace))) {
		list.add("trace", "is %.40q, want 32 hex digits", o.Trace)
	}
	if o.Target != "" && (o.Target[0] != '/' || len(o.Target) > maxOutcomeTarget) {
		list.add("target", "is %.40q, want a path from / on and perhaps a query, at most %d bytes", o.Target, maxOutcomeTarget)
	}
}

// validateTold says what is wrong with what the user was told.
func (o *Outcome) validateTold(list *faultList) {
	if o.Kind == OutcomeSuccess && o.Code != "" {
		list.add("code", "is %.40q, want none for a success", o.Code)
	}
	if o.Status != 0 && (o.Status < 100 || o.Status > 999) {
		list.add("status", "is %d, want 100 to 999, or 0 for none", o.Status)
	}
	if len(o.Text) > MaxOutcomeText {
		list.add("text", "is %d bytes long, want at most %d", len(o.Text), MaxOutcomeText)
	}
	if o.Took < 0 || o.Took > MaxTook {
		list.add("took", "is %v, want 0s to %v", o.Took, MaxTook)
	}
}

var (
	// secretPair is a secret by its name in a text, as a query, a header or JSON writes it.
	secretPair = regexp.MustCompile(`(?i)([\w.-]*(?:` + strings.Join(secretWords, "|") + `)[\w.-]*["']?\s*[=:]\s*["']?)([^\s"'&;,<>]+)`)
	// markerForm is what Attempt.Marker looks like. It is no secret, and must be found again.
	markerForm = regexp.MustCompile(`gc-[0-9a-f]{10}`)
)

// cleanText makes a text that a user saw fit for a report. Lines stay.
func cleanText(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	text = secretPair.ReplaceAllStringFunc(text, func(pair string) string {
		parts := secretPair.FindStringSubmatch(pair)
		if markerForm.MatchString(parts[2]) || isScheme(parts[2]) {
			return pair
		}
		return parts[1] + conceal(parts[2])
	})
	return concealSchemes(text)
}

// isScheme reports that a word is followed by a secret rather than being one.
func isScheme(word string) bool {
	return slices.ContainsFunc(schemes, func(scheme string) bool { return strings.EqualFold(scheme, word) })
}

// schemedSecret is what follows the name of a scheme. It is long, or has what no word has.
var schemedSecret = regexp.MustCompile(`(?i)\b((?:` + strings.Join(schemes, "|") + `)\s+)([A-Za-z0-9+/=._~-]{16,})`)

// concealSchemes conceals tokens behind their schemes and JSON Web Tokens, and no more than those: what an end
// user reads goes on behind them.
func concealSchemes(text string) string {
	text = schemedSecret.ReplaceAllStringFunc(text, func(found string) string {
		parts := schemedSecret.FindStringSubmatch(found)
		return parts[1] + conceal(parts[2])
	})
	return concealJWTs(text)
}
