package config

import "strings"

// nearest returns the known key that a misspelt one most likely stands for, or
// the only one that begins with it, "" when none is near.
func nearest(key string, known []string) string {
	best, least := "", 2+len(key)/4
	for _, candidate := range known {
		if d := distance(strings.ToLower(key), candidate); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		best = beginning(strings.ToLower(key), known)
	}
	return best
}

// beginning returns the only word that begins with three letters or more, "" for
// none and for several.
func beginning(key string, known []string) string {
	var found []string
	for _, candidate := range known {
		if len(key) > 2 && strings.HasPrefix(candidate, key) {
			found = append(found, candidate)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// hint says what to write instead: the nearest word, or any of the known ones
// when there is none.
func hint(near string, known []string) string {
	if near == "" {
		return "want one of " + strings.Join(known, ", ")
	}
	return "did you mean " + near + "?"
}

// distance is the Levenshtein distance in bytes. It gives up early on texts
// whose lengths alone are too far apart.
func distance(a, b string) int {
	if len(a) > 2*len(b)+2 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
