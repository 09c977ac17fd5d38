package store

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// agedOptions keep everything in a directory that has an age for as long as operators do.
func agedOptions(dir string) HubOptions {
	return HubOptions{
		Dir: dir, Sync: time.Second,
		Attempts: Bounds{Age: 24 * time.Hour}, Audit: Bounds{Age: 90 * 24 * time.Hour}, Runs: Bounds{Age: 30 * 24 * time.Hour},
	}
}

// keepOfAll keeps something in each stream whose messages grow too old, and returns their names with their ages.
func keepOfAll(t *testing.T, dir string) map[string]time.Duration {
	t.Helper()
	h, err := OpenHub(t.Context(), agedOptions(dir))
	if err != nil {
		t.Fatal(err)
	}
	audit, err := h.Audit(t.Context())
	if err == nil {
		err = audit.Append(t.Context(), AuditEntry{Method: "PullBrake"})
	}
	if err == nil {
		err = h.Outcomes("one").Keep(t.Context(), observe.Outcome{})
	}
	runs, failed := h.Runs(t.Context())
	if err = errors.Join(err, failed); err == nil {
		_, err = runs.Create(t.Context(), Run{ID: "r1", Form: json.RawMessage("{}")})
	}
	g := NewGathered(GatheredOptions{Node: "one", Own: 10})
	g.Record(&observe.Attempt{})
	if err = errors.Join(err, g.sendAll(t.Context(), h), h.Close()); err != nil {
		t.Fatal(err)
	}
	o := agedOptions(dir)
	return map[string]time.Duration{
		h.attemptStream(): o.Attempts.Age, h.outcomeStream(): o.Attempts.Age, h.auditStream(): o.Audit.Age, streamOf(h.runBucket()): o.Runs.Age,
	}
}

// editNote changes what is noted of a store.
func editNote(t *testing.T, dir string, edit func(note *markNote)) {
	t.Helper()
	path, note := filepath.Join(dir, markName), markNote{}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &note)
	}
	if err != nil {
		t.Fatal(err)
	}
	edit(&note)
	if text, err = json.Marshal(&note); err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// emptyMessages takes the files of the messages of a stream away, as the server does once all are too old.
func emptyMessages(t *testing.T, dir, stream string) {
	t.Helper()
	gone := 0
	for _, file := range filesOf(t, dir) {
		if strings.Contains(file, "/"+stream+"/msgs/") {
			gone++
			if err := os.Remove(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if gone == 0 {
		t.Fatalf("there are no messages of %s", stream)
	}
}

// A stream that ends too early is damaged as long as anything in it could still be there, and not once all of it had grown too
// old: then its numbers go on.
func TestAPowerCutWhenAStreamHasAgedOut(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	for stream, age := range keepOfAll(t, whole) {
		for name, tt := range map[string]struct {
			// older is how much older than its age the last message is, back how far the clock was set back since.
			older, back time.Duration
			damaged     bool
		}{
			"long gone":                       {older: time.Hour},
			"still there":                     {older: -time.Minute, damaged: true},
			"gone, but maybe not the next":    {older: time.Second, damaged: true},
			"gone by the clock as it was":     {older: time.Hour - age, back: age},
			"still there by that clock":       {older: -time.Minute - age, back: age, damaged: true},
			"of an age that was not noted at": {older: never, damaged: true},
		} {
			t.Run(stream+" "+name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
					t.Fatal(err)
				}
				var last uint64
				editNote(t, dir, func(note *markNote) {
					last = note.Streams[stream]
					note.Times[stream] = time.Now().Add(-age - tt.older)
					note.Seen = time.Now().Add(tt.back)
					if tt.older == never {
						delete(note.Times, stream)
					}
				})
				emptyMessages(t, dir, stream)
				goesOn(t, dir, stream, last, tt.damaged)
			})
		}
	}
}

// goesOn opens a store, and wants that a stream is damaged, or has its last number.
func goesOn(t *testing.T, dir, stream string, last uint64, damaged bool) {
	t.Helper()
	for range 2 { // What is told is told again.
		h, err := OpenHub(t.Context(), agedOptions(dir))
		var told *DamagedError
		if damaged != errors.As(err, &told) || !damaged && err != nil {
			t.Fatalf("got %v, want damage: %t", err, damaged)
		}
		if damaged {
			continue
		}
		there, err := h.js.Stream(t.Context(), stream)
		if err != nil || there.CachedInfo().State.LastSeq != last || last == 0 {
			t.Errorf("%s ends with %+v, %v, want number %d", stream, there.CachedInfo().State, err, last)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A stream that is missing is damaged however old what was in it had grown.
func TestAMissingStreamIsDamageAtAnyAge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for stream := range keepOfAll(t, dir) {
		editNote(t, dir, func(note *markNote) { note.Times[stream] = time.Now().Add(-never) })
		if paths, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", stream)); err != nil || len(paths) != 1 {
			t.Fatalf("%s is at %v, %v", stream, paths, err)
		} else if err := os.RemoveAll(paths[0]); err != nil {
			t.Fatal(err)
		}
	}
	var damaged *DamagedError
	if _, err := OpenHub(t.Context(), agedOptions(dir)); !errors.As(err, &damaged) {
		t.Errorf("got %v, want a *DamagedError", err)
	}
}
