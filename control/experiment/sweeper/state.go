package sweeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/groovechaos/groovechaos/control/experiment/sweep"
)

// load reads how far a sweep was, and wants it to have been the same one.
func load(path string, setup *sweep.Setup) (*sweep.Record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("go on with %s: there is no such file; begin anew with --fresh", path)
	}
	if err != nil {
		return nil, fmt.Errorf("go on: %w", err)
	}
	record, err := sweep.ParseRecord(data)
	if err != nil {
		return nil, fmt.Errorf("go on with %s: %w", path, err)
	}
	if what := record.Setup.Differs(setup); what != "" {
		return nil, fmt.Errorf("go on with %s: %s; begin anew with --fresh", path, what)
	}
	return record, nil
}

// UnfinishedError says that a sweep is not finished whose state would be overwritten.
type UnfinishedError struct {
	// Path is the file, Cells counts the cases that have run.
	Path  string
	Cells int
}

// Error implements error.
func (e *UnfinishedError) Error() string {
	cases := fmt.Sprintf("%d cases have", e.Cells)
	if e.Cells == 1 {
		cases = "1 case has"
	}
	return fmt.Sprintf("write the state: %s holds a sweep that is not finished, of which %s run: go on with it by --resume, or begin anew with --fresh, which forgets it", e.Path, cases)
}

// replaceable returns an error if a file is there that is somebody's, as it is no state of a sweep, or an *UnfinishedError if it is that of a
// sweep that can be gone on with, unless that is to be forgotten.
func replaceable(path string, forget bool) error {
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	record, err := sweep.ParseRecord(data)
	switch {
	case err != nil:
		return fmt.Errorf("write the state: %s is there, and %w; want another file by --state", path, err)
	case !record.Over && !forget:
		return &UnfinishedError{Path: path, Cells: len(record.Cells)}
	}
	return nil
}

// writable returns an error if the file could not be written later.
func (s *sweeper) writable() error {
	if s.o.State == "" || s.o.DryRun {
		return nil
	}
	path := beside(s.o.State)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		err = errors.Join(file.Close(), os.Remove(path))
	}
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// beside is the file that is written before it takes the place of another.
func beside(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
}

// save writes how far the sweep is, in place of what the file said.
func (s *sweeper) save() error {
	if s.o.State == "" {
		return nil
	}
	data, err := s.record.Marshal()
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := replace(s.o.State, data); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// replace puts a file with this content in the place of one, or leaves that as it is. It is for its owner alone: what a workload
// asks for and prints is in it. What a sweep that was killed meanwhile left beside it is taken away.
func replace(path string, data []byte) (err error) {
	beside := beside(path)
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(beside)
		}
	}()
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(beside, path)
}
