package coverage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// Demand is how much must be covered at least.
type Demand struct {
	// Kind narrows it to one kind, "" for all.
	Kind Kind
	// Share is from 0 to 1.
	Share float64
}

// ParseDemand reads a demand as people write it: "40%", "0.4", or for one kind "status=100%".
func ParseDemand(text string) (Demand, error) {
	kind, share, narrowed := strings.Cut(text, "=")
	if !narrowed {
		kind, share = "", text
	}
	if narrowed && !slices.Contains(Kinds(), Kind(kind)) {
		return Demand{}, fmt.Errorf("kind is %.40q, want status, error_code, soft_error or transport", kind)
	}
	value, err := faults.ParseShare(share)
	if err != nil {
		return Demand{}, err
	}
	return Demand{Kind: Kind(kind), Share: value}, nil
}

// Unmet says which demands are not met, a sentence each. Unknown are those of which that cannot be said, as nothing was there to be covered.
func (m *Matrix) Unmet(demands []Demand) (unmet, unknown []string) {
	for _, d := range demands {
		what, tally := "coverage", m.Tally
		if d.Kind != "" {
			what, tally = "coverage of "+string(d.Kind), m.Kind(d.Kind)
		}
		switch {
		case tally.Of == 0:
			why := "no endpoint of the contract was used"
			if m.Of > 0 {
				why = "the endpoints that were used have none"
			}
			unknown = append(unknown, fmt.Sprintf("%s cannot be told, as %s; want %s", what, why, Percent(d.Share)))
		case tally.Share < d.Share:
			unmet = append(unmet, fmt.Sprintf("%s is %s (%d of %d), want %s", what, Percent(tally.Share), tally.Covered, tally.Of, Percent(d.Share)))
		}
	}
	return unmet, unknown
}

// Percent writes a share so that only nothing is 0 % and only all is 100 %.
func Percent(share float64) string {
	text := fmt.Sprintf("%.0f %%", 100*share)
	switch {
	case share > 0 && text == "0 %":
		return "under 1 %"
	case share < 1 && text == "100 %":
		return "over 99 %"
	default:
		return text
	}
}
