package observe

import (
	"io"
	"strings"
	"testing"
)

func TestDigest(t *testing.T) {
	t.Parallel()
	d := NewDigest()
	if got := d.Sum(); got != "" {
		t.Errorf("nothing written: got %q, want none", got)
	}
	for _, part := range []string{"a", "", "bc"} {
		if n, err := io.WriteString(d, part); n != len(part) || err != nil {
			t.Fatalf("write %q: got %d, %v", part, n, err)
		}
	}
	// The digits are those of FIPS 180's example for "abc".
	const abc = "ba7816bf8f01cfea"
	if got := d.Sum(); got != abc || d.Sum() != abc {
		t.Errorf("got %q, then %q, want %q twice", got, d.Sum(), abc)
	}
	if d.Length() != 3 {
		t.Errorf("got length %d, want 3", d.Length())
	}
	d.Reset()
	if d.Sum() != "" || d.Length() != 0 {
		t.Errorf("after a reset: got %q of %d bytes, want nothing", d.Sum(), d.Length())
	}
	_, _ = io.Copy(d, strings.NewReader("abc"))
	if got := d.Sum(); got != abc {
		t.Errorf("used again: got %q, want %q", got, abc)
	}
}
