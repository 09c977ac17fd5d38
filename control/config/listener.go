package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// Modes of a listener.
const (
	// ModeReverse takes requests as they are sent to a server: the base URL of
	// the caller is the listener.
	ModeReverse = "reverse"
	// ModeForward takes requests as they are sent to an HTTP proxy, CONNECT among
	// them. It goes together with ModeReverse.
	ModeForward = "forward"
	// ModeTransparent takes connections to other addresses that the system
	// redirects here. Only Linux can do that, and such a listener does nothing else.
	ModeTransparent = "transparent"
)

// Listener is one place where callers connect.
type Listener struct {
	// Listen is a loopback address. Port 0 takes any free one.
	Listen string `toml:"listen"`
	// Modes are ModeReverse and ModeForward, one of them or both, or
	// ModeTransparent alone.
	Modes []string `toml:"modes"`
}

// Serves reports whether a listener has a mode.
func (l *Listener) Serves(mode string) bool { return slices.Contains(l.Modes, mode) }

// AllListeners returns the first listener and the further ones.
func (p *Proxy) AllListeners() []Listener {
	return append([]Listener{{Listen: p.Listen, Modes: p.Modes}}, p.Listeners...)
}

// Serves reports whether any listener has a mode.
func (p *Proxy) Serves(mode string) bool {
	return slices.ContainsFunc(p.AllListeners(), func(l Listener) bool { return l.Serves(mode) })
}

// listenerField is where the ith of AllListeners stands, below [proxy].
func listenerField(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("listeners[%d].", i-1)
}

func (p *Proxy) validateListeners() faults.Problems {
	var problems faults.Problems
	for i, l := range p.AllListeners() {
		problems = append(problems, l.validate().Prefix(listenerField(i))...)
	}
	return problems
}

func (l *Listener) validate() faults.Problems {
	return append(listenProblems("listen", l.Listen), modeProblems(l.Modes)...)
}

func modeProblems(modes []string) faults.Problems {
	const want = `want "reverse", "forward" or both, or "transparent" alone`
	var text string
	for i, mode := range modes {
		known := []string{ModeReverse, ModeForward, ModeTransparent}
		switch {
		case !slices.Contains(known, mode):
			return faults.Problems{{
				Field: fmt.Sprintf("modes[%d]", i), Text: fmt.Sprintf("is %s, %s", quote(mode), hint(nearest(mode, known), known)),
			}}
		case slices.Contains(modes[:i], mode):
			text = fmt.Sprintf("has %s twice, %s", mode, want)
		case mode == ModeTransparent && len(modes) > 1:
			text = fmt.Sprintf("is %s, %s", strings.Join(modes, " and "), want)
		}
	}
	if len(modes) == 0 {
		text = "is empty, " + want
	}
	if text == "" {
		return nil
	}
	return faults.Problems{{Field: "modes", Text: text}}
}
