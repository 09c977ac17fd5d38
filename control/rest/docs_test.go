package rest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

type fetched struct {
	code            int
	body, mediaType string
	header          http.Header
}

func fetch(t *testing.T, server *httptest.Server, method, path string) fetched {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return fetched{answer.StatusCode, string(text), answer.Header.Get("Content-Type"), answer.Header}
}

var reference = regexp.MustCompile(`(?:src|href|url)(?:=|: )"([^"]*)"`)

func TestPageLoadsNothingFromOutside(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(handler(t, new(fake)))
	defer server.Close()
	for _, from := range []string{"/docs/", "/docs/start.js"} {
		page := fetch(t, server, http.MethodGet, from)
		found := reference.FindAllStringSubmatch(page.body, -1)
		if len(found) == 0 {
			t.Errorf("%s refers to nothing", from)
		}
		for _, match := range found {
			if path := match[1]; !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
				t.Errorf("%s refers to %q, want a path of this host", from, path)
			} else if got := fetch(t, server, http.MethodGet, path); got.code != http.StatusOK || got.body == "" {
				t.Errorf("%s: got %d and %d bytes, want 200 and some", path, got.code, len(got.body))
			}
		}
		if strings.Contains(page.body, "://") {
			t.Errorf("%s names another host", from)
		}
	}
}

func TestPageRunsUnderItsPolicy(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(handler(t, new(fake)))
	defer server.Close()
	for range 2 {
		page := fetch(t, server, http.MethodGet, "/docs/")
		if page.mediaType != "text/html; charset=utf-8" {
			t.Errorf("content type: got %q, want HTML", page.mediaType)
		}
		policy := page.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("policy: got %q, want %q in it", policy, want)
			}
		}
		if regexp.MustCompile(`<script>|<script [^>]*>[^<]|\son[a-z]+=|javascript:`).MatchString(page.body) {
			t.Errorf("page has inline script, which its policy forbids:\n%s", page.body)
		}
	}
}

func TestFilesOfThePageHaveTheirTypes(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for path, want := range map[string]string{
		"/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
		"/docs/start.js":             "text/javascript; charset=utf-8",
		"/docs/swagger-ui.css":       "text/css; charset=utf-8",
		"/docs/favicon-32x32.png":    "image/png",
	} {
		for range 2 {
			w := play(h, request(http.MethodGet, path, ""))
			if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != want {
				t.Errorf("%s: got %d %q, want 200 %q", path, w.Code, got, want)
			}
		}
	}
	bundle := play(h, request(http.MethodGet, "/docs/swagger-ui-bundle.js", "")).Body.String()
	if !strings.Contains(bundle, "SwaggerUIBundle") {
		t.Error("the bundle is not the unpacked script")
	}
}

func TestWaysToThePage(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for range 2 {
		w := play(h, request(http.MethodGet, "/docs", ""))
		if got := w.Header().Get("Location"); w.Code != http.StatusTemporaryRedirect || got != "/docs/" {
			t.Errorf("/docs: got %d to %q, want 307 to /docs/", w.Code, got)
		}
	}
	for path, want := range map[string]string{"/": "/dashboard/app.js", "/dashboard/app.js": "showFaults"} {
		if w := play(h, request(http.MethodGet, path, "")); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d, want the dashboard with %q", path, w.Code, want)
		}
	}
}
