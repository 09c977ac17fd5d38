package backoff

import "math"

// What a wait is late by. It is a mixture of exponential distributions, in one of several levels: a calm machine, a loaded one, and a
// process so busy that its timers wait for seconds. The level may differ from index to index, as a client that has
// just started is busier than later.
const (
	noiseLevels = 3
	noiseScales = 4
	// early is how much too early a wait may seem: timers that count whole milliseconds cut off what is below.
	early = 0.0005
	// stray is the probability that a gap has nothing to do with the law, and strayWidth the log of the range it then lies in.
	stray, strayWidth = 1e-3, 15
	// narrow is the window in seconds below which it is a point.
	narrow = 0.0005
)

var (
	// lateness are the mean times in seconds by which a wait is late.
	lateness = [noiseScales]float64{0.004, 0.03, 0.15, 1}
	// busy are the shares of them at each level, fitted to the gaps of eight clients without jitter.
	busy = [noiseLevels][noiseScales]float64{
		{0.74, 0.20, 0.04, 0.02},
		{0.45, 0.25, 0.15, 0.15},
		{0.20, 0.15, 0.20, 0.45},
	}
	// levelPrior are the logarithms of how often an index is at each level.
	levelPrior = [noiseLevels]float64{math.Log(0.85), math.Log(0.11), math.Log(0.04)}
)

// density is how probable a wait of w seconds is, by noise level, if the client meant anything between low and high alike.
func density(w, low, high float64) (p [noiseLevels]float64) {
	floor := stray / strayWidth / (w + early)
	p = [noiseLevels]float64{floor, floor, floor}
	after := w - low + early
	if after < 0 {
		return p
	}
	width := high - low
	if width < narrow {
		at := lateBy.slope.read(after)
		for level := range p {
			p[level] += at[level]
		}
		return p
	}
	since, left := lateBy.rest.read(w-high+early), lateBy.rest.read(after)
	for level := range p {
		p[level] += (since[level] - left[level]) / width
	}
	return p
}

// tally multiplies densities, by noise level, without leaving the range of a float.
type tally struct {
	product, log [noiseLevels]float64
	pending      int
}

func (t *tally) add(p [noiseLevels]float64) {
	if t.pending == 0 {
		t.product = [noiseLevels]float64{1, 1, 1}
	}
	for level := range p {
		t.product[level] *= p[level]
	}
	if t.pending++; t.pending == 8 {
		t.settle()
	}
}

func (t *tally) settle() {
	if t.pending == 0 {
		return
	}
	for level := range t.product {
		t.log[level] += math.Log(t.product[level])
	}
	t.pending = 0
}

// sum is the logarithm of the likelihood, whatever the noise level was.
func (t *tally) sum() float64 {
	t.settle()
	logs := t.log
	for level := range logs {
		logs[level] += levelPrior[level]
	}
	return logSum(logs[:])
}

// logSum is the logarithm of a sum of values that are given by their logarithms.
func logSum(logs []float64) float64 {
	most := math.Inf(-1)
	for _, l := range logs {
		most = max(most, l)
	}
	if math.IsInf(most, -1) {
		return most
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - most)
	}
	return most + math.Log(sum)
}
