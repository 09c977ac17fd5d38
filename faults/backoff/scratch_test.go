package backoff_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
)

func TestScratch(t *testing.T) {
	for _, noise := range []simulate.Noise{simulate.Measured, simulate.Rough} {
		for _, shape := range [][2]int{{1, 3}, {8, 3}, {12, 3}, {12, 5}} {
			fmt.Println("== calls gaps", shape, "late", noise.Late)
			for _, k := range simulate.Kinds {
				s := simulate.NewSource(7)
				res := map[string]int{}
				const trials = 60
				start := time.Now()
				for range trials {
					l := k.Based(time.Duration(s.Between(0.1, 2) * 1e9))
					fit := backoff.Classify(simulate.Client{Law: l, Noise: noise}.Calls(shape[0], shape[1], s), backoff.Options{})
					key := "none"
					if fit.Best != nil && fit.Best.Family == l.Family {
						key = "best"
					}
					switch {
					case len(fit.Laws) == 1 && fit.Laws[0].Family == l.Family:
						key = "RIGHT"
					case len(fit.Laws) == 1:
						key = fmt.Sprint("WRONG ", fit.Laws[0].Family, fit.Laws[0].Factor, fit.Laws[0].Spread)
					case len(fit.Laws) == 2:
						key += fmt.Sprint(" two ", fit.Laws[0].Family, fit.Laws[1].Family)
					}
					res[key]++
				}
				fmt.Println(k.Name, time.Since(start)/trials, res)
			}
		}
	}
}
