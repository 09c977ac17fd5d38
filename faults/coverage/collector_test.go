package coverage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// failed is an attempt that a fault answered.
func failed(endpoint string, status int, code groove.ErrorCode) *observe.Attempt {
	return &observe.Attempt{
		Client: "c", Endpoint: endpoint, Origin: observe.OriginInjected, End: observe.EndComplete,
		Status: status, Class: groove.ClassFailure, ErrorCode: code,
	}
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	ours := failed(groove.Genres, 502, "")
	ours.Origin = observe.OriginOurs
	upstream := failed(groove.Genres, 401, groove.CodeAccessTokenExpired)
	upstream.Origin = observe.OriginUpstream
	m := Of(slices.Values([]*observe.Attempt{
		failed(groove.Stream, 503, ""), failed(groove.Genres, 503, ""), failed(groove.Genres, 503, ""), upstream, ours,
		failed(groove.Genres, 502, groove.CodeCatalogUnavailable), // which genres cannot send
		failed("", 503, ""),
	}), Options{})
	// 6 statuses, 7 + 10 + 2 codes, one of them soft, and 6 troubles; stream has 3 statuses and 6 codes more.
	genres := 6 + 7 + 10 + 2 + 6
	stream := genres + 3 + 6
	if got := []int{m.Covered, m.Of, len(m.Endpoints), m.Endpoints[0].Of, m.Endpoints[1].Of}; !slices.Equal(got, []int{4, genres + stream, 2, genres, stream}) {
		t.Errorf("covered, of, endpoints, of genres, of stream are %v", got)
	}
	if m.Attempts != 6 || m.Outside != 1 || m.Ours != 1 {
		t.Errorf("%d attempts, %d outside and %d ours, want 6, 1 and 1", m.Attempts, m.Outside, m.Ours)
	}
	g := m.Endpoints[0]
	if g.Endpoint != groove.Genres || g.Covered != 3 || m.Endpoints[1].Endpoint != groove.Stream {
		t.Errorf("first endpoint is %s with %d covered, want genres with 3, then stream", g.Endpoint, g.Covered)
	}
	var met []Cell
	for _, c := range g.Errors {
		if c.Attempts > 0 {
			met = append(met, c)
		}
	}
	if diff := cmp.Diff([]Cell{
		{Error{KindStatus, "401"}, 1, 0}, {Error{KindStatus, "503"}, 2, 2}, {Error{KindErrorCode, "ACCESS_TOKEN_EXPIRED"}, 1, 0},
	}, met); diff != "" {
		t.Errorf("met on genres (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Cell{{Error{KindStatus, "502"}, 1, 1}, {Error{KindErrorCode, "CATALOG_UNAVAILABLE"}, 1, 1}}, g.Beyond); diff != "" {
		t.Errorf("beyond the contract (-want +got):\n%s", diff)
	}
}

func TestMatrixOfOneClient(t *testing.T) {
	t.Parallel()
	other := failed(groove.Search, 503, "")
	other.Client = "other"
	m := Of(slices.Values([]*observe.Attempt{failed(groove.Genres, 503, ""), other}), Options{Client: "other"})
	if len(m.Endpoints) != 1 || m.Endpoints[0].Endpoint != groove.Search || m.Attempts != 1 {
		t.Errorf("endpoints are %v with %d attempts, want search alone with 1", m.Endpoints, m.Attempts)
	}
}

func TestWhatAnUpstreamInventsIsBounded(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	for i := range 10_000 {
		c.Add(failed(groove.Search, 500, groove.ErrorCode(fmt.Sprintf("INVENTED_%d", i))))
	}
	if n := len(c.Matrix().Endpoints[0].Beyond); n == 0 || n > mostBeyond {
		t.Errorf("%d errors beyond the contract, want some and at most %d", n, mostBeyond)
	}
}

// Everything that applies to an endpoint can be met, and then all is covered.
func TestAllCanBeCovered(t *testing.T) {
	t.Parallel()
	for _, e := range groove.Endpoints() {
		c := New(Options{})
		for _, info := range groove.ErrorCodes() {
			if e.Fits(info.Code) {
				a := failed(e.Name, info.Status, info.Code)
				if info.Status == 200 {
					a.Class = groove.ClassSoftError
				}
				c.Add(a)
			}
		}
		late := failed(e.Name, 503, "")
		late.DelayedBy, late.UpstreamStatus = []string{"d"}, 200
		c.Add(late)
		for _, how := range []faults.BreakKind{faults.BreakReset, faults.BreakClose, faults.BreakHang} {
			a := failed(e.Name, 0, "")
			a.Break, a.End, a.SpoiledBy = how, observe.EndBroken, []string{"s"}
			c.Add(a)
		}
		if m := c.Matrix(); m.Share != 1 || m.Covered != len(Applicable(e)) || len(m.Endpoints[0].Beyond) > 0 {
			t.Errorf("%s: %d of %d covered, %v beyond, want all and nothing", e.Name, m.Covered, m.Of, m.Endpoints[0].Beyond)
		}
	}
}

func TestTalliesAddUp(t *testing.T) {
	t.Parallel()
	names := groove.Endpoints()
	rapid.Check(t, func(t *rapid.T) {
		c := New(Options{})
		n := rapid.IntRange(0, 60).Draw(t, "attempts")
		for range n {
			e := rapid.SampledFrom(names).Draw(t, "endpoint")
			info := rapid.SampledFrom(groove.ErrorCodes()).Draw(t, "code")
			c.Add(failed(e.Name, info.Status, info.Code))
		}
		m := c.Matrix()
		kinds, rows := Tally{}, Tally{}
		for _, k := range m.Kinds {
			kinds.Covered, kinds.Of = kinds.Covered+k.Covered, kinds.Of+k.Of
		}
		attempts := uint64(0)
		for _, e := range m.Endpoints {
			rows.Covered, rows.Of, attempts = rows.Covered+e.Covered, rows.Of+e.Of, attempts+e.Attempts
		}
		if m.Attempts != uint64(n) || attempts != m.Attempts {
			t.Fatalf("%d attempts of %d by endpoint, want %d", m.Attempts, attempts, n)
		}
		for _, got := range []Tally{kinds, rows} {
			if got.Covered != m.Covered || got.Of != m.Of {
				t.Fatalf("%d of %d in parts, want %d of %d", got.Covered, got.Of, m.Covered, m.Of)
			}
		}
		if m.Share < 0 || m.Share > 1 || m.Of > 0 && m.Share != float64(m.Covered)/float64(m.Of) {
			t.Fatalf("share is %v of %d of %d", m.Share, m.Covered, m.Of)
		}
	})
}

func TestDemands(t *testing.T) {
	t.Parallel()
	m := Of(slices.Values([]*observe.Attempt{failed(groove.Genres, 503, "")}), Options{})
	none := Of(slices.Values([]*observe.Attempt{}), Options{})
	for text, test := range map[string]struct {
		matrix         Matrix
		unmet, unknown string
	}{
		"0":                {m, "", ""},
		"1%":               {m, "", ""},
		"40%":              {m, "coverage is 3 % (1 of 31), want 40 %", ""},
		"status=16%":       {m, "", ""},
		"soft_error=0":     {m, "", ""},
		"status=1":         {m, "coverage of status is 17 % (1 of 6), want 100 %", ""},
		"transport=0.5":    {m, "coverage of transport is 0 % (0 of 6), want 50 %", ""},
		"0.00001":          {none, "", "coverage cannot be told"},
		"error_code=0.5%":  {m, "coverage of error_code is 0 % (0 of 18), want under 1 %", ""},
		"soft_error=99.9%": {m, "coverage of soft_error is 0 % (0 of 1), want over 99 %", ""},
	} {
		d, err := ParseDemand(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		unmet, unknown := test.matrix.Unmet([]Demand{d})
		if got := strings.Join(unmet, "\n"); got != test.unmet {
			t.Errorf("%s: unmet is %q, want %q", text, got, test.unmet)
		}
		if got := strings.Join(unknown, "\n"); !strings.HasPrefix(got, test.unknown) || test.unknown == "" && got != "" {
			t.Errorf("%s: unknown is %q, want %q", text, got, test.unknown)
		}
	}
	spare := m
	spare.Kinds = nil // As if none of them had a soft error.
	if _, unknown := spare.Unmet([]Demand{{Kind: KindSoftError, Share: 0.5}}); len(unknown) != 1 || !strings.Contains(unknown[0], "the endpoints that were used have none") {
		t.Errorf("of what no endpoint has: unknown is %q", unknown)
	}
	for _, text := range []string{"", "NaN", "101%", "-1%", "status", "status=", "statuses=50%", "=50%"} {
		if d, err := ParseDemand(text); err == nil {
			t.Errorf("%q is read as %v, want an error", text, d)
		}
	}
}
