package standin

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// Scope is what a token request must ask for.
const Scope = "app.music.xboxlive.com"

type tokenResponse struct {
	TokenType   string `json:"token_type"`
	AccessToken string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in"`
}

// tokenError is an error of OAuth, RFC 6749 section 5.2.
type tokenError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// issueToken answers the token endpoint: always in JSON, whatever was asked.
func (s *Standin) issueToken(w http.ResponseWriter, r *http.Request) {
	var answer any
	status := http.StatusOK
	if problem := checkTokenRequest(r); problem != nil {
		status, answer = http.StatusBadRequest, problem
	} else {
		answer = tokenResponse{"bearer", s.tokens.issue(), int64(s.tokens.lifetime.Seconds())}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		// Both answer types can be written; this is unreachable.
		panic(err)
	}
	w.Header().Set("Cache-Control", "no-store")
	send(w, status, groove.Wanted{Format: groove.FormatJSON, Gzip: wantedBy(r).Gzip}.Pack(body))
}

// checkTokenRequest returns what is wrong with a token request, or nil.
func checkTokenRequest(r *http.Request) *tokenError {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return &tokenError{"invalid_request", "want Content-Type application/x-www-form-urlencoded"}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return &tokenError{"invalid_request", "the body cannot be read, or is over 1 MB"}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return &tokenError{"invalid_request", "the form is not correctly encoded"}
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret", "scope"} {
		if len(form[name]) != 1 || form[name][0] == "" {
			return &tokenError{"invalid_request", "want one " + name}
		}
	}
	if form.Get("grant_type") != "client_credentials" {
		return &tokenError{"unsupported_grant_type", "grant_type wants client_credentials"}
	}
	if form.Get("scope") != Scope {
		return &tokenError{"invalid_scope", "scope wants " + Scope}
	}
	return nil
}
