package groove_test

import (
	"slices"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestDefaultErrorCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		endpoint string
		status   int
		want     groove.ErrorCode
	}{
		"partial search":                {groove.Search, 200, groove.CodeCatalogInvalidData},
		"partial collection":            {groove.CollectionBrowse, 200, groove.CodeCollectionInvalidData},
		"partial batch":                 {groove.CollectionAdd, 200, groove.CodeCollectionSomeOperationsFailed},
		"partial new releases":          {groove.NewReleases, 200, groove.CodeDiscoveryInvalidData},
		"partial genres":                {groove.Genres, 200, groove.CodeUnauthorizedInputParameter},
		"bad request":                   {groove.Lookup, 400, groove.CodeInvalidInputParameter},
		"application token":             {groove.Search, 401, groove.CodeAccessTokenExpired},
		"user token":                    {groove.CollectionAdd, 401, groove.CodeAuthorizationTokenExpired},
		"credentials of the token":      {groove.Token, 401, groove.CodeAccessTokenInvalid},
		"no subscription":               {groove.Stream, 403, groove.CodeNoMusicPassSubscription},
		"forbidden":                     {groove.Moods, 403, groove.CodeUnauthorizedAPIMethod},
		"no such item":                  {groove.Subbrowse, 404, groove.CodeCatalogNoResult},
		"nothing in the collection":     {groove.CollectionBrowse, 404, groove.CodeCollectionNoResult},
		"no news":                       {groove.Spotlight, 404, groove.CodeDiscoveryNoResult},
		"no stream":                     {groove.Preview, 404, groove.CodeDeliveryUnavailableContent},
		"no code for genres":            {groove.Genres, 404, ""},
		"concurrent update":             {groove.PlaylistsUpdate, 409, groove.CodeCollectionConcurrentUpdate},
		"concurrent streaming":          {groove.Stream, 409, groove.CodeDeliveryConcurrentStreaming},
		"no conflict in search":         {groove.Search, 409, ""},
		"throttled":                     {groove.RadioNext, 429, groove.CodeTooManyRequests},
		"server":                        {groove.Image, 500, groove.CodeInternalServerError},
		"catalog backend":               {groove.Search, 502, groove.CodeCatalogUnavailable},
		"collection backend":            {groove.Profile, 502, groove.CodeCollectionInvalidResponse},
		"discovery backend":             {groove.NewReleases, 502, groove.CodeDiscoveryInvalidResponse},
		"delivery backend":              {groove.Stream, 502, groove.CodeDeliveryInvalidResponse},
		"no code for a radio backend":   {groove.RadioCreate, 502, ""},
		"load shedding":                 {groove.Search, 503, ""},
		"undocumented status":           {groove.Search, 418, ""},
		"throttled outside the API":     {"", 429, groove.CodeTooManyRequests},
		"nothing found outside the API": {"", 404, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, _ := groove.EndpointByName(tt.endpoint)
			if got := groove.DefaultErrorCode(e, tt.status); got != tt.want {
				t.Errorf("DefaultErrorCode(%q, %d) = %q, want %q", tt.endpoint, tt.status, got, tt.want)
			}
		})
	}
}

func TestDefaultErrorCodeFitsWheneverOneDoes(t *testing.T) {
	t.Parallel()
	for _, e := range groove.Endpoints() {
		for _, status := range groove.Statuses() {
			code := groove.DefaultErrorCode(e, status.Code)
			exists := slices.ContainsFunc(groove.ErrorCodes(), func(i groove.ErrorCodeInfo) bool {
				return i.Status == status.Code && e.Fits(i.Code)
			})
			if exists != (code != "") {
				t.Errorf("%s, %d: %q, while the reference has one: %t", e.Name, status.Code, code, exists)
			}
			if info, ok := groove.ErrorCodeByName(string(code)); ok && (info.Status != status.Code || !e.Fits(code)) {
				t.Errorf("%s, %d: %s comes with %d and fits: %t", e.Name, status.Code, code, info.Status, e.Fits(code))
			}
		}
	}
}
