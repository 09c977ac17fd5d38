package observe

import (
	"slices"
	"strings"
)

// What follows normalises targets in the plainest way: the reference that the fast way must agree with.

func plainTarget(path, query string) string {
	path = concealTokens(plainPercent(path, "?#"))
	if path == "" {
		path = "/"
	}
	var parameters []string
	for parameter := range strings.SplitSeq(query, "&") {
		if parameter = plainParameter(parameter); parameter != "" {
			parameters = append(parameters, parameter)
		}
	}
	if len(parameters) == 0 {
		return path
	}
	slices.SortStableFunc(parameters, func(a, b string) int {
		return strings.Compare(plainName(a), plainName(b))
	})
	return path + "?" + strings.Join(parameters, "&")
}

// plainParameter returns "" for a parameter that is left out. Some servers read a
// semicolon as a separator too, so what follows one may hide a secret.
func plainParameter(parameter string) string {
	var parts []string
	for part := range strings.SplitSeq(parameter, ";") {
		if part = plainPart(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ";")
}

func plainPart(part string) string {
	name, value, valued := strings.Cut(part, "=")
	name = plainLower(concealTokens(plainPercent(name, "#")))
	switch {
	case volatileParameters[name]:
		return ""
	case !valued:
		return name
	case name == jsonpParameter:
		return name + "=*"
	}
	value = plainPercent(value, "#")
	if plainSecret(name) || plainCarriesSecret(value) {
		return name + "=" + conceal(value)
	}
	return name + "=" + concealTokens(value)
}

// plainCarriesSecret reports whether a value holds a secret parameter in turn, as the address
// of a redirect may.
func plainCarriesSecret(value string) bool {
	decoded := strings.NewReplacer("%3D", "=", "%26", "&", "%3F", "?", "%3B", ";", "%23", "#").Replace(value)
	for {
		before, after, ok := strings.Cut(decoded, "=")
		if !ok {
			return false
		}
		if plainSecret(before[strings.LastIndexAny(before, "=&?;#")+1:]) {
			return true
		}
		decoded = after
	}
}

func plainName(parameter string) string {
	name, _, _ := strings.Cut(parameter, "=")
	return name
}

// plainLower lowers the letters of a name that plainPercent has passed, but not its escapes.
func plainLower(name string) string {
	var lower strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '%' {
			lower.WriteString(name[i : i+3])
			i += 2
			continue
		}
		lower.WriteString(strings.ToLower(name[i : i+1]))
	}
	return lower.String()
}

// plainPercent decodes escapes of unreserved characters, writes the others with upper-case digits, and
// escapes stray percent signs, what may not stand in a URL, and the characters in also.
func plainPercent(text, also string) string {
	const digits = "0123456789ABCDEF"
	var normal strings.Builder
	for i := 0; i < len(text); i++ {
		char, escaped := text[i], false
		if escapeAt(text, i) {
			char, escaped = unhex(text[i+1])<<4|unhex(text[i+2]), true
			i += 2
		}
		switch {
		case isUnreserved(char):
			normal.WriteByte(char)
		case escaped || !mayStand(char) || strings.IndexByte(also, char) >= 0:
			normal.WriteByte('%')
			normal.WriteByte(digits[char>>4])
			normal.WriteByte(digits[char&15])
		default:
			normal.WriteByte(char)
		}
	}
	return normal.String()
}

// plainSecret reports whether a parameter of that name holds a secret. Case, separators and escapes do not matter.
func plainSecret(name string) bool {
	word := plainLetters(name)
	if word == continuationParameter {
		return false
	}
	for _, secret := range secretWords {
		if strings.Contains(word, secret) {
			return true
		}
	}
	return secretNames[word]
}

// plainLetters returns the letters of a name, in lower case and without its escapes.
func plainLetters(name string) string {
	var word strings.Builder
	word.Grow(len(name))
	for i := 0; i < len(name); i++ {
		char := name[i] | 0x20
		switch {
		case escapeAt(name, i):
			i += 2
		case char >= 'a' && char <= 'z':
			word.WriteByte(char)
		}
	}
	return word.String()
}
