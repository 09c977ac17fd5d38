package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// markName is the file beside the store that says what must be in it.
const markName = "groovechaos.json"

// markFormat is the format of a directory, and the only one that is read.
const markFormat = 1

// watermark is a note of what was acknowledged, in a file of its own: a store that has lost some of it to damage is known by
// that. The nil one knows nothing.
type watermark struct {
	path string
	mu   sync.Mutex
	note markNote
}

type markNote struct {
	Format int `json:"format"`
	// Streams are those that were made.
	Streams map[string]bool `json:"streams"`
	// State is the sequence number of the last change of the faults or the brake that was acknowledged.
	State uint64 `json:"state"`
}

func openWatermark(dir string) (*watermark, error) {
	w := &watermark{path: filepath.Join(dir, markName), note: markNote{Format: markFormat, Streams: make(map[string]bool)}}
	text, err := os.ReadFile(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return w, w.checkNew(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := json.Unmarshal(text, &w.note); err != nil || w.note.Streams == nil {
		return nil, &DamagedError{Dir: dir, What: markName + " cannot be read"}
	}
	if w.note.Format != markFormat {
		return nil, fmt.Errorf("open the store: %s is in format %d, want %d: another version of groovechaos wrote it", dir, w.note.Format, markFormat)
	}
	return w, nil
}

// checkNew holds that there are no streams where there is no note of them.
func (w *watermark) checkNew(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, streamsDir)); !errors.Is(err, fs.ErrNotExist) {
		return &DamagedError{Dir: dir, What: markName + " is missing"}
	}
	return nil
}

func (w *watermark) knows(stream string) bool {
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.note.Streams[stream]
}

// know notes that a stream was made.
func (w *watermark) know(stream string) error {
	if w == nil || w.knows(stream) {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note.Streams[stream] = true
	return w.save()
}

// state is the last change that was noted.
func (w *watermark) state() uint64 {
	if w == nil {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.note.State
}

// reach notes a change that was acknowledged.
func (w *watermark) reach(state uint64) error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if state <= w.note.State {
		return nil
	}
	w.note.State = state
	return w.save()
}

// save replaces the file as a whole. The caller holds the lock.
func (w *watermark) save() error {
	text, err := json.Marshal(&w.note)
	if err != nil {
		return err
	}
	beside := w.path + ".new"
	if err := os.MkdirAll(filepath.Dir(w.path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(beside, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("note what is in the store: %w", err)
	}
	if err := os.Rename(beside, w.path); err != nil {
		return fmt.Errorf("note what is in the store: %w", err)
	}
	return nil
}

// DamagedError says that a store has lost something that it had acknowledged.
type DamagedError struct {
	// Dir is where it lies, "" for a cluster.
	Dir string
	// What is gone.
	What string
}

func (e *DamagedError) Error() string {
	if e.Dir == "" {
		return fmt.Sprintf("the store is damaged: %s: restore the cluster's streams from a backup, or delete them to begin anew", e.What)
	}
	return fmt.Sprintf("the store in %s is damaged: %s: put a copy of the directory in its place, or move it away "+
		"(mv %s %s.damaged) to begin anew without its faults, brake, tokens and records", e.Dir, e.What, e.Dir, e.Dir)
}
