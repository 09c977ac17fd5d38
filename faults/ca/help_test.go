package ca_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// spaced is an authority in a directory that shells have to be told of.
func spaced(t *testing.T) (*ca.Authority, ca.Files) {
	t.Helper()
	o := options(t)
	o.Dir = filepath.Join(t.TempDir(), "my $HOME's ca")
	return open(t, o), ca.Files{
		Truststore: filepath.Join(o.Dir, "trust.p12"), Password: "change it", Bundle: filepath.Join(o.Dir, "bundle.pem"),
	}
}

func TestGuidesNameTheRealFiles(t *testing.T) {
	t.Parallel()
	a, files := spaced(t)
	named := map[string]string{"java": files.Truststore, "requests": files.Bundle, "python": files.Bundle, "go": files.Bundle, "dotnet": files.Bundle, "curl": files.Bundle}
	seen := make(map[string]bool)
	for _, g := range a.InstallHelp(files) {
		if seen[g.Client] || g.Title == "" || len(g.Trust) == 0 || len(g.Remove) == 0 {
			t.Errorf("%s: got %+v, want one guide with title, Trust and Remove", g.Client, g)
		}
		seen[g.Client] = true
		want := a.CertificateFile()
		if path, ok := named[g.Client]; ok {
			want = path
		}
		text := strings.ReplaceAll(strings.Join(g.Trust, "\n"), `'\''`, "'")
		if !strings.Contains(text, want) {
			t.Errorf("%s: got %q, want it to name %s", g.Client, text, want)
		}
		if strings.Contains(g.String(), a.KeyFile()) {
			t.Errorf("%s: got %q, want no word of the key file", g.Client, g)
		}
		for _, line := range append(g.Trust, g.Remove...) {
			if !strings.Contains(g.String(), line) {
				t.Errorf("%s: String is %q, want it to hold %q", g.Client, g, line)
			}
		}
	}
	for _, client := range []string{"debian", "fedora", "suse", "arch", "macos", "windows", "firefox", "java", "node", "requests", "python", "go", "curl"} {
		if !seen[client] {
			t.Errorf("there is no guide for %s", client)
		}
	}
}

// TestGuideVariablesReachThePrograms lets a shell read the lines that set
// variables: the path arrives as it is.
func TestGuideVariablesReachThePrograms(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no POSIX shell")
	}
	a, files := spaced(t)
	count := 0
	for _, g := range a.InstallHelp(files) {
		last := g.Trust[len(g.Trust)-1]
		setting, ok := strings.CutPrefix(last, "export ")
		if !ok {
			continue
		}
		count++
		name, _, _ := strings.Cut(setting, "=")
		want := files.Bundle
		if g.Client == "node" {
			want = a.CertificateFile()
		}
		script := last + "\nprintf %s \"$" + name + "\"\n" + g.Remove[0] + "\nprintf %s \"$" + name + "\""
		out, err := exec.CommandContext(t.Context(), shell, "-c", script).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %s is %q, %v, want %q and nothing after %q", g.Client, name, out, err, want, g.Remove[0])
		}
	}
	if count < 6 {
		t.Errorf("%d guides set a variable, want 6 or more", count)
	}
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	o := options(t)
	narrow := open(t, o)
	for _, want := range []string{narrow.Name(), narrow.KeyFile(), "api.example.com, login.example", "nothing else", narrow.Fingerprint(), "27 February 2031"} {
		if got := narrow.Meaning(); !strings.Contains(got, want) {
			t.Errorf("got %q, want it to say %q", got, want)
		}
	}
	o = options(t)
	o.Domains = []string{ca.AnyHost}
	if got := open(t, o).Meaning(); !strings.Contains(got, "every host") {
		t.Errorf("got %q, want it to say that it is every host", got)
	}
}
