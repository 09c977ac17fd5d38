package cli

import (
	"context"
	"strings"
	"testing"
)

// canceller cancels when what is written to it has a word in it.
type canceller struct {
	lockedBuffer
	word   string
	cancel context.CancelFunc
}

func (c *canceller) Write(p []byte) (int, error) {
	n, err := c.lockedBuffer.Write(p)
	if strings.Contains(c.String(), c.word) {
		c.cancel()
	}
	return n, err
}

func TestInterruptedDemo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var out strings.Builder
	said := &canceller{word: "429 with Retry-After", cancel: cancel}
	status := Run(ctx, []string{"demo"}, Streams{Out: &out, Err: said})
	if status != StatusFailed {
		t.Errorf("exit status is %d, want %d", status, StatusFailed)
	}
	if out.Len() > 0 {
		t.Errorf("it printed a verdict: %s", out.String())
	}
	if text := said.String(); !strings.HasSuffix(text, "\ngroovechaos: "+errInterrupted.Error()+"\n") || strings.Contains(text, "404 for") {
		t.Errorf("it said\n%s\nwant it to end in that step, and to say so", text)
	}
}

func TestServeEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var log lockedBuffer
	file := t.TempDir() + "/free.toml"
	writeFile(t, file, freePorts+"[store]\nstorage = \"memory\"\n")
	status := Run(ctx, []string{"serve", "--config", file}, Streams{Out: &canceller{word: "Ctrl-C ends", cancel: cancel}, Err: &log})
	if status != StatusMet {
		t.Errorf("exit status is %d, want 0; it said\n%s", status, log.String())
	}
}
