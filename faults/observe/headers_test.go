package observe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// plainHeaders is what Attempt.Headers is to hold, in the plainest way.
func plainHeaders(list FieldList) string {
	values := map[string][]string{}
	var nominated []string
	for i := range list.Len() {
		name, value := list.At(i)
		name = strings.ToLower(name)
		if name == "connection" {
			for option := range strings.SplitSeq(value, ",") {
				nominated = append(nominated, strings.ToLower(strings.TrimSpace(option)))
			}
			continue
		}
		if value = strings.TrimSpace(value); name == "content-type" && strings.HasPrefix(strings.ToLower(value), "multipart/") {
			value = strings.TrimSpace(strings.Split(value, ";")[0])
		}
		values[name] = append(values[name], value)
	}
	var digests []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if isVolatile(name) || slices.Contains(nominated, name) || len(digests) == MaxHeaders {
			continue
		}
		digests = append(digests, fmt.Sprintf("%s=%016x", name, xxhash.Sum64String(strings.Join(values[name], ", ")))[:len(name)+1+8])
	}
	return strings.Join(digests, ";")
}

func headersOf(list FieldList) string {
	var k knownHeaders
	return k.of(list)
}

func TestHeadersAreThoseThatStayTheSame(t *testing.T) {
	t.Parallel()
	digest := func(value string) string { return fmt.Sprintf("%016x", xxhash.Sum64String(value))[:8] }
	for name, test := range map[string]struct {
		fields section
		want   string
	}{
		"nothing": {nil, ""},
		"sorted, in lower case and trimmed": {
			section{{"X-B", " 2 "}, {"Accept", "*/*"}},
			"accept=" + digest("*/*") + ";x-b=" + digest("2"),
		},
		"secrets": {section{
			{"Authorization", "Bearer a"}, {"Cookie", "a=b"}, {"X-Api-Key", "k"}, {"Idempotency-Key", "k"}, {"Ocp-Apim-Subscription-Key", "k"}, {"X-Auth-Token", "t"},
		}, ""},
		"what changes each time": {section{
			{"Date", "now"}, {"traceparent", "00-1"}, {"x-request-id", "1"}, {"Retry-Attempt", "2"}, {"amz-sdk-request", "attempt=1"}, {"X-B3-SpanId", "1"},
		}, ""},
		"what belongs to the connection": {section{
			{"Host", "h"}, {"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}, {"TE", "trailers"}, {"Connection", "close, X-Hop"}, {"x-hop", "1"},
		}, ""},
		"a multipart boundary": {
			section{{"Content-Type", "multipart/form-data; boundary=abc"}},
			"content-type=" + digest("multipart/form-data"),
		},
		"a parameter of another type": {
			section{{"Content-Type", "text/xml; charset=utf-8"}},
			"content-type=" + digest("text/xml; charset=utf-8"),
		},
		"a list on two lines": {section{{"Accept", "a"}, {"X", "1"}, {"accept", "b"}}, "accept=" + digest("a, b") + ";x=" + digest("1")},
		"a name that is none": {section{{"a b", "1"}, {"a=b", "1"}, {"a;b", "1"}, {"", "1"}, {strings.Repeat("x", longestName+1), "1"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := headersOf(test.fields); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	var many section
	for i := range 100 {
		many = append(many, [2]string{fmt.Sprintf("X-%03d", 99-i), "v"})
	}
	got := strings.Split(headersOf(many), ";")
	if len(got) != MaxHeaders || !strings.HasPrefix(got[0], "x-000=") {
		t.Errorf("got %d digests from %q on, want %d from x-000 on", len(got), got[0], MaxHeaders)
	}
}

// TestHeadersKeepNoSecret looks into what is kept of a connection.
func TestHeadersKeepNoSecret(t *testing.T) {
	t.Parallel()
	var k knownHeaders
	k.of(section{{"Authorization", "Bearer swordfish"}, {"Cookie", "swordfish"}, {"X-Team", "a"}})
	if strings.Contains(string(k.text[:cap(k.text)]), "swordfish") {
		t.Errorf("the secret is kept: %q", k.text)
	}
}

func TestTraceIsValidated(t *testing.T) {
	t.Parallel()
	const id, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for field, want := range map[string]string{
		"00-" + id + "-" + parent + "-01":      id,
		" 00-" + id + "-" + parent + "-00 ":    id,
		"01-" + id + "-" + parent + "-01-more": id,
		"":                                     "",
		"00":                                   "",
		"ff-" + id + "-" + parent + "-01":      "",
		"00-" + id + "-" + parent + "-01-more": "",
		"01-" + id + "-" + parent + "-01more":  "",
		"00-" + strings.ToUpper(id) + "-" + parent + "-01":     "",
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01": "",
		"00-" + id + "-" + strings.Repeat("0", 16) + "-01":     "",
		"00-" + id + "-" + parent + "-0x":                      "",
		"0x-" + id + "-" + parent + "-01":                      "",
		"00-" + id + "_" + parent + "-01":                      "",
		"00-" + id[1:] + "--" + parent + "-01":                 "",
	} {
		if got := Trace(section{{"Traceparent", field}}); got != want {
			t.Errorf("%q: got %q, want %q", field, got, want)
		}
	}
	var scratch Scratch
	var sight Sight
	scratch.Of(&Identity{}, &Request{Header: section{{"traceparent", "00-" + id + "-" + parent + "-01"}}}, &sight)
	if sight.Trace != id || sight.TraceParent != parent+"-01" {
		t.Errorf("a request was looked at: got %q and %q, want %q and %q", sight.Trace, sight.TraceParent, id, parent+"-01")
	}
	scratch.Of(&Identity{}, &Request{Header: section{{"traceparent", "00-" + id + "-" + strings.Repeat("0", 16) + "-01"}}}, &sight)
	if sight.TraceParent != "" {
		t.Errorf("an invalid field gave the parent %q, want none", sight.TraceParent)
	}
	if got := Trace(nil); got != "" {
		t.Errorf("no header section: got %q, want none", got)
	}
}

func TestHeaderDigestIsTheOneThatIsRecorded(t *testing.T) {
	t.Parallel()
	for field, want := range map[[2]string]string{
		{"Content-Type", "multipart/form-data"}:             "736b802e",
		{"content-type", "multipart/form-data; boundary=x"}: "736b802e",
		{"Authorization", "Bearer x"}:                       "",
	} {
		if got := HeaderDigest(field[0], field[1]); got != want {
			t.Errorf("digest of %v is %q, want %q", field, got, want)
		}
	}
}
