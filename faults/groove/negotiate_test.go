package groove_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestNegotiateFormat(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		accept, query string
		want          groove.Format
	}{
		"nothing":                   {"", "", groove.FormatJSON},
		"JSON":                      {"application/json", "", groove.FormatJSON},
		"XML":                       {"application/xml", "", groove.FormatXML},
		"text XML":                  {"text/xml; charset=utf-8", "", groove.FormatXML},
		"XML in another case":       {"Application/XML", "", groove.FormatXML},
		"anything":                  {"*/*", "", groove.FormatJSON},
		"any application type":      {"application/*", "", groove.FormatJSON},
		"any text":                  {"text/*", "", groove.FormatXML},
		"images":                    {"image/png, image/*;q=0.8", "", groove.FormatJSON},
		"JSON is liked better":      {"application/xml;q=0.5, application/json", "", groove.FormatJSON},
		"XML is liked better":       {"application/json;q=0.5,application/xml;q=0.9", "", groove.FormatXML},
		"both alike":                {"application/xml, application/json", "", groove.FormatJSON},
		"XML named, JSON covered":   {"application/xml, */*", "", groove.FormatXML},
		"JSON named, XML covered":   {"*/*, application/json", "", groove.FormatJSON},
		"a browser":                 {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", groove.FormatXML},
		"XML refused":               {"application/xml;q=0", "", groove.FormatJSON},
		"XML refused, rest open":    {"application/xml;q=0.0, text/xml;q=0, */*", "", groove.FormatJSON},
		"JSON refused, rest open":   {"application/json;q=0, */*;q=0.1", "", groove.FormatXML},
		"weight after a parameter":  {"application/json;v=1;Q=0.1, text/xml; q=0.2", "", groove.FormatXML},
		"weight that is no number":  {"application/xml;q=NaN, application/json;q=0.1", "", groove.FormatJSON},
		"weight over one":           {"application/xml;q=2", "", groove.FormatJSON},
		"weight below nought":       {"application/xml;q=-1", "", groove.FormatJSON},
		"named twice":               {"application/xml, application/xml;q=0", "", groove.FormatXML},
		"empty elements":            {" ,;,;q=1, application/xml,", "", groove.FormatXML},
		"query for XML":             {"application/json", "contentType=xml", groove.FormatXML},
		"query for JSON":            {"application/xml", "contentType=json", groove.FormatJSON},
		"query in another case":     {"", "a=b&CONTENTTYPE=XML", groove.FormatXML},
		"query encoded":             {"", "content%54ype=x%6Dl", groove.FormatXML},
		"query for something else":  {"application/xml", "contentType=yaml", groove.FormatXML},
		"query that does not parse": {"application/xml", "contentType=%zz&%zz=json", groove.FormatXML},
		"other parameter":           {"", "xcontentType=xml&contentTypex=xml&q=contentType", groove.FormatJSON},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := groove.Wanted{Format: tt.want}
			if diff := cmp.Diff(want, groove.Negotiate(tt.accept, "", tt.query)); diff != "" {
				t.Errorf("Negotiate(%q, _, %q) (-want +got):\n%s", tt.accept, tt.query, diff)
			}
		})
	}
}

func TestNegotiateCallback(t *testing.T) {
	t.Parallel()
	const xml, json = groove.FormatXML, groove.FormatJSON
	tests := map[string]struct {
		accept, query string
		want          groove.Wanted
	}{
		"callback":              {"", "jsonp=show", groove.Wanted{Format: groove.FormatJSONP, Callback: "show"}},
		"path":                  {"", "JSONP=app.$cb._7", groove.Wanted{Format: groove.FormatJSONP, Callback: "app.$cb._7"}},
		"beats Accept":          {"application/xml", "jsonp=f", groove.Wanted{Format: groove.FormatJSONP, Callback: "f"}},
		"with JSON":             {"", "contentType=json&jsonp=f", groove.Wanted{Format: groove.FormatJSONP, Callback: "f"}},
		"with XML":              {"", "jsonp=f&contentType=xml", groove.Wanted{Format: xml}},
		"empty":                 {"", "jsonp=", groove.Wanted{Format: json}},
		"call":                  {"", "jsonp=alert(1)", groove.Wanted{Format: json}},
		"markup":                {"", "jsonp=%3Cscript%3E", groove.Wanted{Format: json}},
		"line end":              {"", "jsonp=f%0A", groove.Wanted{Format: json}},
		"space":                 {"", "jsonp=f+g", groove.Wanted{Format: json}},
		"digit first":           {"", "jsonp=7up", groove.Wanted{Format: json}},
		"digit first in a part": {"", "jsonp=a.7", groove.Wanted{Format: json}},
		"dot at the end":        {"", "jsonp=a.", groove.Wanted{Format: json}},
		"letters beyond ASCII":  {"", "jsonp=%C3%A9", groove.Wanted{Format: json}},
		"too long":              {"", "jsonp=" + strings.Repeat("a", 129), groove.Wanted{Format: json}},
		"ignored, not refused":  {"application/xml", "jsonp=f()", groove.Wanted{Format: xml}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, groove.Negotiate(tt.accept, "", tt.query)); diff != "" {
				t.Errorf("Negotiate(%q, _, %q) (-want +got):\n%s", tt.accept, tt.query, diff)
			}
		})
	}
}

func TestNegotiateGzip(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		encodings string
		want      bool
	}{
		"nothing":              {"", false},
		"as the SDK asks":      {"gzip, deflate", true},
		"another case":         {"GZip", true},
		"old name":             {"x-gzip", true},
		"others only":          {"deflate, br", false},
		"refused":              {"gzip;q=0, deflate", false},
		"refused at length":    {"gzip; q=0.000", false},
		"any":                  {"*", true},
		"any refused":          {"*;q=0", false},
		"any, but not this":    {"*, gzip;q=0", false},
		"this, but not others": {"*;q=0, gzip;q=0.1", true},
		"identity":             {"identity", false},
		"longer name":          {"gzipped", false},
		"bad weight":           {"gzip;q=yes", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := groove.Negotiate("", tt.encodings, "").Gzip; got != tt.want {
				t.Errorf("Accept-Encoding %q gives gzip %t, want %t", tt.encodings, got, tt.want)
			}
		})
	}
}

func FuzzNegotiate(f *testing.F) {
	f.Add("application/xml;q=0.5, */*", "gzip, *;q=0", "contentType=xml&jsonp=f.g")
	f.Add(";;q=,,", ",;q", "&=&%&jsonp=%")
	f.Add("text/*;q=1e309", "*;q=nan", "jsonp=$&JSONP=x")
	f.Fuzz(func(t *testing.T, accept, encodings, query string) {
		w := groove.Negotiate(accept, encodings, query)
		switch w.Format {
		case groove.FormatJSON, groove.FormatXML:
			if w.Callback != "" {
				t.Errorf("callback %q with %s, want none", w.Callback, w.Format)
			}
		case groove.FormatJSONP:
			if w.Callback == "" || strings.ContainsAny(w.Callback, " \t\r\n<>()[]{};,\"'`\\/=+-*&|\x00\u2028") {
				t.Errorf("callback %q, want a path of identifiers", w.Callback)
			}
		default:
			t.Errorf("format %q, want a known one", w.Format)
		}
	})
}

func TestNegotiateAllocatesNothing(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	for _, request := range [][3]string{
		{"", "", ""},
		{"*/*", "gzip, deflate", "q=daft+punk&maxItems=5"},
		{"application/json", "gzip, deflate, br, zstd", "contentType=JSON"},
		{"text/html,application/xml;q=0.9,*/*;q=0.8", "gzip;q=1.0, *;q=0", "jsonp=f.g"},
	} {
		got := testing.AllocsPerRun(100, func() { groove.Negotiate(request[0], request[1], request[2]) })
		if got != 0 {
			t.Errorf("%q: got %v allocations, want none", request, got)
		}
	}
}

func BenchmarkNegotiate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		groove.Negotiate("*/*", "gzip, deflate", "q=daft+punk&maxItems=5")
	}
}
