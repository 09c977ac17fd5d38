package observe

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

const (
	// maxIndex is from which repeat on all are taken together, maxLawKeys how many kinds of waits are kept apart.
	maxIndex, maxLawKeys = 9, 48
	// anyStatus pools the waits of all statuses, toldStatus those after a Retry-After.
	anyStatus, toldStatus = 0, -1
	// priorWeight is how many waits the prior stands for.
	priorWeight = 4
	// logRange is the natural logarithm of 60 000: the prior is log-uniform from 1 ms to 60 s.
	logRange = 11.0
	// leastTelling is how many waits must have been seen before calls that cross are told apart by them.
	leastTelling = 8
	// leastEarly is how many waits bound those that may come.
	leastEarly = 16
)

// lawKey names a kind of wait: after how many attempts, capped at maxIndex, 0 for any, and after which status.
type lawKey struct{ index, status int }

func (k lawKey) compare(other lawKey) int {
	return cmp.Or(cmp.Compare(k.index, other.index), cmp.Compare(k.status, other.status))
}

// law is how long a client waits between the attempts of a call: what was seen, in bounded room, and what follows
// from it. Nothing is said of the family of laws that it is of.
type law struct {
	waits map[lawKey]*sample
	// over samples by how much a wait exceeded the Retry-After before it.
	over sample
	// ends counts, by status, the failed answers after which a call went on, and those after which it did not.
	ends map[int]ending

	densities map[lawKey]*density
	overs     *density
}

// add takes in a wait.
func (l *law) add(tries int, after *flight, gap time.Duration) {
	l.end(after.status, ending{on: 1})
	index := min(tries, maxIndex)
	if after.wait >= 0 {
		l.over.add(gap - after.wait)
		l.sample(lawKey{index, toldStatus}, gap)
		return
	}
	l.sample(lawKey{index, after.status}, gap)
	l.sample(lawKey{index, anyStatus}, gap)
	l.sample(lawKey{0, anyStatus}, gap)
}

func (l *law) sample(key lawKey, gap time.Duration) {
	s := l.waits[key]
	if s == nil {
		if len(l.waits) >= maxLawKeys {
			return
		}
		if l.waits == nil {
			l.waits = map[lawKey]*sample{}
		}
		s = &sample{}
		l.waits[key] = s
	}
	s.add(gap)
}

// merge adds what other has seen, in a fixed order: where there is no room for all, the same is left out each time.
func (l *law) merge(other *law) {
	for _, key := range slices.SortedFunc(maps.Keys(other.waits), lawKey.compare) {
		s := other.waits[key]
		if l.waits[key] == nil && len(l.waits) >= maxLawKeys {
			continue
		}
		if l.waits == nil {
			l.waits = map[lawKey]*sample{}
		}
		if l.waits[key] == nil {
			l.waits[key] = &sample{}
		}
		l.waits[key].merge(s)
	}
	l.over.merge(&other.over)
	for _, status := range slices.Sorted(maps.Keys(other.ends)) {
		l.end(status, other.ends[status])
	}
}

// fit makes densities of what was seen.
func (l *law) fit() {
	l.densities = make(map[lawKey]*density, len(l.waits))
	for key, s := range l.waits {
		l.densities[key] = logDensity(s.gaps)
	}
	l.overs = linearDensity(l.over.gaps)
}

// ending counts failed answers by what came after.
type ending struct{ on, off int }

func (l *law) end(status int, e ending) {
	before, ok := l.ends[status]
	if !ok && len(l.ends) >= maxLawKeys {
		return
	}
	if l.ends == nil {
		l.ends = map[int]ending{}
	}
	l.ends[status] = ending{before.on + e.on, before.off + e.off}
}

// going is the share of failed answers with a status after which the client goes on.
func (l *law) going(status int) float64 {
	e := l.ends[status]
	return float64(e.on+1) / float64(e.on+e.off+2)
}

// telling reports that enough was seen of how the client waits to tell its calls apart by it.
func (s *study) telling() bool {
	if s == nil {
		return false
	}
	l := &s.law
	return l.densities[lawKey{0, anyStatus}].size() >= leastTelling || l.overs.size() >= leastTelling
}

// tooEarly reports that a call of so many attempts never went on nearly as soon, of many that did. A client may be late by any time, but
// hardly early.
func (s *study) tooEarly(tries int, after *flight, gap time.Duration) bool {
	if s == nil {
		return false
	}
	if after.wait >= 0 {
		// A Retry-After of 0 asks to come at once.
		punctual := s.law.overs.size() >= leastEarly && s.law.overs.values[0] > -0.02
		return punctual && 4*gap < after.wait
	}
	d := s.law.kind(tries, after.status)
	return d.size() >= leastEarly && 4*gap.Seconds() < math.Exp(d.values[0])
}

// kind finds the waits that a wait is to be compared with: those after as many attempts and the same status if there are some,
// else those after as many attempts, else all.
func (l *law) kind(tries, status int) *density {
	index := min(tries, maxIndex)
	for _, key := range [...]lawKey{{index, status}, {index, anyStatus}, {0, anyStatus}} {
		if d := l.densities[key]; d != nil && len(d.values) >= leastDensity {
			return d
		}
	}
	return nil
}

// density is the likelihood, per second, that a call of so many attempts goes on after a gap, given that it does.
func (l *law) density(tries int, after *flight, gap time.Duration) float64 {
	t := gap.Seconds()
	prior := logUniform(t)
	if after.wait < 0 {
		return l.kind(tries, after.status).with(prior, t)
	}
	over := (gap - after.wait).Seconds()
	if over > 0 {
		prior = (prior + logUniform(over)) / 2
	}
	own := l.densities[lawKey{min(tries, maxIndex), toldStatus}]
	return (l.overs.with(prior, over) + own.with(prior, t)) / 2
}

// pooled is density for a call the number of whose attempts is not certain.
func (l *law) pooled(tries int, after *flight, gap time.Duration) float64 {
	d := l.density(tries, after, gap)
	if after.wait >= 0 {
		return d
	}
	return (d + l.densities[lawKey{0, anyStatus}].with(logUniform(gap.Seconds()), gap.Seconds())) / 2
}

// survival is how likely it is that a call of so many attempts has not gone on by then, given that it will.
func (l *law) survival(tries int, after *flight, gap time.Duration) float64 {
	t := gap.Seconds()
	if after.wait >= 0 {
		over := (gap - after.wait).Seconds()
		return l.overs.beyond(min(beyondPrior(over)+0.5, 1), over)
	}
	return l.kind(tries, after.status).beyond(beyondPrior(t), t)
}

// logUniform is the density of the prior at t seconds.
func logUniform(t float64) float64 { return 1 / (max(t, 0.001) * logRange) }

// beyondPrior is the share of the prior beyond t seconds.
func beyondPrior(t float64) float64 {
	return min(max((math.Log(60)-math.Log(max(t, 0.001)))/logRange, 0.01), 1)
}

const (
	// maxDensity bounds the values of a density, leastDensity is how many make one.
	maxDensity, leastDensity = 48, 3
	// sharpest is the least width of a density in logarithms, noise the same in seconds: a timer is no
	// better.
	sharpest, noise = 0.01, 0.003
)

// density is a kernel density over values, in order.
type density struct {
	values []float64
	width  float64
	log    bool
}

// size counts the values.
func (d *density) size() int {
	if d == nil {
		return 0
	}
	return len(d.values)
}

// logDensity is over the logarithms of waits.
func logDensity(gaps []time.Duration) *density {
	d := &density{log: true, values: make([]float64, 0, len(gaps))}
	for _, gap := range gaps {
		d.values = append(d.values, math.Log(max(gap.Seconds(), 0.0005)))
	}
	d.shape(sharpest)
	return d
}

// linearDensity is over waits as they are, of either sign.
func linearDensity(gaps []time.Duration) *density {
	d := &density{values: make([]float64, 0, len(gaps))}
	for _, gap := range gaps {
		d.values = append(d.values, gap.Seconds())
	}
	d.shape(noise)
	return d
}

// shape orders and thins the values and finds the width: Silverman's rule, for Epanechnikov's kernel.
func (d *density) shape(least float64) {
	slices.Sort(d.values)
	if n := len(d.values); n > maxDensity {
		for i := range maxDensity {
			d.values[i] = d.values[i*(n-1)/(maxDensity-1)]
		}
		d.values = d.values[:maxDensity]
	}
	n := len(d.values)
	if n == 0 {
		return
	}
	spread := (d.values[n-1-n/4] - d.values[n/4]) / 1.34
	d.width = max(2.2*spread*math.Pow(float64(n), -0.2), least)
}

// with mixes the density at t with a prior, the weight of which shrinks as more was seen.
func (d *density) with(prior, t float64) float64 {
	if d == nil || len(d.values) == 0 {
		return prior
	}
	n := float64(len(d.values))
	return (d.at(t)*n + prior*priorWeight) / (n + priorWeight)
}

// at is the density at t, per second.
func (d *density) at(t float64) float64 {
	x, width, scale := t, d.width, 1.0
	if d.log {
		t = max(t, 0.0005)
		x, scale = math.Log(t), t
		width += noise / t
	}
	sum := 0.0
	for _, value := range d.values {
		if u := (x - value) / width; u > -1 && u < 1 {
			sum += 1 - u*u
		}
	}
	return 0.75 * sum / (float64(len(d.values)) * width * scale)
}

// beyond is the share of the values beyond t, mixed with a prior.
func (d *density) beyond(prior, t float64) float64 {
	if d == nil || len(d.values) == 0 {
		return prior
	}
	x := t
	if d.log {
		x = math.Log(max(t, 0.0005))
	}
	n := len(d.values)
	at, _ := slices.BinarySearch(d.values, x-d.width)
	return (float64(n-at) + prior*priorWeight) / (float64(n) + priorWeight)
}
