package report

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestCoverageText(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*coverage.Matrix{"full": full().Coverage, "hostile": evilContent(evil).Coverage} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "coverage-"+name+".txt", func(w io.Writer) error { return CoverageText(w, m, TextOptions{}) })
		})
	}
}

// Columns that have no room stand below, and none is lost.
func TestCoverageTextKeepsItsWidth(t *testing.T) {
	t.Parallel()
	c := coverage.New(coverage.Options{})
	for _, e := range groove.Endpoints() {
		c.Add(&observe.Attempt{Endpoint: e.Name, Origin: observe.OriginUpstream, Status: 200, Class: groove.ClassSuccess, End: observe.EndComplete})
	}
	m := c.Matrix()
	for _, width := range []int{60, 80, 120} {
		var b bytes.Buffer
		if err := CoverageText(&b, &m, TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := cells(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns, want at most %d: %s", n, width, line)
			}
		}
		for _, e := range groove.Endpoints() {
			if n := strings.Count(b.String(), " "+e.Name+" ") + strings.Count(b.String(), " "+e.Name+"\n"); n < 3 {
				t.Errorf("width %d: %s heads %d columns, want one in each of 3 matrices at least", width, e.Name, n)
			}
		}
	}
}
