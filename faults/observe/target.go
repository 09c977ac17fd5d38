package observe

import (
	"bytes"
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
	var n normaliser
	return string(n.appendTarget(nil, path, query))
}

// normaliser writes targets in one way, in memory that is used again.
type normaliser struct {
	// text holds the parameters one after the other, parameters where each is.
	text       []byte
	parameters []parameter
}

// parameter is a place in a text: from start to end, of which the name ends at name.
type parameter struct{ start, name, end int }

// appendTarget appends what NormaliseTarget returns.
func (n *normaliser) appendTarget(dst []byte, path, query string) []byte {
	start := len(dst)
	dst = concealTokensFrom(appendNormal(dst, path, &plainInPath), start)
	if len(dst) == start {
		dst = append(dst, '/')
	}
	n.read(query)
	separator := byte('?')
	for _, p := range n.parameters {
		dst = append(dst, separator)
		dst = append(dst, n.text[p.start:p.end]...)
		separator = '&'
	}
	return dst
}

// read takes in the parameters of a query, in order of their names.
func (n *normaliser) read(query string) {
	n.text, n.parameters = n.text[:0], n.parameters[:0]
	sorted := true
	for more := query != ""; more; {
		var text string
		text, query, more = strings.Cut(query, "&")
		p := n.add(text)
		if p.start == p.end {
			continue
		}
		if last := len(n.parameters) - 1; last >= 0 && n.compare(n.parameters[last], p) > 0 {
			sorted = false
		}
		n.parameters = append(n.parameters, p)
	}
	if !sorted {
		slices.SortStableFunc(n.parameters, n.compare)
	}
}

func (n *normaliser) compare(a, b parameter) int {
	return bytes.Compare(n.text[a.start:a.name], n.text[b.start:b.name])
}

// add appends a parameter to the text, nothing for one that is left out. Some servers read a
// semicolon as a separator too, so what follows one may hide a secret.
func (n *normaliser) add(text string) parameter {
	start := len(n.text)
	for more := true; more; {
		var part string
		part, text, more = strings.Cut(text, ";")
		before := len(n.text)
		if before > start {
			n.text = append(n.text, ';')
		}
		if from := len(n.text); !n.addPart(part) || len(n.text) == from {
			n.text = n.text[:before]
		}
	}
	p := parameter{start: start, name: len(n.text), end: len(n.text)}
	if i := bytes.IndexByte(n.text[start:], '='); i >= 0 {
		p.name = start + i
	}
	return p
}

// addPart appends a part of a parameter, and reports false for one that is to be left out.
func (n *normaliser) addPart(part string) bool {
	start := len(n.text)
	raw, value, valued := strings.Cut(part, "=")
	n.text = concealTokensFrom(appendNormal(n.text, raw, &plainInQuery), start)
	lowerFrom(n.text, start)
	name := view(n.text[start:])
	switch {
	case volatileParameters[name]:
		return false
	case !valued:
		return true
	case name == jsonpParameter:
		n.text = append(n.text, "=*"...)
		return true
	}
	secret := isSecret(name)
	n.text = append(n.text, '=')
	start = len(n.text)
	n.text = appendNormal(n.text, value, &plainInQuery)
	if secret || n.carriesSecret(start) {
		n.text = concealFrom(n.text, start)
	} else {
		n.text = concealTokensFrom(n.text, start)
	}
	return true
}

// carriesSecret reports whether the value that begins at index start holds a secret parameter in
// turn, as the address of a redirect may. The room behind the text serves to decode the value.
func (n *normaliser) carriesSecret(start int) bool {
	end := len(n.text)
	value := view(n.text[start:])
	if !strings.Contains(value, "=") && !strings.Contains(value, "%3D") {
		return false
	}
	n.text = appendSeparators(n.text, value)
	decoded := view(n.text[end:])
	n.text = n.text[:end]
	for {
		before, after, ok := strings.Cut(decoded, "=")
		if !ok {
			return false
		}
		if isSecret(before[strings.LastIndexAny(before, "&?;#")+1:]) {
			return true
		}
		decoded = after
	}
}

// appendSeparators appends a normal value, of which it decodes what separates parameters.
func appendSeparators(dst []byte, value string) []byte {
	for i := 0; i < len(value); i++ {
		char := value[i]
		if escapeAt(value, i) {
			if decoded := unhex(value[i+1])<<4 | unhex(value[i+2]); strings.IndexByte("=&?;#", decoded) >= 0 {
				char = decoded
				i += 2
			}
		}
		dst = append(dst, char)
	}
	return dst
}

func isSeparator(c byte) bool { return c == '&' || c == ';' }

func set(names ...string) map[string]bool {
	members := make(map[string]bool, len(names))
	for _, name := range names {
		members[name] = true
	}
	return members
}
