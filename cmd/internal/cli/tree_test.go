package cli

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write the help texts anew")

// commands returns every command that can be used, those that hold others too.
func commands(command *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{command}
	for _, sub := range command.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

// ours reports whether a command is not Cobra's own, whose words may change.
func ours(command *cobra.Command) bool {
	return command.Name() != "completion" && (!command.HasParent() || command.Parent().Name() != "completion")
}

func TestHelpTextsAreAsRecorded(t *testing.T) {
	t.Parallel()
	for _, command := range commands(newRoot(&root{})) {
		if !ours(command) {
			continue
		}
		var out strings.Builder
		args := strings.Fields(command.CommandPath() + " --help")[1:]
		if status := Run(t.Context(), args, Streams{Out: &out, Err: t.Output()}); status != StatusMet {
			t.Errorf("groovechaos %s: exit status is %d, want 0", strings.Join(args, " "), status)
		}
		file := filepath.Join("testdata", "help", strings.ReplaceAll(command.CommandPath(), " ", "_")+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("help of %s (-recorded +got; -update records it):\n%s", command.CommandPath(), diff)
		}
	}
}

func TestEveryCommandIsDescribed(t *testing.T) {
	t.Parallel()
	for _, command := range commands(newRoot(&root{})) {
		path := command.CommandPath()
		if command.Short == "" || strings.HasSuffix(command.Short, ".") || len(command.Short) > 80 {
			t.Errorf("%s: its summary is %q, want 1 to 80 characters without a full stop", path, command.Short)
		}
		if !ours(command) {
			continue
		}
		for line := range strings.Lines(command.Long) {
			if len(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("%s: a line of its help is longer than 80 columns: %q", path, line)
			}
		}
		for line := range strings.Lines(command.Example) {
			if !strings.HasPrefix(line, "  groovechaos ") {
				t.Errorf("%s: an example is %q, want a command", path, line)
			}
		}
	}
}

// runs finds the lines of a script that run groovechaos.
var runs = regexp.MustCompile(`(?m)^(?:(?:!\s+)?exec|status \d+|until '[^']+') groovechaos (.*)$`)

// TestEveryCommandHasAScript looks for each command in the scripts: it must run
// there, and print JSON there if it prints results.
func TestEveryCommandHasAScript(t *testing.T) {
	t.Parallel()
	ran := scriptedLines(t)
	for _, command := range commands(newRoot(&root{})) {
		if command.HasSubCommands() {
			continue
		}
		path := strings.Fields(command.CommandPath())[1:]
		var lines [][]string
		for _, line := range ran {
			if isPath(line, path) {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			t.Errorf("no script runs %s", command.CommandPath())
		}
		prints := ours(command) && command.Name() != "help"
		if prints && !slices.ContainsFunc(lines, func(line []string) bool { return slices.Contains(line, "--json") }) {
			t.Errorf("no script runs %s with --json", command.CommandPath())
		}
	}
}

// scriptedLines returns the arguments of each run of groovechaos in the scripts.
func scriptedLines(t *testing.T) [][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("scripts: %v, %v", files, err)
	}
	// The commands serve and standin of the scripts.
	lines := [][]string{{"serve", "--json"}, {"standin", "--json"}}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs.FindAllSubmatch(archive.Comment, -1) {
			lines = append(lines, strings.Fields(string(run[1])))
		}
	}
	return lines
}

// isPath reports whether a line begins with the words of a command's path; flags
// may stand before it.
func isPath(line, path []string) bool {
	for len(line) > 0 && strings.HasPrefix(line[0], "-") {
		line = line[1:]
	}
	return len(line) >= len(path) && slices.Equal(line[:len(path)], path)
}
