package proxy

import (
	"net/http"
	"net/url"
	"testing"
)

// TestTargetsAreWrittenAsTheyCame: or they are refused, and it is the request that is at fault.
func TestTargetsAreWrittenAsTheyCame(t *testing.T) {
	t.Parallel()
	for target, written := range map[string]bool{
		"/a": true, "/\xb1": true, "/%zz?": true, "//b": true, "//b?\xb1": true, "*": true,
		"//\xb1": false, "//a\"b": false, "//%zz": false,
	} {
		u, err := outgoingURL(&url.URL{Scheme: "http", Host: "h"}, target)
		switch {
		case !written && (err == nil || upstreamFailure(err).status != http.StatusBadRequest):
			t.Errorf("%q: got %v, want an error that is answered with 400", target, err)
		case written && (err != nil || u.RequestURI() != target):
			t.Errorf("%q: got %v, want the same", target, err)
		}
	}
}
