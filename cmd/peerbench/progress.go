package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress tells a person how far the run has come. On a terminal it is one
// line that changes, with colour unless NO_COLOR is set.
type progress struct {
	out          io.Writer
	live, colour bool
	begun        time.Time
	done, all    int
}

func newProgress(out io.Writer) *progress {
	live := isTerminal(out)
	return &progress{out: out, live: live, colour: live && os.Getenv("NO_COLOR") == "", begun: time.Now()}
}

// plan counts the turns, and says about how long they will take.
func (p *progress) plan(o *options) {
	var length time.Duration
	for i := range o.scenarios {
		c := &o.scenarios[i]
		turns, each := len(among(o.peers, c)), delayTurnTime
		if c.kind != viaDelay {
			load := time.Duration(o.seconds) * time.Second
			turns, each = turns+1, load+2*max(load/4, shortest)
		}
		p.all += turns * o.rounds
		length += time.Duration(turns*o.rounds) * each
	}
	p.say(fmt.Sprintf("%d scenarios, %d turns, about %v", len(o.scenarios), p.all, length.Round(time.Second)))
}

// delayTurnTime is about how long a turn takes that holds exchanges back.
const delayTurnTime = (delayCycles + 4) * delayTime

// say writes a line that stays.
func (p *progress) say(text string) { p.write(text, true) }

func (p *progress) turn(c *scenario, t *turn) {
	p.done++
	text := fmt.Sprintf("%s round %d, %s: %.1f µs CPU/request, %.0f requests/s",
		c.name, t.Round, t.Peer, t.UserMicros+t.SystemMicros, float64(t.Requests)/t.Seconds)
	p.write(text+p.failed(t.Failures), !p.live || t.Failures > 0)
}

func (p *progress) delayTurn(c *scenario, t *delayTurn) {
	p.done++
	text := fmt.Sprintf("%s round %d, %s: error p50 %.0f µs, p99 %.0f µs, %.1f kB each", c.name, t.Round, t.Peer, t.P50Micros, t.P99Micros, t.BytesEach/1000)
	p.write(text+p.failed(int64(t.Failures)), !p.live || t.Failures > 0)
}

func (p *progress) failed(count int64) string {
	switch {
	case count == 0:
		return ""
	case p.colour:
		return fmt.Sprintf(", \x1b[31m%d failed\x1b[0m", count)
	default:
		return fmt.Sprintf(", %d failed", count)
	}
}

// write writes a line in place of one that does not stay.
func (p *progress) write(text string, stays bool) {
	line := fmt.Sprintf("%5.0f s  [%d/%d]  %s", time.Since(p.begun).Seconds(), p.done, p.all, text)
	switch {
	case !p.live:
		fmt.Fprintln(p.out, line)
	case stays:
		fmt.Fprintf(p.out, "\r\x1b[2K%s\n", line)
	default:
		fmt.Fprintf(p.out, "\r\x1b[2K%s", line)
	}
}

// end leaves the cursor on an empty line.
func (p *progress) end() {
	if p.live {
		fmt.Fprint(p.out, "\r\x1b[2K")
	}
}
