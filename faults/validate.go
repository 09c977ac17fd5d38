package faults

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Validate reviews a whole set in creation order: each fault alone, names that
// are taken, and shares that add up to more than 1. Fields are named
// "faults[i].…" by the index in set.
func Validate(set []Fault) Review {
	var review Review
	if len(set) > MaxFaults {
		review.problem("faults", "are %d, want at most %d", len(set), MaxFaults)
		return review
	}
	taken := make(map[string]int, len(set))
	for i := range set {
		prefix := fmt.Sprintf("faults[%d].", i)
		review.merge(prefix, ValidateAlone(set[i]))
		if first, ok := taken[set[i].Name]; ok {
			review.problem(prefix+"name", "is %q, which faults[%d] has already", set[i].Name, first)
		} else {
			taken[set[i].Name] = i
		}
	}
	if len(review.Problems) == 0 {
		reviewShares(&review, set)
	}
	return review
}

// ValidateAlone reviews one fault by itself. Fields are named from the fault
// on: "share".
func ValidateAlone(f Fault) Review {
	var review Review
	if !nameForm.MatchString(f.Name) {
		review.problem("name", "is %q, want 1 to 63 lower-case letters, digits, dots, hyphens and underscores, beginning with a letter or digit", clip(f.Name))
	}
	if f.TTL < 0 || f.TTL > MaxTTL {
		review.problem("ttl", "is %v, want 0s to %v", f.TTL, MaxTTL)
	}
	reviewMatch(&review, &f.Match)
	reviewTrigger(&review, &f)
	reviewEffect(&review, &f)
	return review
}

// clip makes what a caller sent fit to be said back: short, and without
// characters that steer a terminal.
func clip(text string) string {
	const most = 80
	short := text
	if len(short) > most {
		short = text[:most]
	}
	clean := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, strings.ToValidUTF8(short, "\uFFFD"))
	if len(text) > most {
		clean += "…"
	}
	return clean
}
