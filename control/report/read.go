package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// MaxDocument bounds a report that is read, in bytes.
const MaxDocument = 256 << 20

// ReadDocument reads what JSON and Document write, of this version of the format. Members that are not known are of a later
// groovechaos and are left out. The error says what is wanted.
func ReadDocument(r io.Reader) (Content, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxDocument+1))
	if err != nil {
		return Content{}, err
	}
	if len(text) > MaxDocument {
		return Content{}, fmt.Errorf("is longer than %d bytes", MaxDocument)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return Content{}, fmt.Errorf("is no report in JSON (%w), want what --report writes", err)
	}
	switch {
	case d.Version == 0 || d.Result == "":
		return Content{}, errors.New("has no version or no result, want a report as --report writes it")
	case d.Version != verdict.ReportVersion:
		return Content{}, fmt.Errorf("is of version %d, want %d", d.Version, verdict.ReportVersion)
	}
	return Content{Verdict: whole(d.Report), Coverage: d.Coverage, Sweep: d.Sweep}, nil
}
