package arch

import (
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// root is the top of the module, from this folder.
const root = "../../.."

func TestSourcesKeepToTheTable(t *testing.T) {
	t.Parallel()
	sources, err := load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) == 0 {
		t.Fatal("got no sources, want those of the module")
	}
	for _, problem := range check(sources) {
		t.Error(problem)
	}
}

func TestTopLevelIsFixed(t *testing.T) {
	t.Parallel()
	names, err := topNames()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(names, "go.mod") {
		t.Fatalf("got %q at the top, want go.mod among them", names)
	}
	for _, problem := range checkTop(names) {
		t.Error(problem)
	}
}

// topNames returns the names at the top of the module. Where git can tell,
// what it ignores is left out.
func topNames() ([]string, error) {
	git := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = root
	listed, err := git.Output()
	if err == nil && len(listed) > 0 {
		var names []string
		for file := range strings.SplitSeq(strings.TrimRight(string(listed), "\x00"), "\x00") {
			names = append(names, top(file))
		}
		return slices.Compact(names), nil
	}
	return fs.Glob(os.DirFS(root), "*")
}

// TestTableIsSound holds the table itself: every arrow ends at a row, points
// down, and leads from pure to pure.
func TestTableIsSound(t *testing.T) {
	t.Parallel()
	for folder, r := range table {
		for _, name := range r.knows {
			if guarded[name] == nil {
				t.Errorf("%s knows %q, want one of the guarded libraries", folder, name)
			}
		}
		for _, imported := range r.imports {
			target, placed := table[strings.TrimSuffix(imported, "/...")]
			if !placed && !strings.HasSuffix(imported, "/...") {
				t.Errorf("%s may import %s, which has no row", folder, imported)
			}
			if !slices.Contains(reach[top(folder)], top(imported)) {
				t.Errorf("%s may import %s, an arrow that points up", folder, imported)
			}
			if r.pure && !target.pure {
				t.Errorf("%s is pure and may import %s, which is not", folder, imported)
			}
		}
	}
}

func TestModulePathIsThatOfGoMod(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(text), "\n"); first != "module "+module {
		t.Errorf("go.mod begins %q, want %q", first, "module "+module)
	}
}
