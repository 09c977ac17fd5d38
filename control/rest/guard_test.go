package rest

import (
	"crypto/tls"
	"net/http"
	"testing"
)

func TestHostIsThisMachine(t *testing.T) {
	t.Parallel()
	f := new(fake)
	h := handler(t, f)
	played, refused := 0, 0
	for host, want := range map[string]int{
		"127.0.0.1":              200,
		"127.0.0.1:7712":         200,
		"127.1.2.3:1":            200,
		"[::1]":                  200,
		"[::1]:7712":             200,
		"[::ffff:127.0.0.1]:80":  200,
		"localhost":              200,
		"LocalHost:7712":         200,
		"chaos.example":          200,
		"CHAOS.example:7712":     200,
		"":                       403,
		":7712":                  403,
		"evil.example":           403,
		"evil.example:7712":      403,
		"localhost.evil.example": 403,
		"localhost.":             403,
		"127.0.0.1.evil.example": 403,
		"127.1":                  403,
		"2130706433":             403,
		"0.0.0.0":                403,
		"192.168.0.1:7712":       403,
		"[::1%lo]":               403,
		"::1":                    403,
		"[127.0.0.1":             403,
		"localhost:7712:1":       403,
		"localhost:":             403,
		"localhost:http":         403,
		"localhost@evil.example": 403,
		"sub.chaos.example":      403,
	} {
		for range 2 {
			r := request(http.MethodGet, "/v1/status", "")
			r.Host = host
			w := play(h, r)
			played++
			if w.Code != want {
				t.Errorf("host %q: got %d, want %d", host, w.Code, want)
			} else if want == http.StatusForbidden {
				wantError(t, w, want, "PERMISSION_DENIED")
				refused++
			}
		}
	}
	if rpcs, _ := f.seen(); len(rpcs) != played-refused {
		t.Errorf("services: got %d calls, want %d", len(rpcs), played-refused)
	}
}

func TestPagesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		headers http.Header
		want    int
	}{
		"no browser":              {http.Header{}, 200},
		"typed address":           {http.Header{"Sec-Fetch-Site": {"none"}}, 200},
		"own page":                {http.Header{"Origin": {"http://127.0.0.1:7712"}, "Sec-Fetch-Site": {"same-origin"}}, 200},
		"own page, old browser":   {http.Header{"Origin": {"http://127.0.0.1:7712"}}, 200},
		"another site":            {http.Header{"Origin": {"https://evil.example"}}, 403},
		"another port":            {http.Header{"Origin": {"http://127.0.0.1:3000"}}, 403},
		"another name of ours":    {http.Header{"Origin": {"http://localhost:7712"}}, 403},
		"another scheme":          {http.Header{"Origin": {"https://127.0.0.1:7712"}}, 403},
		"sandboxed":               {http.Header{"Origin": {"null"}}, 403},
		"empty origin":            {http.Header{"Origin": {""}}, 403},
		"ours, then another":      {http.Header{"Origin": {"http://127.0.0.1:7712", "https://evil.example"}}, 403},
		"image of another site":   {http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		"the same in other words": {http.Header{"Sec-Fetch-Site": {"Cross-Site"}}, 403},
		"preflight": {http.Header{
			"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"DELETE"},
		}, 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := new(fake)
			h := handler(t, f)
			for range 2 {
				r := request(http.MethodPost, "/v1/brake:release", "")
				r.Header = test.headers.Clone()
				w := play(h, r)
				if test.want == http.StatusForbidden {
					wantError(t, w, test.want, "PERMISSION_DENIED")
				} else if w.Code != test.want {
					t.Errorf("code: got %d, want %d", w.Code, test.want)
				}
				if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("CORS header: got %q, want none", got)
				}
			}
			if rpcs, _ := f.seen(); (len(rpcs) > 0) != (test.want == 200) {
				t.Errorf("services: got %v at code %d", rpcs, test.want)
			}
		})
	}
}

func TestOriginOverTLS(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	r := request(http.MethodGet, "/healthz", "")
	r.TLS = new(tls.ConnectionState)
	r.Header.Set("Origin", "https://127.0.0.1:7712")
	if w := play(h, r); w.Code != http.StatusOK {
		t.Errorf("code: got %d, want 200", w.Code)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for target, code := range map[string]int{
		"/v1/status": 200, "/v1/nothing": 404, "/nothing": 404, "/openapi.json": 200, "/healthz": 200, "/docs": 307,
	} {
		for range 2 {
			w := play(h, request(http.MethodGet, target, ""))
			if w.Code != code {
				t.Errorf("%s: got %d, want %d", target, w.Code, code)
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": apiPolicy,
				"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", target, name, got, want)
				}
			}
		}
	}
}
