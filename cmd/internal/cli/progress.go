package cli

import (
	"fmt"
	"io"
	"time"
)

// progress tells a person how far something has come: a line for each step, at
// its beginning. On a terminal the line of the step that is under way counts
// the seconds that the step has taken.
type progress struct {
	out   io.Writer
	live  bool
	start time.Time
	// stop ends the step that is under way; nil for none.
	stop func()
}

func (r *root) newProgress() *progress {
	return &progress{out: r.Err, live: r.Live, start: time.Now()}
}

// step ends the step before and begins another one.
func (p *progress) step(title string) {
	p.end()
	line := fmt.Sprintf("%5.1f s  %s", time.Since(p.start).Seconds(), title)
	if !p.live {
		fmt.Fprintln(p.out, line)
		return
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p.count(line, quit)
	}()
	p.stop = func() {
		close(quit)
		<-ended
	}
}

// end ends the step that is under way, if there is one.
func (p *progress) end() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

// countPause is the time between two counts.
const countPause = 100 * time.Millisecond

// eraseLine leads to an empty line in place of the one the cursor is on.
const eraseLine = "\r\x1b[2K"

// count writes the line anew until quit is closed, and leaves it plain.
func (p *progress) count(line string, quit <-chan struct{}) {
	start := time.Now()
	ticker := time.NewTicker(countPause)
	defer ticker.Stop()
	for {
		fmt.Fprintf(p.out, "%s%s … %.1f s", eraseLine, line, time.Since(start).Seconds())
		select {
		case <-quit:
			fmt.Fprintf(p.out, "%s%s\n", eraseLine, line)
			return
		case <-ticker.C:
		}
	}
}
