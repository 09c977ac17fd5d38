package groove

import (
	"iter"
	"net/url"
	"strconv"
	"strings"
)

// Format is a representation of an answer.
type Format string

// Formats of the reference. JSON is the default.
const (
	FormatJSON  Format = "json"
	FormatXML   Format = "xml"
	FormatJSONP Format = "jsonp"
)

// Wanted is the representation that a request asks for. The zero value wants
// plain JSON.
type Wanted struct {
	Format Format
	// Callback is the function name of JSONP.
	Callback string
	// Gzip reports whether the client accepts gzip.
	Gzip bool
}

// Negotiate reads the wanted representation from the Accept and
// Accept-Encoding fields and the raw query. A field that was sent several
// times is passed joined by commas. Nothing is refused: what cannot be read, or
// cannot be had, is passed over, and what remains is JSON.
//
// The query's contentType beats Accept, and its names and values compare
// without regard to case. A jsonp callback beats Accept too, for a script
// element cannot set it, but not contentType=xml. A callback that is not a plain
// path of JavaScript identifiers is ignored, since it would run in the page.
// In Accept the greater weight wins, then the type that is named over one that
// a wildcard covers, then JSON (RFC 9110, 12.5.1).
func Negotiate(accept, acceptEncoding, rawQuery string) Wanted {
	w := Wanted{Format: acceptedFormat(accept), Gzip: acceptsGzip(acceptEncoding)}
	if rawQuery == "" {
		return w
	}
	switch contentType := queryValue(rawQuery, "contentType"); {
	case strings.EqualFold(contentType, "xml"):
		w.Format = FormatXML
		return w
	case strings.EqualFold(contentType, "json"):
		w.Format = FormatJSON
	}
	if callback := queryValue(rawQuery, "jsonp"); isCallback(callback) {
		w.Format, w.Callback = FormatJSONP, callback
	}
	return w
}

// preference is how much a client wants a media type: by weight, then by how
// closely the range names it.
type preference struct {
	weight    float64
	closeness int
}

func (p preference) less(q preference) bool {
	if p.weight != q.weight {
		return p.weight < q.weight
	}
	return p.closeness < q.closeness
}

func acceptedFormat(accept string) Format {
	const ours = "application/json"
	if accept == "" || accept == "*/*" || accept == ours { // as it mostly is
		return FormatJSON
	}
	json := preferenceFor(accept, ours)
	xml := preferenceFor(accept, "application/xml")
	if text := preferenceFor(accept, "text/xml"); xml.less(text) {
		xml = text
	}
	if xml.weight > 0 && json.less(xml) {
		return FormatXML
	}
	return FormatJSON
}

// preferenceFor returns the preference that accept gives a media type: that of
// the range that names it most closely.
func preferenceFor(accept, mediaType string) preference {
	var best preference
	for name, weight := range weighted(accept) {
		if closeness := closenessOf(name, mediaType); closeness > best.closeness {
			best = preference{weight: weight, closeness: closeness}
		}
	}
	return best
}

// closenessOf returns how closely a range names a media type, 0 for not at all.
func closenessOf(name, mediaType string) int {
	kind := strings.IndexByte(mediaType, '/') + 1
	switch {
	case strings.EqualFold(name, mediaType):
		return 3
	case len(name) == kind+1 && name[kind] == '*' && strings.EqualFold(name[:kind], mediaType[:kind]):
		return 2
	case name == "*/*":
		return 1
	}
	return 0
}

// acceptsGzip reads Accept-Encoding: what is said of gzip beats what is said
// of "*". An absent field is taken as a no, as servers do.
func acceptsGzip(acceptEncoding string) bool {
	if acceptEncoding == "" {
		return false
	}
	var others bool
	for name, weight := range weighted(acceptEncoding) {
		switch {
		case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
			return weight > 0
		case name == "*":
			others = weight > 0
		}
	}
	return others
}

// weighted yields the elements of a field that lists names with weights. An
// element whose weight is not a number from 0 to 1 is left out.
func weighted(field string) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for element := range strings.SplitSeq(field, ",") {
			name, parameters, _ := strings.Cut(element, ";")
			name = strings.TrimSpace(name)
			weight, ok := weightOf(parameters)
			if name != "" && ok && !yield(name, weight) {
				return
			}
		}
	}
}

// weightOf returns the q parameter, 1 if there is none.
func weightOf(parameters string) (weight float64, ok bool) {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return weight, err == nil && weight >= 0 && weight <= 1
	}
	return 1, true
}

// queryValue returns the first decodable value of a query parameter, its name
// compared without regard to case.
func queryValue(rawQuery, name string) string {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		if len(rawName) < len(name) || rawName[0] != '%' && rawName[0]|0x20 != name[0] {
			continue // as it mostly is: no letter that the names begin with has another form than ASCII's two
		}
		decoded, err := url.QueryUnescape(rawName)
		if err != nil || !strings.EqualFold(decoded, name) {
			continue
		}
		if value, err := url.QueryUnescape(rawValue); err == nil {
			return value
		}
	}
	return ""
}

// maxCallback bounds the name of a callback, in bytes. The reference names no
// bound; this one is ours.
const maxCallback = 128

// isCallback reports whether s is a path of ASCII JavaScript identifiers, such
// as "app.callbacks.c7".
func isCallback(s string) bool {
	if len(s) > maxCallback {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		name := strings.ReplaceAll(part, "$", "_")
		if !isName(name) || ('0' <= name[0] && name[0] <= '9') {
			return false
		}
	}
	return true
}
