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

// window is what a client may have meant: anything between low and high alike, in seconds.
type window struct {
	low, high float64
	// share is the density inside, 0 where low and high are one.
	share float64
}

func newWindow(low, high float64) window {
	w := window{low: low, high: high}
	if high-low >= narrow {
		w.share = 1 / (high - low)
	}
	return w
}

// density is how probable a wait is, by noise level. Floor is how probable it is as a stray one.
func (w *window) density(wait, floor float64) [noiseLevels]float64 {
	after := wait - w.low + early
	if after < 0 {
		return [noiseLevels]float64{floor, floor, floor}
	}
	if w.share == 0 {
		p := lateBy.slope.read(after)
		return [noiseLevels]float64{floor + p[0], floor + p[1], floor + p[2]}
	}
	since, left := lateBy.rest.read(wait-w.high+early), lateBy.rest.read(after)
	return [noiseLevels]float64{
		floor + (since[0]-left[0])*w.share,
		floor + (since[1]-left[1])*w.share,
		floor + (since[2]-left[2])*w.share,
	}
}

// strayDensity is how probable a wait of so many seconds is if it has nothing to do with the law.
func strayDensity(wait float64) float64 { return stray / strayWidth / (wait + early) }

// tally multiplies densities, by noise level, without leaving the range of a float.
type tally struct {
	product, log [noiseLevels]float64
	pending      int
}

func (t *tally) add(p [noiseLevels]float64) {
	if t.pending == 0 {
		t.product = [noiseLevels]float64{1, 1, 1}
	}
	t.product[0] *= p[0]
	t.product[1] *= p[1]
	t.product[2] *= p[2]
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
