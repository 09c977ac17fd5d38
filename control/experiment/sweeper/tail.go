package sweeper

import (
	"strings"
	"sync"
)

// tailLength is how much of what a command prints is kept, in bytes: its end.
const tailLength = 2000

// tail keeps the end of what is written to it. It is safe for concurrent use.
type tail struct {
	mu   sync.Mutex
	text []byte
	cut  bool
}

// Write implements [io.Writer]. It never fails.
func (t *tail) Write(part []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, part[max(0, len(part)-tailLength):]...)
	if excess := len(t.text) - tailLength; excess > 0 {
		t.text, t.cut = append(t.text[:0], t.text[excess:]...), true
	}
	return len(part), nil
}

// String is the end, from the beginning of a line on if it was cut.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.ToValidUTF8(string(t.text), "\uFFFD")
	if _, whole, found := strings.Cut(text, "\n"); t.cut && found {
		text = whole
	}
	return strings.TrimRight(text, "\n")
}
