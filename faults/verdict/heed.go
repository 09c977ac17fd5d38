package verdict

import (
	"math"
	"slices"
	"time"
)

const (
	// tight is how far from Retry-After a wait lies, as a share of it beside lengthened, that is taken for its doing, tightly how likely a wait is at
	// the most to lie there by chance.
	tight, tightly = 0.02, 0.1
	// spanOfPeople is the least range from which people's waits are drawn, punctualPart the share of a program's waits that are not late.
	spanOfPeople, punctualPart = 2 * time.Second, 0.75
)

// heeds reports that the waits depend on Retry-After, early or late, and that this is no accident: they rise with it, lie around it where the client's own do
// not, or are all longer than those, each as rarely by chance as surely says.
func (o *obedience) heeds() bool {
	list := o.firsts.kept
	if enough(list) && spearman(asksOf(list), waitsOf(list))*math.Sqrt(float64(len(list)-1)) >= rhoSigma {
		return true
	}
	own := o.ownRange(1)
	asked, around, at := 0, 0, 0
	for _, t := range list {
		if t.ask == 0 {
			continue
		}
		asked++
		if own.holds(t) {
			continue
		}
		if t.near() {
			around++
		}
		if t.over().Abs() <= lengthened+time.Duration(tight*float64(t.ask)) {
			at++
		}
	}
	return tail(around, asked, nearby) <= surely || tail(at, asked, tightly) <= surely || o.surelyMoved()
}

// surelyMoved reports that Retry-After lengthened the client's own waits, and that so many of either kind would not be so ordered by chance; of waits that are
// all the same three are enough.
func (o *obedience) surelyMoved() bool {
	longer, own := o.longer(), o.ownRange(1)
	if !o.moved() || len(longer) < leastOwn || len(o.own) < leastOwn || slices.Min(waitsOf(longer)) <= own.high {
		return false
	}
	return own.high-own.low <= slack(own.low) || 1/binomial(len(longer)+len(o.own), len(longer)) <= surely
}

// keepsRange returns those of the early calls that came back within the range of the client's own waits, if they are half of them at least and so many that
// people, whose waits are drawn from a wider one, would not have hit it.
func (o *obedience) keepsRange(early []told) []told {
	own := o.ownRange(punctualPart)
	within := slices.DeleteFunc(slices.Clone(early), func(t told) bool { return !own.holds(t) })
	share := float64(own.high-own.low+slack(own.low)+slack(own.high)) / float64(spanOfPeople)
	if len(o.own) < leastOwn || share >= 1 || 2*len(within) < len(early) || tail(len(within), len(early), share) > surely {
		return nil
	}
	return within
}

// stretch is a range of waits.
type stretch struct {
	low, high time.Duration
	known     bool
}

// ownRange is the range of the first waits that the client chose by itself, of which the longest are left out but for a share.
func (o *obedience) ownRange(share float64) stretch {
	if len(o.own) == 0 {
		return stretch{}
	}
	return stretch{slices.Min(o.own), quantile(o.own, share), true}
}

// holds reports a first wait in the range.
func (s stretch) holds(t told) bool {
	return s.known && t.index == 1 && t.wait >= s.low-slack(s.low) && t.wait <= s.high+slack(s.high)
}

// binomial is in how many ways k of n can be chosen.
func binomial(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways *= float64(n-i) / float64(i+1)
	}
	return ways
}
