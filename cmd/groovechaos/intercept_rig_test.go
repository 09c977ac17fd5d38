//go:build e2e

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Where the callers go. Nothing outside of the machine is reached.
const (
	tokenURL  = "https://login.live.com/accesstoken.srf"
	searchURL = "https://api.media.microsoft.com/1/content/music/search?q=summer"
)

// searchDown answers the first search on that host.
const searchDown = `
[[faults]]
name = "search-down"
match = { hosts = ["api.media.microsoft.com"], endpoints = ["search"] }
first = 1
answer.status = 503
`

// intercepting is a groovechaos that intercepts.
type intercepting struct {
	*served
	// config is a file by which its commands find its authority and its
	// listener.
	config string
}

// intercept starts a groovechaos with a new authority: with what goes into the
// section intercept, and faults.
func intercept(t *testing.T, keys, faults string) *intercepting {
	t.Helper()
	section := fmt.Sprintf("[intercept]\nca_dir = %q\n%s\n", filepath.Join(t.TempDir(), "ca"), keys)
	s := serve(t, "", "", section+faults)
	return &intercepting{served: s, config: save(t, fmt.Sprintf("[proxy]\nlisten = %q\n%s", s.Proxy, section))}
}

// advised runs a program as its user would: in a shell, after the commands
// that install-help prints for it, and without other proxies.
func (i *intercepting) advised(t *testing.T, help string, command []string) (out, log string, status int) {
	t.Helper()
	advice, _ := i.command(t, "ca", "install-help", help, "--config", i.config)
	advice, _, _ = strings.Cut(advice, "\n\n") // the commands end with an empty line
	script := "set -e\ncd '" + folder(t) + "'\n{\n" + advice + "\n} >&2\nexec \"$@\"\n"
	env := []string{
		"XDG_CONFIG_HOME=" + t.TempDir(), // the user's own authority is none of ours
		"PATH=" + filepath.Dir(binary) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"http_proxy=", "https_proxy=", "all_proxy=", "no_proxy=", "HTTP_PROXY=", "HTTPS_PROXY=", "ALL_PROXY=", "NO_PROXY=",
	}
	return execute(t, env, "sh", append([]string{"-c", script, "sh"}, command...)...)
}

// folder is an empty one whose name shells and others have to be told of.
func folder(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a folder $HOME")
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// reply is what a caller says that it was answered.
type reply struct {
	Status, Version string
	Body            string
}

func (r reply) String() string { return r.Status + " by HTTP/" + r.Version }

// replies reads the lines that callers print.
func replies(t *testing.T, out string) []reply {
	t.Helper()
	var all []reply
	for line := range strings.Lines(out) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		if len(parts) < 3 {
			t.Fatalf("the line is %q, want status, version and body", line)
		}
		all = append(all, reply{parts[0], parts[1], parts[2]})
	}
	return all
}

// wantReplies checks what the callers of testdata/intercept print: a token, a
// search that was faulted and one that was not.
func wantReplies(t *testing.T, out, version string) {
	t.Helper()
	got := replies(t, out)
	want := []string{"200 by HTTP/" + version, "503 by HTTP/" + version, "200 by HTTP/" + version}
	var texts []string
	for _, r := range got {
		texts = append(texts, r.String())
	}
	if !slices.Equal(texts, want) {
		t.Fatalf("answers are %v, want %v", texts, want)
	}
	var granted struct {
		TokenType string `json:"token_type"`
	}
	if err := json.Unmarshal([]byte(got[0].Body), &granted); err != nil || granted.TokenType != "bearer" {
		t.Errorf("the token is %q, want the stand-in's: %v", got[0].Body, err)
	}
	var found struct {
		Albums struct{ Items []struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(got[2].Body), &found); err != nil || len(found.Albums.Items) == 0 {
		t.Errorf("the search found %.200q, want the stand-in's albums: %v", got[2].Body, err)
	}
}

// seen is an attempt in the journal.
type seen struct {
	Host, Endpoint, Method string
	Status                 int
	Origin, Fault          string
}

// faulted are the attempts of the callers of testdata/intercept.
var faulted = []seen{
	{"login.live.com", "token", "POST", 200, "upstream", ""},
	{"api.media.microsoft.com", "search", "GET", 503, "injected", "search-down"},
	{"api.media.microsoft.com", "search", "GET", 200, "upstream", ""},
}

// wantJournal compares what was seen, in the order in which it came: an attempt
// is in the journal a moment after its caller has the answer.
func wantJournal(t *testing.T, attempts func() string, want []seen) {
	t.Helper()
	var got []seen
	for end := time.Now().Add(patience); len(got) < len(want) && time.Now().Before(end) || got == nil; {
		got = readJournal(t, attempts())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the journal has\n%+v, want\n%+v", got, want)
	}
}

// patience bounds the wait for what is under way.
const patience = 10 * time.Second

// readJournal reads what "attempts --json" prints; it is never nil.
func readJournal(t *testing.T, text string) []seen {
	t.Helper()
	type numbered struct {
		Sequence uint64 `json:",string"`
		seen
	}
	var all []numbered
	decoder := json.NewDecoder(strings.NewReader(text))
	for decoder.More() {
		var n numbered
		if err := decoder.Decode(&n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.Sequence, b.Sequence) })
	journal := []seen{}
	for _, n := range all {
		journal = append(journal, n.seen)
	}
	return journal
}

// journal is what it saw.
func (i *intercepting) journal(t *testing.T) func() string {
	t.Helper()
	return func() string {
		out, _ := i.command(t, "attempts", "--json")
		return out
	}
}
