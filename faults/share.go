package faults

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ParseShare reads a share written as a number from 0 to 1 ("0.2") or as a
// percentage ("20%"). The error says what is wanted, not which field it is in.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	number = strings.TrimSpace(number)
	if !decimal.MatchString(number) {
		return 0, fmt.Errorf("is %q, want a number from 0 to 1 or a percentage such as \"20%%\"", clip(text))
	}
	if percent {
		// Not a division by 100, which can miss the nearest number.
		number += "e-2"
	}
	// Of what matches decimal, only what is far too large gives an error.
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !validShare(value) {
		return 0, fmt.Errorf("is %s, want 0 to 1", clip(text))
	}
	return value, nil
}

var decimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)$`)

// validShare says what is wanted rather than what is not, so that NaN fails it.
func validShare(share float64) bool { return share >= 0 && share <= 1 }
