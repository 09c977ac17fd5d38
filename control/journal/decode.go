package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// line is what one line of JSON says: one of these.
type line struct {
	head    *headLine
	attempt *observe.Attempt
	outcome *observe.Outcome
	end     *endLine
}

// readLine reads a line. lenient lets fields pass that are not known, as a newer version may have them. A line without
// a kind is an attempt.
func readLine(text []byte, lenient bool) (line, error) {
	var l line
	kind, err := kindOf(text)
	switch {
	case err != nil:
	case kind == kindAttempt:
		l.attempt = &observe.Attempt{Counter: observe.NoCounter}
		err = strict(text, &attemptLine{Attempt: l.attempt}, lenient)
		if err == nil {
			err = check(l.attempt)
		}
	case kind == kindJournal:
		l.head = &headLine{}
		err = strict(text, l.head, lenient || newer(text))
	case kind == kindOutcome:
		l.outcome = &observe.Outcome{}
		if err = strict(text, &outcomeLine{Outcome: l.outcome}, lenient); err == nil {
			err = firstOf(l.outcome.Validate().Prefix("outcome."))
		}
	case kind == kindEnd:
		l.end = &endLine{}
		err = strict(text, l.end, lenient)
	default:
		err = fmt.Errorf("kind is %.40q, want journal, attempt, outcome or end", kind)
	}
	return l, err
}

// kindOf returns the kind of a line.
func kindOf(text []byte) (string, error) {
	if bytes.HasPrefix(text, []byte(`{"kind":"attempt",`)) {
		return kindAttempt, nil // As we write it. Another kind further on would be found wrong.
	}
	var line struct {
		Kind *string `json:"kind"`
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return "", plain(err)
	}
	if line.Kind == nil {
		return kindAttempt, nil
	}
	return *line.Kind, nil
}

// firstOf makes an error of problems, nil of none.
func firstOf(problems faults.Problems) error {
	if len(problems) == 0 {
		return nil
	}
	return problems[:1]
}

// newer reports that a first line is of a version that we do not know.
func newer(text []byte) bool {
	var head struct{ Version int }
	return json.Unmarshal(text, &head) == nil && head.Version > Version
}

func strict(text []byte, into any, lenient bool) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if !lenient {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(into); err != nil {
		return plain(err)
	}
	if rest := bytes.TrimSpace(text[d.InputOffset():]); len(rest) > 0 {
		return fmt.Errorf("something follows the record: %.40q", rest)
	}
	return nil
}

// plain says what is wrong with JSON, without the names of our types.
func plain(err error) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case err == nil:
		return nil
	case ok:
		field := strings.TrimPrefix(wrong.Field, "Attempt.")
		if field == "" {
			field = "the record"
		}
		return fmt.Errorf("%s is a JSON %s, want a %v", field, wrong.Value, wrong.Type.Kind())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errCut
	default:
		return fmt.Errorf("is no record: %.200s", strings.TrimPrefix(err.Error(), "json: "))
	}
}
