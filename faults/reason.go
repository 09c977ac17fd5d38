package faults

import (
	"math"
	"strconv"
	"time"
)

// cause is why a fault fires: what it drew, how far it counted, or how long it
// is to the next token.
type cause struct {
	fault *Active
	draw  float64
	count uint64
	wait  time.Duration
}

// causes is the causes of a decision. It keeps the usual few without
// allocating.
type causes struct {
	room [4]cause
	more []cause
	size int
}

func (c *causes) push(one cause) {
	if c.size < len(c.room) {
		c.room[c.size] = one
	} else {
		c.more = append(c.more, one)
	}
	c.size++
}

func (c *causes) at(i int) *cause {
	if i < len(c.room) {
		return &c.room[i]
	}
	return &c.more[i-len(c.room)]
}

// text says all of them in one line, and then what else there is to say. It allocates nothing for a lone fault that always
// fires, as most do.
func (c *causes) text(more string) string {
	if c.size == 1 && more == "" && c.room[0].fault.always != "" {
		return c.room[0].fault.always
	}
	var room [128]byte
	text := room[:0]
	for i := range c.size {
		if i > 0 {
			text = append(text, "; "...)
		}
		text = c.at(i).append(text)
	}
	if more != "" && c.size > 0 {
		text = append(text, "; "...)
	}
	return string(append(text, more...))
}

func (c *cause) append(text []byte) []byte {
	if c.fault.always != "" {
		return append(text, c.fault.always...)
	}
	text = append(text, c.fault.Fault.Name...)
	t := &c.fault.Fault.Trigger
	switch {
	case t.Quota != nil:
		text = strconv.AppendUint(append(text, ": quota "...), t.Quota.Requests, 10)
		text = appendSeconds(append(text, " in "...), t.Quota.period())
		return appendSeconds(append(text, ", token in "...), c.wait)
	case t.First > 0:
		return strconv.AppendUint(append(text, ": first "...), t.First, 10)
	case t.Every > 0:
		text = strconv.AppendUint(append(text, ": every "...), t.Every, 10)
		return strconv.AppendUint(append(text, ", exchange "...), c.count, 10)
	case t.counted():
		text = strconv.AppendUint(append(text, ": attempts "...), t.Attempts, 10)
		return strconv.AppendUint(append(text, ", attempt "...), c.count, 10)
	default:
		text = append(append(text, ": share "...), c.fault.shareText...)
		return appendDraw(append(text, ", draw "...), c.draw)
	}
}

// appendDraw writes a number from 0 to 1 with six digits. strconv does that too, in several times the
// time and so much of the stack that those of thousands of connections would have to grow.
func appendDraw(text []byte, draw float64) []byte {
	const one = 1_000_000
	n := int(math.RoundToEven(draw * one))
	text = append(text, byte('0'+n/one), '.') //nolint:gosec // A digit.
	for place := one / 10; place > 0; place /= 10 {
		text = append(text, byte('0'+n/place%10))
	}
	return text
}

func appendSeconds(text []byte, d time.Duration) []byte {
	return append(strconv.AppendFloat(text, d.Seconds(), 'g', -1, 64), 's')
}
