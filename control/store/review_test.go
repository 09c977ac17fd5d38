package store

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

func TestTheNextExpiryChangesWhatIsInForce(t *testing.T) {
	t.Parallel()
	ending := func(in time.Duration, disabled bool) Fault {
		return Fault{Fault: faults.Fault{ExpiresAt: epoch.Add(in), Disabled: disabled}}
	}
	lasting := Fault{}
	for name, c := range map[string]struct {
		set  []Fault
		want time.Time
	}{
		"nothing":                {nil, time.Time{}},
		"no lifetimes":           {[]Fault{lasting, lasting}, time.Time{}},
		"the sooner one":         {[]Fault{ending(3, false), lasting, ending(2, false)}, epoch.Add(2)},
		"what is over":           {[]Fault{ending(0, false), ending(-1, false)}, time.Time{}},
		"what is switched off":   {[]Fault{ending(1, true), ending(2, false)}, epoch.Add(2)},
		"nothing is switched on": {[]Fault{ending(1, true)}, time.Time{}},
	} {
		if got := NextExpiry(c.set, epoch); !got.Equal(c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
