package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// reports are the files that a verdict goes to. They are opened before the run,
// so that a path which cannot be written is found out at once, and so that no
// verdict of an earlier run is left to be taken for this one's.
type reports struct {
	junit, json *os.File
}

// openReports creates the files; "" stands for none.
func openReports(junit, json string) (*reports, error) {
	var files reports
	for _, f := range []struct {
		path string
		file **os.File
	}{{junit, &files.junit}, {json, &files.json}} {
		if f.path == "" {
			continue
		}
		file, err := os.Create(f.path)
		if err != nil {
			files.discard()
			return nil, fmt.Errorf("write report: %w", err)
		}
		*f.file = file
	}
	return &files, nil
}

// write writes the verdict to the files and closes them.
func (f *reports) write(v verdict.Report) error {
	return errors.Join(
		writeReport(&f.junit, func(w io.Writer) error { return report.JUnit(w, v, report.JUnitOptions{}) }),
		writeReport(&f.json, func(w io.Writer) error { return report.JSON(w, v) }),
	)
}

func writeReport(file **os.File, write func(io.Writer) error) error {
	if *file == nil {
		return nil
	}
	name := (*file).Name()
	if err := write(*file); err != nil {
		return fmt.Errorf("write report %s: %w", name, err)
	}
	if err := (*file).Close(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	*file = nil
	return nil
}

// discard removes the files that no verdict was written to.
func (f *reports) discard() {
	for _, file := range []*os.File{f.junit, f.json} {
		if file == nil {
			continue
		}
		info, err := file.Stat()
		_ = file.Close()
		if err == nil && info.Mode().IsRegular() {
			_ = os.Remove(file.Name())
		}
	}
}
