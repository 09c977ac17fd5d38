package standin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

const genresPath = "/1/content/music/catalog/genres"

func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	other := newStandin(t, Options{}).tokens.issue()
	for name, c := range map[string]struct {
		query  string
		fields []string
		want   groove.ErrorCode
	}{
		"none":                      {want: groove.CodeAccessTokenMissing},
		"empty parameter":           {query: "?accessToken=", want: groove.CodeAccessTokenMissing},
		"parameter":                 {query: "?accessToken=Bearer+" + ApplicationToken},
		"parameter with %20":        {query: "?ACCESSTOKEN=bearer%20" + ApplicationToken},
		"parameter without scheme":  {query: "?accessToken=" + ApplicationToken, want: groove.CodeAccessTokenInvalid},
		"parameter, unknown token":  {query: "?accessToken=Bearer+x", want: groove.CodeAccessTokenInvalid},
		"field":                     {fields: []string{"Bearer " + ApplicationToken}},
		"field, scheme in capitals": {fields: []string{"BEARER " + ApplicationToken}},
		"field, issued token":       {fields: []string{"Bearer " + s.tokens.issue()}},
		"field, another's token":    {fields: []string{"Bearer " + other}, want: groove.CodeAccessTokenInvalid},
		"field, cut token":          {fields: []string{"Bearer " + s.tokens.issue()[1:]}, want: groove.CodeAccessTokenInvalid},
		"field, empty bearer":       {fields: []string{"Bearer"}, want: groove.CodeInvalidAuthorizationHeader},
		"field, empty":              {fields: []string{""}, want: groove.CodeInvalidAuthorizationHeader},
		"field, other scheme":       {fields: []string{"Basic eDp5"}, want: groove.CodeInvalidAuthorizationHeader},
		"field, two words":          {fields: []string{"Bearer a b"}, want: groove.CodeInvalidAuthorizationHeader},
		"two fields":                {fields: []string{"Bearer " + ApplicationToken, "Bearer " + ApplicationToken}, want: groove.CodeInvalidAuthorizationHeader},
		"field before parameter":    {query: "?accessToken=Bearer+" + ApplicationToken, fields: []string{"Bearer x"}, want: groove.CodeAccessTokenInvalid},
		"unsubscribed":              {fields: []string{"Bearer " + ApplicationTokenUnsubscribed}, want: groove.CodeAccessTokenInvalidSubscription},
		"expired application":       {fields: []string{"Bearer " + ApplicationTokenExpired}, want: groove.CodeAccessTokenExpired},
		"expired user":              {fields: []string{"Bearer " + UserTokenExpired}, want: groove.CodeAuthorizationTokenExpired},
		"user without consent":      {fields: []string{"Bearer " + UserTokenNoConsent}, want: groove.CodeMSAScopeRequiresUserConsent},
		"user":                      {fields: []string{"Bearer " + UserTokenFree}},
		"further user":              {fields: []string{"Bearer " + UserTokenSubscriber + "-ann"}},
		"further user, empty name":  {fields: []string{"Bearer " + UserTokenSubscriber + "-"}, want: groove.CodeAccessTokenInvalid},
		"further user, long name":   {fields: []string{"Bearer " + UserTokenFree + "-" + strings.Repeat("x", 65)}, want: groove.CodeAccessTokenInvalid},
		"further user, odd name":    {fields: []string{"Bearer " + UserTokenFree + "-a/b"}, want: groove.CodeAccessTokenInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, genresPath+c.query, nil)
			r.Header["Authorization"] = c.fields
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			got := reply{w.Code, w.Header(), w.Body.Bytes()}
			if c.want != "" {
				expectError(t, got, c.want)
			} else if got.status != http.StatusOK {
				t.Errorf("got %d %s, want 200", got.status, got.body)
			}
		})
	}
}

func TestEndpointsForUsersOnly(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for name, c := range map[string]struct{ target, body string }{
		"collection.add":         {"/1/content/music/collection/add", addBody(getLucky)},
		"playlists.create":       {"/1/content/music/collection/playlists/create", `{"Name":"x"}`},
		"profile":                {"/1/user/music/profile", ""},
		"search in a collection": {"/1/content/music/search?q=x&source=collection", ""},
		"search in both":         {"/1/content/music/search?q=x&source=collection%2Bcatalog", ""},
		"lookup in a collection": {"/1/content/" + getLucky + "/lookup?source=Collection", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectError(t, s.play(ApplicationToken, c.target, c.body), groove.CodeInvalidAuthorizationHeader)
			expectError(t, s.play("", c.target, c.body), groove.CodeAccessTokenMissing)
		})
	}
	// A token that is not known was meant for a user's where that is mandatory.
	expectError(t, s.play("made-up", addPath, addBody(getLucky)), groove.CodeInvalidAuthorizationHeader)
	expectError(t, s.play("made-up", streamTarget(getLucky, clientInstance), ""), groove.CodeInvalidAuthorizationHeader)
	expectError(t, s.play("made-up", "/1/content/"+getLucky+"/lookup?source=Collection", ""), groove.CodeAccessTokenInvalid)
	expectError(t, s.play(UserTokenExpired, addPath, addBody(getLucky)), groove.CodeAuthorizationTokenExpired)
	if got := s.State().Users; len(got) != 0 {
		t.Errorf("state after refused writes is %v, want nobody", got)
	}
}

func TestTokenLifetime(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 12, 31, 0, 0, 0, 0, time.UTC)
	s := newStandin(t, Options{Now: func() time.Time { return now }, TokenLifetime: time.Minute})
	token := s.tokens.issue()
	now = now.Add(time.Minute - time.Nanosecond)
	if r := s.play(token, genresPath, ""); r.status != http.StatusOK {
		t.Errorf("just before its end: got %d %s, want 200", r.status, r.body)
	}
	now = now.Add(time.Nanosecond)
	expectError(t, s.play(token, genresPath, ""), groove.CodeAccessTokenExpired)
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{TokenLifetime: time.Hour})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"i"}, "client_secret": {"s"}, "scope": {Scope}}
	issue := func() string {
		r := s.play("", "/AccessToken.srf", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		var got tokenResponse
		decodeStrictly(t, r, &got)
		if got.TokenType != "bearer" || got.ExpiresIn != 3600 {
			t.Errorf("got %s, want a bearer token for 3600 s", r.body)
		}
		return got.AccessToken
	}
	first, second := issue(), issue()
	if first == second {
		t.Errorf("two requests got the same token %s", first)
	}
	if r := s.play(second, genresPath, ""); r.status != http.StatusOK {
		t.Errorf("an issued token: got %d %s, want 200", r.status, r.body)
	}
	if got := s.State().TokensIssued; got != 2 {
		t.Errorf("tokens issued is %d, want 2", got)
	}
}

func TestTokenRequestsRefused(t *testing.T) {
	t.Parallel()
	const (
		media = "application/x-www-form-urlencoded"
		good  = "grant_type=client_credentials&client_id=i&client_secret=s&scope=" + Scope
	)
	s := newStandin(t, Options{})
	for name, c := range map[string]struct{ media, body, want string }{
		"no grant type":   {media, "client_id=i&client_secret=s&scope=" + Scope, "invalid_request"},
		"no id":           {media, "grant_type=client_credentials&client_secret=s&scope=" + Scope, "invalid_request"},
		"empty secret":    {media, strings.Replace(good, "=s&", "=&", 1), "invalid_request"},
		"two ids":         {media, good + "&client_id=j", "invalid_request"},
		"other grant":     {media, strings.Replace(good, "client_credentials", "password", 1), "unsupported_grant_type"},
		"other scope":     {media, good + ".example", "invalid_scope"},
		"JSON":            {"application/json", "{}", "invalid_request"},
		"no content type": {"", good, "invalid_request"},
		"bad escape":      {media, good + "&x=%zz", "invalid_request"},
		"over 1 MB":       {media, good + "&x=" + strings.Repeat("x", maxBody), "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.play("", "/accesstoken.srf", c.body, "Content-Type", c.media)
			if r.status != http.StatusBadRequest || !strings.Contains(string(r.body), `"error":"`+c.want+`"`) {
				t.Errorf("got %d %s, want 400 %s", r.status, r.body, c.want)
			}
		})
	}
}
