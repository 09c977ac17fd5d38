package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// keep makes a store in a directory with some faults and a pulled brake, and closes it.
func keep(t *testing.T, dir string) {
	t.Helper()
	h, s := reopen(t, dir)
	for _, name := range []string{"one", "two", "three"} {
		if _, err := s.Write(t.Context(), []Write{{Fault: fault(name, 0.1)}}); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

func reopen(t *testing.T, dir string) (*Hub, *Shared) {
	t.Helper()
	h, err := OpenHub(t.Context(), HubOptions{Dir: dir, Sync: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.Shared(t.Context(), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	if err != nil {
		t.Fatal(errors.Join(err, h.Close()))
	}
	return h, s
}

// openAgain opens what may be damaged.
func openAgain(t *testing.T, dir string) ([]Fault, error) {
	t.Helper()
	h, err := OpenHub(t.Context(), HubOptions{Dir: dir, Sync: time.Second})
	if err != nil {
		return nil, err
	}
	defer h.Close()
	s, err := h.Shared(t.Context(), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Faults(t.Context())
}

// filesOf are the files of a store, but for its lock.
func filesOf(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() > 0 {
			files = append(files, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A damaged file makes an error that says how to recover, or loses nothing: it is never taken for a store in which there is
// less.
func TestDamageIsTold(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	keep(t, whole)
	for how, damage := range map[string]func(text []byte) []byte{
		"emptied":   func([]byte) []byte { return nil },
		"cut short": func(text []byte) []byte { return text[:len(text)/2] },
		"one bit flipped": func(text []byte) []byte {
			flipped := bytes.Clone(text)
			flipped[len(flipped)/2] ^= 1
			return flipped
		},
		"overwritten": func(text []byte) []byte { return []byte(strings.Repeat("x", len(text))) },
	} {
		for _, file := range filesOf(t, whole) {
			t.Run(how+" "+file, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, file)
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, damage(text), 0o600); err != nil {
					t.Fatal(err)
				}
				set, err := openAgain(t, dir)
				t.Logf("%d faults, %v", len(set), err)
				var damaged *DamagedError
				switch {
				case err == nil && len(set) != 3:
					t.Errorf("got %d faults of 3 and no error", len(set))
				case err != nil && !errors.As(err, &damaged):
					t.Errorf("got %v, want a *DamagedError", err)
				}
			})
		}
	}
}

// A store whose note is missing is refused however often it is opened, and as long as its streams are there.
func TestAMissingNoteIsToldAtEveryStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keep(t, dir)
	if err := os.Remove(filepath.Join(dir, markName)); err != nil {
		t.Fatal(err)
	}
	for start := range 3 {
		var damaged *DamagedError
		if set, err := openAgain(t, dir); !errors.As(err, &damaged) {
			t.Errorf("start %d: got %d faults and %v, want a *DamagedError", start+1, len(set), err)
		}
	}
}

// Once a hub is closed its directory belongs to the next one: closing the first again leaves the note alone.
func TestClosingAgainLeavesTheDirectoryToOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, s := reopen(t, dir)
	s.Close()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, markName)
	if err := os.WriteFile(path, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "another's" {
		t.Errorf("closing again wrote %q, %v", text, err)
	}
}

// What was acknowledged is noted before the directory is let go of.
func TestTheLastNoteIsWrittenWhileTheDirectoryIsOurs(t *testing.T) {
	t.Parallel()
	e := &embedded{dir: t.TempDir()}
	if err := e.take(); err != nil {
		t.Fatal(err)
	}
	err := e.stop(func() error {
		other := &embedded{dir: e.dir}
		if err := other.take(); err == nil {
			return errors.Join(errors.New("the directory was let go of before the last note"), other.lock.Close())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// An answer that was noted goes with its age, and so does the file in which it was; that the next file says how far the numbers
// had come is on the disk only later. A power cut in between is no damage.
func TestAPowerCutAfterTheAnswersHaveGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, s := reopen(t, dir)
	answers, err := h.Answers(t.Context())
	if err == nil {
		err = answers.Keep(t.Context(), "a", []byte("yes"))
	}
	if err != nil {
		t.Fatal(err)
	}
	brief := h.answers()
	brief.MaxAge, brief.Duplicates = 100*time.Millisecond, 100*time.Millisecond
	if _, err := h.js.UpdateStream(t.Context(), brief); err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the answer", func() bool {
		got, err := answers.Answer(t.Context(), "a")
		return got == nil && err == nil
	})
	s.Close()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	cut := 0
	for _, file := range filesOf(t, dir) {
		if strings.Contains(file, h.answerBucket()) && strings.Contains(file, "/msgs/") {
			cut++
			if err := os.Truncate(filepath.Join(dir, file), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	if set, err := openAgain(t, dir); err != nil || cut == 0 {
		t.Errorf("with %d files cut: got %v, %v, want no damage", cut, set, err)
	}
}

// A revocation that was lost to damage is told: the token does not open anything again.
func TestALostRevocationIsDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, s := reopen(t, dir)
	tokens, err := h.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tokens.Put(t.Context(), Token{ID: "old"}), tokens.Delete(t.Context(), "old")); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range filesOf(t, dir) {
		path := filepath.Join(dir, file)
		if !strings.Contains(file, h.tokenBucket()+"/msgs/") {
			continue
		}
		if info, err := os.Stat(path); err != nil {
			t.Fatal(err)
		} else if err := os.Truncate(path, info.Size()-1); err != nil {
			t.Fatal(err)
		}
	}
	var damaged *DamagedError
	if _, err := openAgain(t, dir); !errors.As(err, &damaged) {
		t.Errorf("got %v, want a *DamagedError", err)
	}
}

// What is wrong with a URL is told without it: it may hold a password.
// Who looks for the cluster is told where nobody answers, and no credentials.
func TestTheServersAreInTheError(t *testing.T) {
	t.Parallel()
	const named = "which [store] url names"
	for url, want := range map[string]string{
		"": "", "nats://127.0.0.1:1": " at 127.0.0.1:1 (", "nats://127.0.0.1:1,nats://[::1]:2": " at 127.0.0.1:1, [::1]:2 (",
		"nats://user:hush@a:1": " at a:1 (", "nats://user:hush@a:1,nats://b:2": " at a:1 (", "nats://user:12/sh@a:1": named, "nats://user:12,sh@a:1": named, "a b": named,
	} {
		h := &Hub{options: HubOptions{URL: url}}
		if got := h.where(); !strings.Contains(got, want) || url == "" && got != "" || strings.Contains(got, "user") || strings.Contains(got, "12") && !strings.Contains(url, "127") {
			t.Errorf("%s: got %q, want %q and no credentials", url, got, want)
		}
	}
}

func TestAPasswordIsInNoError(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"nats://user:hush hush@127.0.0.1:1", "nats://user:hush@127.0.0.1:x", "nats://user:hu/sh@h", "nats://user:hush@127.0.0.1:1"} {
		var away *UnavailableError
		if _, err := OpenHub(t.Context(), HubOptions{URL: url}); !errors.As(err, &away) || strings.Contains(err.Error(), "hu") {
			t.Errorf("got %v, want an *UnavailableError without the password", err)
		}
	}
}
