package verdict

import (
	"math"
	"slices"
	"time"
)

const (
	// surely is how unlikely, as a share, it must be that waits lie as they do by chance before that is taken for the client's doing.
	surely = 0.005
	// nearby is how likely a person's wait is at the most to lie around what Retry-After asked for.
	nearby = 0.25
	// rhoSigma is the rank correlation, times the root of the number of pairs but one, that comes about by chance as rarely as surely says.
	rhoSigma = 2.6
	// punctual is how soon after Retry-After is over a client that honours it comes, as a share of it and at the least.
	punctualShare, punctualLeast = 0.03, 100 * time.Millisecond
)

// proved returns those of the early ones that are the client's own doing: named, or not a person's, and not at a value of Retry-After
// that other calls honoured to the point, as a program does beside a person behind the same credential.
func (o *obedience) proved(early []told) []told {
	follows, ranged := o.surelyFollows(), map[string]bool{}
	for _, t := range o.keepsRange(early) {
		ranged[t.id] = true
	}
	var list []told
	for _, t := range early {
		if t.date != o.dated {
			continue // of the other form
		}
		if t.named || (t.mechanical || follows || ranged[t.id]) && !o.punctualAt(t) {
			list = append(list, t)
		}
	}
	return list
}

// punctualAt reports that a third of the calls that were asked for the same wait came just when it was over.
func (o *obedience) punctualAt(asked told) bool {
	all, punctual := 0, 0
	for _, t := range o.firsts.kept {
		if t.date != asked.date || t.ask.Round(time.Second) != asked.ask.Round(time.Second) {
			continue
		}
		all++
		if over := t.over(); !t.early() && over <= max(punctualLeast, time.Duration(punctualShare*float64(t.ask))) {
			punctual++
		}
	}
	return punctual > 0 && 3*punctual >= all
}

// surelyFollows reports that the waits follow Retry-After, early or late, more closely than chance would have it.
func (o *obedience) surelyFollows() bool {
	list := o.firsts.kept
	if enough(list) && spearman(asksOf(list), waitsOf(list))*math.Sqrt(float64(len(list)-1)) >= rhoSigma {
		return true
	}
	asked := slices.DeleteFunc(slices.Clone(list), func(t told) bool { return t.ask == 0 })
	near := 0
	for _, t := range asked {
		if t.near() {
			near++
		}
	}
	return tail(near, len(asked), nearby) <= surely
}

// tail is the probability of k or more out of n at share p each.
func tail(k, n int, p float64) float64 {
	sum := 0.0
	for i := k; i <= n; i++ {
		lognk, _ := math.Lgamma(float64(n + 1))
		logk, _ := math.Lgamma(float64(i + 1))
		logr, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(lognk - logk - logr + float64(i)*math.Log(p) + float64(n-i)*math.Log(1-p))
	}
	return sum
}
