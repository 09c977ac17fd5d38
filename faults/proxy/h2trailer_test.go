package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestHTTP2AnnouncesNoTrailerThatIsNone: a client may announce what cannot be
// one, which is no reason to refuse its request.
func TestHTTP2AnnouncesNoTrailerThatIsNone(t *testing.T) {
	t.Parallel()
	for name, start := range http2Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				fmt.Fprintf(w, "%s %v", body, r.Trailer)
			}))
			request, err := http.NewRequest(http.MethodPost, r.url+searchPath, strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			request.ContentLength = -1
			request.Trailer = http.Header{"X-Sum": {"1"}}
			request.Header.Set("Trailer", `"odd`)
			response, err := r.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || string(body) != "hello map[X-Sum:[1]]" {
				t.Errorf("got %s with %q, %v; want 200 with the body and the trailer", response.Status, body, err)
			}
		})
	}
}
