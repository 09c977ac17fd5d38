package proxy_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

var markerForm = regexp.MustCompile(`^gc-[0-9a-f]{10}$`)

// TestMarkerIsSentAndRecorded holds that the record says which marker the client was sent, in every form of an answer and on
// both paths, and none where it was sent none.
func TestMarkerIsSentAndRecorded(t *testing.T) {
	t.Parallel()
	upstream := newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"Tracks":{"Items":[]}}`)
	})
	on := func(o *proxy.Options) { o.Marker = true }
	down := faults.Fault{Name: "f", Answer: &faults.Answer{Status: 500, ErrorCode: groove.CodeInternalServerError, Message: "told"}}
	soft := faults.Fault{Name: "f", SoftError: &faults.SoftError{ErrorCode: groove.CodeCatalogInvalidData}}
	own := faults.Fault{Name: "f", Answer: &faults.Answer{Status: 500, Body: new("<h1>down</h1>")}}
	for name, test := range map[string]struct {
		fault          faults.Fault
		method, target string
		header         []string
		// times is how often the marker is in the answer.
		times int
	}{
		"JSON":                 {down, "GET", searchPath, nil, 2},
		"XML":                  {down, "GET", searchPath, []string{"Accept", "application/xml"}, 2},
		"JSONP":                {down, "GET", searchPath + "?jsonp=cb", nil, 2},
		"gzip":                 {down, "GET", searchPath, []string{"Accept-Encoding", "gzip"}, 2},
		"a soft error":         {soft, "GET", searchPath, nil, 1},
		"HEAD":                 {down, "HEAD", searchPath, nil, 0},
		"a body of its own":    {own, "GET", searchPath, nil, 0},
		"a 503 without a body": {answerFault("f", 503), "GET", searchPath, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, rig := range []*rig{newRig(t, upstream, on), newPlainHTTP2(t, upstream, on)} {
				rig.apply(test.fault)
				response, body := rig.do(test.method, test.target, nil, test.header...)
				if response.Header.Get("Content-Encoding") == "gzip" {
					body = unpacked(t, body)
				}
				marker := rig.wait(1)[0].Marker
				if (marker != "") != (test.times > 0) || marker != "" && !markerForm.MatchString(marker) {
					t.Errorf("%s: recorded %q", response.Proto, marker)
				}
				if got := strings.Count(body, "(ref gc-"); got != test.times || strings.Count(body, marker) < got {
					t.Errorf("%s: the marker %q is %d times in %q, want %d", response.Proto, marker, got, body, test.times)
				}
			}
		})
	}
}

func unpacked(t *testing.T, packed string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestMarkerIsOffByDefault: a client that can see the fault is not being tested.
func TestMarkerIsOffByDefault(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	rig.apply(answerFault("f", 500))
	_, body := rig.do("GET", searchPath, nil)
	if marker := rig.wait(1)[0].Marker; marker != "" || strings.Contains(body, "gc-") {
		t.Errorf("got marker %q in %q, want none", marker, body)
	}
}
