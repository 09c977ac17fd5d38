package groove_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestEndpointsAreSound(t *testing.T) {
	t.Parallel()
	all := groove.Endpoints()
	if got, want := len(all), 23; got != want {
		t.Errorf("%d endpoints, want the %d of the reference", got, want)
	}
	names := make(map[string]bool)
	for _, e := range all {
		if names[e.Name] {
			t.Errorf("%s stands twice in the table", e.Name)
		}
		names[e.Name] = true
		if e.Method != "GET" && e.Method != "POST" {
			t.Errorf("%s: method %q, want GET or POST", e.Name, e.Method)
		}
		if (e.Repeat == groove.RepeatSafe) != (e.Method == "GET") {
			t.Errorf("%s: repeat %d with %s, want every GET safe and no POST", e.Name, e.Repeat, e.Method)
		}
		if e.Host == "" || e.Answer == "" {
			t.Errorf("%s: host %q, answer %q, want both", e.Name, e.Host, e.Answer)
		}
		for _, category := range []groove.Category{groove.CategoryInput, groove.CategoryAuth, groove.CategoryServer} {
			if !slices.Contains(e.Categories, category) {
				t.Errorf("%s lacks %s, which fits every endpoint", e.Name, category)
			}
		}
	}
}

func TestEndpointsWithoutHarmlessRepeat(t *testing.T) {
	t.Parallel()
	var got []string
	for _, e := range groove.Endpoints() {
		if e.Repeat == groove.RepeatUnsafe {
			got = append(got, e.Name)
		}
	}
	want := []string{"collection.add", "collection.delete", "playlists.create", "playlists.update", "playlists.delete"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("endpoints that must not be repeated (-want +got):\n%s", diff)
	}
}

func TestEndpointsAreOwnedByTheCaller(t *testing.T) {
	t.Parallel()
	groove.Endpoints()[0].Name = "changed"
	if got := groove.Endpoints()[0].Name; got != groove.Search {
		t.Errorf("first endpoint is %q after a caller changed its copy, want %q", got, groove.Search)
	}
}

func TestEndpointByName(t *testing.T) {
	t.Parallel()
	for _, want := range groove.Endpoints() {
		got, ok := groove.EndpointByName(want.Name)
		if !ok {
			t.Errorf("EndpointByName(%q) found nothing", want.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("EndpointByName(%q) (-want +got):\n%s", want.Name, diff)
		}
	}
	for _, name := range []string{"", "Search", "catalog"} {
		if e, ok := groove.EndpointByName(name); ok {
			t.Errorf("EndpointByName(%q) = %s, want nothing", name, e.Name)
		}
	}
}

func TestEndpointFits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		endpoint string
		code     groove.ErrorCode
		want     bool
	}{
		"server error anywhere":              {groove.Image, groove.CodeInternalServerError, true},
		"catalog error on search":            {groove.Search, groove.CodeCatalogNoResult, true},
		"catalog error on genres":            {groove.Genres, groove.CodeCatalogNoResult, false},
		"collection error on profile":        {groove.Profile, groove.CodeCollectionNoResult, true},
		"subscription error on profile":      {groove.Profile, groove.CodeSubscriptionInvalidResponse, true},
		"subscription error on preview":      {groove.Preview, groove.CodeSubscriptionInvalidResponse, false},
		"delivery error on preview":          {groove.Preview, groove.CodeDeliveryError, true},
		"discovery error on spotlight":       {groove.Spotlight, groove.CodeDiscoveryNoResult, true},
		"collection error on catalog browse": {groove.CatalogBrowse, groove.CodeCollectionNoResult, false},
		"code that is not documented":        {groove.Search, "NO_SUCH_CODE", false},
		"no code":                            {groove.Search, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, _ := groove.EndpointByName(tt.endpoint)
			if got := e.Fits(tt.code); got != tt.want {
				t.Errorf("%s fits %q: %t, want %t", tt.endpoint, tt.code, got, tt.want)
			}
		})
	}
}

func TestErrorCodesAreSound(t *testing.T) {
	t.Parallel()
	all := groove.ErrorCodes()
	if got, want := len(all), 45; got != want {
		t.Errorf("%d error codes, want the %d of the reference", got, want)
	}
	for _, info := range all {
		if _, ok := groove.StatusByCode(info.Status); !ok {
			t.Errorf("%s comes with %d, which is not documented", info.Code, info.Status)
		}
		if !slices.Contains(groove.Categories(), info.Category) {
			t.Errorf("%s has category %q, want one of %q", info.Code, info.Category, groove.Categories())
		}
		if info.Description == "" {
			t.Errorf("%s has no description", info.Code)
		}
		if strings.Trim(string(info.Code), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_3") != "" {
			t.Errorf("%q is not spelt like a code", info.Code)
		}
		if got, ok := groove.ErrorCodeByName(string(info.Code)); !ok || got != info {
			t.Errorf("ErrorCodeByName(%q) = %+v, %t, want %+v", info.Code, got, ok, info)
		}
	}
	if info, ok := groove.ErrorCodeByName("catalog_no_result"); ok {
		t.Errorf("ErrorCodeByName found %q by another case, want exact names", info.Code)
	}
}

func TestEveryCategoryFitsSomewhere(t *testing.T) {
	t.Parallel()
	for _, category := range groove.Categories() {
		if !slices.ContainsFunc(groove.Endpoints(), func(e groove.Endpoint) bool {
			return slices.Contains(e.Categories, category)
		}) {
			t.Errorf("no endpoint sends %s", category)
		}
		if !slices.ContainsFunc(groove.ErrorCodes(), func(i groove.ErrorCodeInfo) bool { return i.Category == category }) {
			t.Errorf("no code is of category %s", category)
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	var got, transient []int
	for _, s := range groove.Statuses() {
		got = append(got, s.Code)
		if s.Transient {
			transient = append(transient, s.Code)
		}
		if found, ok := groove.StatusByCode(s.Code); !ok || found != s {
			t.Errorf("StatusByCode(%d) = %+v, %t, want %+v", s.Code, found, ok, s)
		}
	}
	if diff := cmp.Diff([]int{200, 400, 401, 403, 404, 409, 429, 500, 502, 503}, got); diff != "" {
		t.Errorf("documented statuses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{429, 500, 502, 503}, transient); diff != "" {
		t.Errorf("statuses worth a repeat (-want +got):\n%s", diff)
	}
	if s, ok := groove.StatusByCode(418); ok {
		t.Errorf("StatusByCode(418) = %+v, want nothing", s)
	}
}
