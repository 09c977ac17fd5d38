package backoff

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// String is the law as a phrase: "exponential ×2 from 1 s, capped at 30 s, no jitter".
func (l Law) String() string {
	text := l.short()
	if l.Curve == Exponential && l.Jitter == NoJitter {
		text += ", no jitter"
	}
	return text
}

// short is the phrase without saying what is not there.
func (l Law) short() string {
	text := l.phrase()
	if l.Cap > 0 {
		text += ", capped at " + figure(l.Cap)
	}
	if l.Immediate {
		text = "at once, then " + text
	}
	return text
}

func (l Law) phrase() string {
	switch l.Jitter {
	case Full:
		return "full jitter on " + l.growth()
	case Equal:
		return "equal jitter on " + l.growth()
	case Proportional:
		return l.spread()
	case Additive:
		return l.growth() + " + up to " + figure(l.Extra)
	case NoJitter:
	}
	switch l.Curve {
	case Exponential:
		return "exponential ×" + number(l.Factor) + " from " + figure(l.Base)
	case Decorrelated:
		return "decorrelated jitter from " + figure(l.Base)
	case NoDelay:
		return "no delay"
	case Constant, Linear, LessOne:
	}
	return l.growth()
}

// spread is the phrase of proportional jitter: "×1.5 ± 50 % from 0.5 s".
func (l Law) spread() string {
	around := " ± " + number(100*l.Spread) + " %"
	if l.Curve == Exponential {
		return "×" + number(l.Factor) + around + " from " + figure(l.Base)
	}
	return l.growth() + around
}

// growth is the curve with its base: "0.5 s ×2", "linear 1 s".
func (l Law) growth() string {
	switch l.Curve {
	case Constant:
		return "constant " + figure(l.Base)
	case Linear:
		return "linear " + figure(l.Base)
	case LessOne:
		return figure(l.Base) + " × (" + number(l.Factor) + "^k − 1)"
	case Exponential:
		return figure(l.Base) + " ×" + number(l.Factor)
	case NoDelay, Decorrelated:
	}
	return string(l.Curve)
}

// number is a figure in two digits.
func number(x float64) string {
	text := strconv.FormatFloat(x, 'g', 2, 64)
	if strings.Contains(text, "e") {
		text = strconv.FormatFloat(x, 'f', 0, 64)
	}
	return text
}

// figure is a duration in seconds or, below 0.2 s, in milliseconds, as a number is.
func figure(d time.Duration) string {
	if d < 195*time.Millisecond {
		return number(1000*d.Seconds()) + " ms"
	}
	return number(d.Seconds()) + " s"
}

// String names the law, or the two that cannot be told apart, or says that there is no name.
func (f Fit) String() string {
	switch {
	case len(f.Laws) == 1:
		return f.Laws[0].String()
	case len(f.Laws) == 2:
		return f.Laws[0].short() + " or " + f.Laws[1].short() + ": " + f.lacking()
	case f.Gaps == 0:
		return "no wait of its own was seen"
	}
	return "no law to be named: " + f.lacking()
}

// lacking says what there is too little of.
func (f Fit) lacking() string {
	if n := len(f.Points); n < 3 {
		return plural(n, "gap") + " cannot tell"
	}
	return fmt.Sprintf("%s of up to %d gaps cannot tell", plural(f.Calls, "call"), len(f.Points))
}

func plural(n int, noun string) string {
	words := [...]string{"no", "one", "two", "three"}
	text := strconv.Itoa(n)
	if n < len(words) {
		text = words[n]
	}
	if n == 1 {
		return text + " " + noun
	}
	return text + " " + noun + "s"
}
