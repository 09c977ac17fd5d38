package observe

import (
	"slices"
	"strings"
)

// accessTokenParameter is the contract's parameter for clients that cannot set headers, in lower case.
const accessTokenParameter = "accesstoken"

// volatileParameters may differ between attempts of a call and are left out. Names are in lower case and match as a whole.
var volatileParameters = set(
	accessTokenParameter,
	"_", "_t", "_ts", "_dc", "nocache", "_nocache", "cachebust", "cachebuster", "cache_buster", "cb",
	"attempt", "attempts", "retry", "retries", "retrycount", "retry_count", "try",
	"nonce", "ts", "timestamp", "rnd", "rand", "random",
)

// jsonpParameter names a function of the client's: that it is there matters, its name does not.
const jsonpParameter = "jsonp"

// NormaliseTarget writes a path and a raw query in one way for all requests that ask for the same thing,
// and without anything secret. Query names are in lower case and in order; values of one
// name keep theirs. Parameters that change from attempt to attempt are left out: the access token, the name of a
// JSONP callback, cache busters, counters of attempts. A short digest stands for the value of a secret parameter and for a
// credential in any other place, so that requests which differ in them still differ. Unreserved characters are decoded, hex digits are in upper case (RFC 3986, 6.2.2), and what may not
// stand in a URL is encoded.
//
// The path keeps its case and its dot segments. The length is not bounded: it is at most three times that of the input.
func NormaliseTarget(path, query string) string {
	path = concealTokens(normalisePercent(path, "?#"))
	if path == "" {
		path = "/"
	}
	var parameters []string
	for parameter := range strings.SplitSeq(query, "&") {
		if parameter = normaliseParameter(parameter); parameter != "" {
			parameters = append(parameters, parameter)
		}
	}
	if len(parameters) == 0 {
		return path
	}
	slices.SortStableFunc(parameters, func(a, b string) int {
		return strings.Compare(parameterName(a), parameterName(b))
	})
	return path + "?" + strings.Join(parameters, "&")
}

// normaliseParameter returns "" for a parameter that is left out. Some servers read a
// semicolon as a separator too, so what follows one may hide a secret.
func normaliseParameter(parameter string) string {
	var parts []string
	for part := range strings.SplitSeq(parameter, ";") {
		if part = normalisePart(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ";")
}

func normalisePart(part string) string {
	name, value, valued := strings.Cut(part, "=")
	name = lowerName(concealTokens(normalisePercent(name, "#")))
	switch {
	case volatileParameters[name]:
		return ""
	case !valued:
		return name
	case name == jsonpParameter:
		return name + "=*"
	}
	value = normalisePercent(value, "#")
	if isSecret(name) || carriesSecret(value) {
		return name + "=" + conceal(value)
	}
	return name + "=" + concealTokens(value)
}

// carriesSecret reports whether a value holds a secret parameter in turn, as the address
// of a redirect may.
func carriesSecret(value string) bool {
	decoded := strings.NewReplacer("%3D", "=", "%26", "&", "%3F", "?", "%3B", ";", "%23", "#").Replace(value)
	for {
		before, after, ok := strings.Cut(decoded, "=")
		if !ok {
			return false
		}
		if isSecret(before[strings.LastIndexAny(before, "=&?;#")+1:]) {
			return true
		}
		decoded = after
	}
}

func parameterName(parameter string) string {
	name, _, _ := strings.Cut(parameter, "=")
	return name
}

func isSeparator(r rune) bool { return r == '&' || r == ';' }

// lowerName lowers the letters of a name that normalisePercent has passed, but not its escapes.
func lowerName(name string) string {
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

// normalisePercent decodes escapes of unreserved characters, writes the others with upper-case digits, and
// escapes stray percent signs, what may not stand in a URL, and the characters in also.
func normalisePercent(text, also string) string {
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

// isUnreserved is the unreserved set of RFC 3986, 2.3.
func isUnreserved(char byte) bool {
	return isAlphanumeric(rune(char)) || strings.IndexByte("-._~", char) >= 0
}

// mayStand reports whether char may stand in a URL without an escape.
func mayStand(char byte) bool {
	return char > ' ' && char < 0x7f && strings.IndexByte("%\"<>\\^`{|}", char) < 0
}

func isHex(char byte) bool {
	return char >= '0' && char <= '9' || char >= 'a' && char <= 'f' || char >= 'A' && char <= 'F'
}

func unhex(char byte) byte {
	if char <= '9' {
		return char - '0'
	}
	return char&^0x20 - 'A' + 10
}

func set(names ...string) map[string]bool {
	members := make(map[string]bool, len(names))
	for _, name := range names {
		members[name] = true
	}
	return members
}
