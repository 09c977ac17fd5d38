package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/theory/jsonpath"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// view reads an answer.
type view struct {
	*reply
	text string
	// document is the body as JSON, nil if it is none.
	document any
}

func newView(r *reply) *view {
	v := &view{reply: r, text: string(r.body)}
	if err := json.Unmarshal(r.body, &v.document); err != nil {
		v.document = nil
	}
	return v
}

// choose returns what a path selects. The path was validated.
func (v *view) choose(path string) []any {
	parsed, err := jsonpath.Parse(path)
	if path == "" || err != nil || v.document == nil {
		return nil
	}
	return parsed.Select(v.document)
}

// word is the first value that a path selects, as a text.
func (v *view) word(path string) string {
	for _, value := range v.choose(path) {
		if text := textOf(value); text != "" {
			return text
		}
	}
	return ""
}

func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(value)
	case nil:
		return "null"
	default:
		text, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(text)
	}
}

// wrong says what of an answer is not as it must be.
func (v *view) wrong(w *experiment.Want) []string {
	if v.err != nil {
		return []string{v.err.Error()}
	}
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	switch {
	case len(w.Status) > 0 && !slices.Contains(w.Status, v.status):
		add("status is %d, want %s", v.status, statusWords(w.Status))
	case len(w.Status) == 0 && v.status >= 400:
		add("status is %d, want below 400", v.status)
	}
	if w.Within > 0 && v.took > w.Within {
		add("took %v, want at most %v", v.took.Round(time.Millisecond), w.Within)
	}
	for _, text := range w.Contains {
		if !strings.Contains(v.text, text) {
			add("body lacks %.80q", text)
		}
	}
	for _, text := range w.Lacks {
		if strings.Contains(v.text, text) {
			add("body has %.80q", text)
		}
	}
	return append(append(wrong, v.wrongJSON(w.JSON)...), v.wrongHeaders(w.Headers)...)
}

func (v *view) wrongJSON(want map[string]string) []string {
	var wrong []string
	for _, path := range slices.Sorted(maps.Keys(want)) {
		found := v.choose(path)
		fits := func(value any) bool { return faults.Fits(want[path], textOf(value)) }
		switch {
		case slices.ContainsFunc(found, fits):
		case v.document == nil:
			wrong = append(wrong, fmt.Sprintf("body is no JSON, want %s to be %.80q", path, want[path]))
		case len(found) == 0:
			wrong = append(wrong, fmt.Sprintf("%s is not there, want %.80q", path, want[path]))
		default:
			wrong = append(wrong, fmt.Sprintf("%s is %.80q, want %.80q", path, textOf(found[0]), want[path]))
		}
	}
	return wrong
}

func (v *view) wrongHeaders(want map[string]string) []string {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := v.header.Get(name); !faults.Fits(want[name], got) || got == "" && want[name] != "" {
			wrong = append(wrong, fmt.Sprintf("header %s is %.80q, want %.80q", name, got, want[name]))
		}
	}
	return wrong
}

func statusWords(list []int) string {
	words := make([]string, len(list))
	for i, status := range list {
		words[i] = strconv.Itoa(status)
	}
	return strings.Join(words, " or ")
}

// outcome is what the answer told the user.
func (v *view) outcome(t *experiment.Told) observe.Outcome {
	o := observe.Outcome{Kind: v.kind(t), Status: v.status, Text: fitting(v.text)}
	if v.err != nil && o.Text == "" {
		o.Text = fitting(v.err.Error())
	}
	if o.Kind == observe.OutcomeError {
		o.Code, o.Category = v.word(t.Code), v.word(t.Category)
	}
	return o
}

func (v *view) kind(t *experiment.Told) observe.OutcomeKind {
	has := func(text string) bool { return text != "" && strings.Contains(v.text, text) }
	there := func(path string) bool { return slices.ContainsFunc(v.choose(path), weighs) }
	switch {
	case v.err != nil || v.status >= 400 || there(t.Error) || has(t.ErrorText):
		return observe.OutcomeError
	case there(t.Partial) || has(t.PartialText):
		return observe.OutcomePartial
	case t.Items != "" && v.document != nil && len(v.choose(t.Items)) == 0 || has(t.EmptyText):
		return observe.OutcomeEmpty
	default:
		return observe.OutcomeSuccess
	}
}

// weighs reports that a value says something: null, false and "" do not.
func weighs(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return value
	case string:
		return value != ""
	}
	return true
}

// fitting cuts a text to what an outcome holds.
func fitting(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > observe.MaxOutcomeText {
		text = strings.ToValidUTF8(text[:observe.MaxOutcomeText], "")
	}
	return text
}
