//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// readmePath is the README, from this folder.
const readmePath = "../../../README.md"

// reader is somebody who does what the README says, in a folder of their own.
type reader struct {
	dir string
	// served is what was started in the background; nil for nothing.
	served *served
	// addresses are pairs of what the README says and what is so.
	addresses [][2]string
	// status is the exit status of the last command.
	status int
}

// TestREADME does all that the README says, in its order: configurations must be
// sound, commands must work and print what is shown.
func TestREADME(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	found, err := blocks(string(text))
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{dir: t.TempDir()}
	example, err := os.ReadFile("../../../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(r.dir, "config.toml"), string(example))
	ran := 0
	for _, b := range found {
		ran += r.follow(t, b)
	}
	if ran == 0 {
		t.Error("README.md has no command, want some")
	}
	if r.served == nil {
		return
	}
	if err := r.served.stop(); err != nil {
		t.Errorf("what was left in the background: %v", err)
	}
}

// redirect compares rules with those that the end-to-end tests load: they need
// root and a network of their own.
func (r *reader) redirect(t *testing.T, b block) {
	t.Helper()
	text, err := os.ReadFile("../../groovechaos/testdata/intercept/redirect.nft")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(string(text), "GROUP", "groovechaos")
	if got := strings.Join(b.text, "\n") + "\n"; got != want {
		t.Errorf("README.md:%d: the rules are\n%s, want those that are tested\n%s", b.line, got, want)
	}
}

// follow does what one block says and returns how many commands it ran.
func (r *reader) follow(t *testing.T, b block) (ran int) {
	t.Helper()
	switch b.kind {
	case "toml":
		r.configure(t, b)
		return 0
	case "nft":
		r.redirect(t, b)
		return 0
	case "console", "sh":
	default:
		t.Errorf("README.md:%d: the block is %q, want console, sh, toml or nft", b.line, b.kind)
		return 0
	}
	commands := b.commands()
	if tool := missingTool(commands); tool != "" {
		if os.Getenv("CI") == "true" {
			t.Errorf("README.md:%d: %s is not here", b.line, tool)
		}
		t.Logf("README.md:%d: the block is left out, as %s is not here", b.line, tool)
		return 0
	}
	for i, c := range commands {
		askedFor := i+1 < len(commands) && commands[i+1].command == "echo $?"
		r.do(t, c, askedFor)
	}
	return len(commands)
}

// configure checks a configuration, and saves it under the name that its first
// line gives it.
func (r *reader) configure(t *testing.T, b block) {
	t.Helper()
	text := strings.Join(b.text, "\n") + "\n"
	name := fmt.Sprintf("README.md:%d", b.line)
	parse := func() error { _, err := config.Parse(name, []byte(text)); return err }
	if d, err := config.ReadDocument(name, []byte(text)); err == nil && document.Is(d) {
		parse = func() error { _, err := document.Of(d); return err }
	}
	if err := parse(); err != nil {
		t.Errorf("the configuration is wrong: %v", err)
	}
	if file := regexp.MustCompile(`^# (\w+\.toml)\b`).FindStringSubmatch(text); file != nil {
		writeFile(t, filepath.Join(r.dir, file[1]), text)
	}
}

// missingTool is the first program that commands need and that is not here.
func missingTool(commands []shown) string {
	for _, c := range commands {
		tool := strings.Fields(c.command)[0]
		if tool == "go" || tool == "echo" {
			continue
		}
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// do runs a command and compares what it prints. Its exit status must be 0
// unless the document asks for it next.
func (r *reader) do(t *testing.T, c shown, askedFor bool) {
	t.Helper()
	line := strings.ReplaceAll(c.command, "go run ./cmd/groovechaos", "groovechaos")
	if strings.HasPrefix(line, "go test ") {
		return // That is what runs this; CI looks for the line.
	}
	var got string
	if serve, ok := strings.CutSuffix(line, " &"); ok {
		got = r.serve(t, c, serve)
	} else {
		got = r.shell(t, line)
		if r.status != 0 && !askedFor {
			t.Errorf("README.md:%d: %s\nexit status is %d, want 0; it printed\n%s", c.line, c.command, r.status, got)
		}
	}
	for _, pair := range r.addresses {
		got = strings.ReplaceAll(got, pair[1], pair[0])
	}
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	if !c.pattern().MatchString(got) {
		t.Errorf("README.md:%d: %s\nprinted\n%s\nwant\n%s", c.line, c.command, got, strings.Join(c.output, "\n"))
	}
}

// shell runs a line and returns all that it prints.
func (r *reader) shell(t *testing.T, line string) string {
	t.Helper()
	for _, pair := range r.addresses {
		line = strings.ReplaceAll(line, pair[0], pair[1])
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf("(exit %d)\n%s", r.status, line))
	command.Dir = r.dir
	command.Env = append(os.Environ(), "NO_COLOR=1")
	if r.served != nil {
		command.Env = append(command.Env, controlVariable+"="+r.actual(config.Default().Control.GRPC))
	}
	text, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", line, err)
	}
	r.status = command.ProcessState.ExitCode()
	return string(text)
}

func (r *reader) actual(address string) string {
	for _, pair := range r.addresses {
		if pair[0] == address {
			return pair[1]
		}
	}
	return address
}

// announced finds the addresses in what serve prints.
var announced = regexp.MustCompile(`(?s)proxy +http://(\S+) → the stand-in at http://(\S+)\n.*control +http://(\S+)  \(open it in a browser; gRPC (\S+)\).*Ctrl-C ends`)

// serve starts groovechaos in the background, on free ports in place of the
// default ones, until the document ends. It returns what it printed.
func (r *reader) serve(t *testing.T, c shown, line string) string {
	t.Helper()
	words := strings.Fields(line)
	if r.served != nil || len(words) < 2 || words[0] != "groovechaos" || words[1] != "serve" {
		t.Fatalf("README.md:%d: %s: want one groovechaos serve in the background", c.line, c.command)
	}
	flags := slices.Concat(words[2:], []string{"--config", r.freed(t, words)})
	s, err := startProgram(r.dir, announced, append([]string{"serve"}, flags...)...)
	if err != nil {
		t.Fatalf("README.md:%d: %s: %v", c.line, c.command, err)
	}
	t.Cleanup(func() { _ = s.stop() })
	r.served = s
	found := announced.FindStringSubmatch(s.head)
	d := config.Default()
	for i, address := range []string{d.Proxy.Listen, d.Standin.Listen, d.Control.REST, d.Control.GRPC} {
		r.addresses = append(r.addresses, [2]string{address, found[i+1]})
	}
	return s.head
}

// freed writes the configuration that a line names, or the default one, with
// free ports, and returns its name.
func (r *reader) freed(t *testing.T, words []string) string {
	t.Helper()
	text := freePorts
	for i, word := range words[:len(words)-1] {
		if word != "--config" {
			continue
		}
		named, err := os.ReadFile(filepath.Join(r.dir, words[i+1]))
		if err != nil {
			t.Fatal(err)
		}
		text = regexp.MustCompile(`"127\.0\.0\.1:771\d"`).ReplaceAllString(string(named), `"127.0.0.1:0"`)
	}
	writeFile(t, filepath.Join(r.dir, "free.toml"), text)
	return "free.toml"
}

// TestReadmeNamesEveryCheck finds the checks in the catalogue.
func TestReadmeNamesEveryCheck(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range verdict.Checks() {
		if !strings.Contains(string(text), "`"+c.Name+"`") {
			t.Errorf("README.md does not name the check %s", c.Name)
		}
	}
}
