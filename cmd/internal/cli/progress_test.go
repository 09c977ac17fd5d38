package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		live bool
		want string
	}{
		"elsewhere is a line for each step": {false, "  0.0 s  one\n  0.2 s  two\n"},
		"on a terminal counts while a step lasts": {true, strings.ReplaceAll(
			"^  0.0 s  one … 0.0 s^  0.0 s  one … 0.1 s^  0.0 s  one … 0.2 s^  0.0 s  one\n"+
				"^  0.2 s  two … 0.0 s^  0.2 s  two\n", "^", eraseLine)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out strings.Builder
				p := (&root{Streams: Streams{Err: &out, Live: test.live}}).newProgress()
				p.step("one")
				time.Sleep(250 * time.Millisecond)
				p.step("two")
				synctest.Wait()
				p.end()
				p.end()
				if got := out.String(); got != test.want {
					t.Errorf("it wrote %q, want %q", got, test.want)
				}
			})
		})
	}
}
