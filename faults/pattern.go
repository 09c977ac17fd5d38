package faults

import "strings"

// pattern is a text in which "*" stands for any run of characters.
type pattern struct {
	text string
	fold bool
}

// matches reports whether the value fits the pattern.
func matches[T string | []byte](p *pattern, value T) bool {
	// The classic walk with one place to fall back to: linear in practice, at
	// worst the product of both lengths, and without allocation.
	var i, j int
	star, mark := -1, 0
	for j < len(value) {
		switch {
		case i < len(p.text) && p.text[i] == '*':
			star, mark = i, j
			i++
		case i < len(p.text) && p.equal(p.text[i], value[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(p.text[i:], "*") == ""
}

func (p *pattern) equal(a, b byte) bool {
	return a == b || p.fold && lower(a) == lower(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// wild reports whether a text stands for more than itself.
func wild(text string) bool { return strings.Contains(text, "*") }

// Fits reports whether a value fits a pattern in the words of Match.Clients: "*" stands for any run of characters,
// and case counts.
func Fits(text, value string) bool { return matches(&pattern{text: text}, value) }
