package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// markName is the file beside the store that says what must be in it.
const markName = "groovechaos.json"

// markFormat is the format of a directory, and the only one that is read.
const markFormat = 1

// watermark is a note of what was acknowledged, in a file of its own: a store that has lost some of it to damage is known by
// that. It is behind what is on the disk for certain, so that a power cut does not look like damage. The nil one knows
// nothing.
type watermark struct {
	path string
	// behind is how long after it was acknowledged anything is noted.
	behind time.Duration

	// saving is held by who writes the file, so that nobody waits for a disk who only says what was acknowledged.
	saving sync.Mutex

	mu   sync.Mutex
	note markNote
	// next is what is to be noted once behind has passed since it was acknowledged, last what was acknowledged last.
	next, last markNote
	since      time.Time
	// looked is when the clock was last noted; setBack is how far it was behind what had been noted of it, at the start.
	looked  time.Time
	setBack time.Duration
}

// lookTime is how often the clock is noted when nothing happens.
const lookTime = time.Minute

type markNote struct {
	Format int `json:"format"`
	// Streams are those that were made, each with the sequence number of the last message that was acknowledged.
	Streams map[string]uint64 `json:"streams"`
	// Times are when those were acknowledged, by the wall clock; earlier versions did not note them.
	Times map[string]time.Time `json:"times,omitempty"`
	// Seen is what the wall clock was when this was noted.
	Seen time.Time `json:"seen,omitzero"`
}

func (n *markNote) clone() markNote {
	return markNote{Format: n.Format, Streams: maps.Clone(n.Streams), Times: maps.Clone(n.Times), Seen: n.Seen}
}

func openWatermark(dir string, behind time.Duration) (*watermark, error) {
	w := &watermark{path: filepath.Join(dir, markName), behind: behind, looked: time.Now()}
	text, err := os.ReadFile(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.note = markNote{Format: markFormat, Streams: map[string]uint64{}}
		// What is missing stays missing: a start that tells of it must not make the next one believe that all is well.
		if err = w.checkNew(dir); err == nil {
			err = w.save(&w.note)
		}
	case err != nil:
		err = fmt.Errorf("open the store: %w", err)
	case json.Unmarshal(text, &w.note) != nil || w.note.Streams == nil:
		err = &DamagedError{Dir: dir, What: markName + " cannot be read"}
	case w.note.Format != markFormat:
		err = fmt.Errorf("open the store: %s is in format %d, want %d: another version of groovechaos wrote it", dir, w.note.Format, markFormat)
	}
	if w.note.Times == nil {
		w.note.Times = make(map[string]time.Time)
	}
	if !w.note.Seen.IsZero() {
		w.setBack = max(0, w.note.Seen.Sub(w.looked))
	}
	w.next, w.last = w.note.clone(), w.note.clone()
	return w, err
}

// clockSetBack is how far the wall clock was set back while nobody looked, as far as that can be told.
func (w *watermark) clockSetBack() time.Duration {
	if w == nil {
		return 0
	}
	return w.setBack
}

// outlived reports whether everything in a stream that keeps messages for an age has grown older than that: the one that was
// noted last, and any that may have been acknowledged behind it before the next note was due. Known is false where that was
// not noted.
func (w *watermark) outlived(stream string, age time.Duration) (outlived, known bool) {
	if w == nil {
		return false, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at, known := w.note.Times[stream]
	rest := age + 2*(w.behind+spreadTime)
	return known && age > 0 && time.Since(at)+w.setBack > rest, known
}

// checkNew holds that there are no streams where there is no note of them.
func (w *watermark) checkNew(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, streamsDir)); !errors.Is(err, fs.ErrNotExist) {
		return &DamagedError{Dir: dir, What: markName + " is missing"}
	}
	return nil
}

// noted returns the last message of a stream that was noted, and whether there was such a stream.
func (w *watermark) noted(stream string) (last uint64, known bool) {
	if w == nil {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, known = w.note.Streams[stream]
	return last, known
}

// reach says that a message of a stream was acknowledged, 0 for none yet.
func (w *watermark) reach(stream string, last uint64) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if last > w.last.Streams[stream] {
		w.last.Times[stream] = time.Now()
	}
	w.last.Streams[stream] = max(w.last.Streams[stream], last)
	w.begin()
}

// begin has what was acknowledged last noted when its time has come. The caller holds the lock.
func (w *watermark) begin() {
	if w.since.IsZero() {
		w.next, w.since = w.last.clone(), time.Now()
	}
}

// settle notes what was acknowledged long enough ago, or all of it if everything is on the disk.
func (w *watermark) settle(everything bool) error {
	if w == nil {
		return nil
	}
	w.saving.Lock()
	defer w.saving.Unlock()
	note, due := w.due(everything)
	if !due {
		return nil
	}
	return w.save(&note)
}

// due is what is to be noted now, if anything is. What it returns is not changed any more.
func (w *watermark) due(everything bool) (note markNote, due bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case everything:
		w.next = w.last.clone()
	case w.since.IsZero() || time.Since(w.since) < w.behind:
		if time.Since(w.looked) < lookTime {
			return note, false
		}
		return w.look(), true
	}
	w.note, w.since = w.next, time.Time{}
	if !maps.Equal(w.next.Streams, w.last.Streams) {
		w.begin()
	}
	return w.look(), true
}

// look notes what the wall clock is. The caller holds the lock.
func (w *watermark) look() markNote {
	w.looked = time.Now()
	w.note.Seen = w.looked
	return w.note
}

// save replaces the file as a whole. After a power cut it is the one from before or the new one.
func (w *watermark) save(note *markNote) error {
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	beside := w.path + ".new"
	if err = writeSynced(beside, append(text, '\n')); err == nil {
		err = os.Rename(beside, w.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(w.path))
	}
	if err != nil {
		return fmt.Errorf("note what is in the store: %w", err)
	}
	return nil
}

// writeSynced writes a file that is on the disk when it returns.
func writeSynced(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(text); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDir brings the names in a directory to the disk, where the system can do that.
func syncDir(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := opened.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
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
