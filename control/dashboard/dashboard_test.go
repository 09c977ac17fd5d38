package dashboard_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/control/dashboard"
)

func get(t *testing.T, target string) *http.Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	missing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	dashboard.Handler(missing).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, target, nil))
	return recorder.Result()
}

// files returns the names and texts of the page's files.
func files(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	root := os.DirFS("page")
	names, err := fs.Glob(root, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	if len(texts) < 5 {
		t.Fatalf("got %d files, want the page with its scripts and its style", len(texts))
	}
	return texts
}

func TestEveryFileIsServedAsWhatItIs(t *testing.T) {
	t.Parallel()
	types := map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
		".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	for name, text := range files(t) {
		target := dashboard.Prefix + name
		if name == "index.html" {
			target = "/"
		}
		answer := get(t, target)
		body := make([]byte, len(text)+1)
		n, _ := answer.Body.Read(body)
		if answer.StatusCode != http.StatusOK || string(body[:n]) != text {
			t.Errorf("%s: got %d and %d bytes, want 200 and the %d of the file", target, answer.StatusCode, n, len(text))
		}
		if got, want := answer.Header.Get("Content-Type"), types[path.Ext(name)]; want == "" || got != want {
			t.Errorf("%s: got media type %q, want %q", target, got, want)
		}
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: got policy %q, want one that trusts this host alone", target, policy)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/dashboard/", "/dashboard/index.html", "/dashboard/none.js", "/dashboard/../dashboard.go", "/dashboard/.", "/index.html", "/dashboard//app.js",
	} {
		if answer := get(t, target); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", target, answer.StatusCode)
		}
	}
}

// TestPageKeepsItsOwnPolicy holds the page to what the policy lets a browser do.
func TestPageKeepsItsOwnPolicy(t *testing.T) {
	t.Parallel()
	texts := files(t)
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+="|<script(?:\s[^>]*)?>[^<]|https?://|javascript:`)
	if found := forbidden.FindString(texts["index.html"]); found != "" {
		t.Errorf("index.html has %q, which the policy forbids", found)
	}
	for name, text := range texts {
		if path.Ext(name) == ".js" && regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(`).MatchString(text) {
			t.Errorf("%s makes markup of texts, which callers choose", name)
		}
	}
}

func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	t.Parallel()
	texts := files(t)
	used := map[string]bool{"index.html": true}
	references := regexp.MustCompile(`(?:"/dashboard/|from "\./)([\w.]+)"`)
	for name, text := range texts {
		for _, found := range references.FindAllStringSubmatch(text, -1) {
			used[found[1]] = true
			if _, there := texts[found[1]]; !there {
				t.Errorf("%s refers to %s, which is not there", name, found[1])
			}
		}
	}
	for name := range texts {
		if !used[name] {
			t.Errorf("nothing refers to %s", name)
		}
	}
}

// TestScriptsFindTheirElements holds that an identifier that the script looks for is in the page.
func TestScriptsFindTheirElements(t *testing.T) {
	t.Parallel()
	texts := files(t)
	found := regexp.MustCompile(`\$\("([\w-]+)"\)`).FindAllStringSubmatch(texts["app.js"], -1)
	if len(found) < 20 {
		t.Fatalf("got %d look-ups, want those of the page", len(found))
	}
	for _, one := range found {
		if !strings.Contains(texts["index.html"], `id="`+one[1]+`"`) {
			t.Errorf("app.js looks for %q, which index.html does not have", one[1])
		}
	}
}
