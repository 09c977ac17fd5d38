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
		return nil, fmt.Errorf("go on with %s: there is no such file; begin anew, without --resume", path)
	}
	if err != nil {
		return nil, fmt.Errorf("go on: %w", err)
	}
	record, err := sweep.ParseRecord(data)
	if err != nil {
		return nil, fmt.Errorf("go on with %s: %w", path, err)
	}
	if what := record.Setup.Differs(setup); what != "" {
		return nil, fmt.Errorf("go on with %s: %s; begin anew, without --resume", path, what)
	}
	return record, nil
}

// replaceable returns an error if a file is there that is no state of a sweep: it is somebody's.
func replaceable(path string) error {
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
	if _, err := sweep.ParseRecord(data); err != nil {
		return fmt.Errorf("write the state: %s is there, and %w; want another file by --state", path, err)
	}
	return nil
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
	beside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
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
