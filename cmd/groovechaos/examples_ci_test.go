//go:build e2e && unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// githubWorkflow is what the test reads of a workflow for GitHub Actions.
type githubWorkflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Name, Run, Uses, If string
			With                map[string]string
		}
	}
}

// gitlabPipeline is what it reads of a pipeline for GitLab.
type gitlabPipeline map[string]struct {
	Before    []string `yaml:"before_script"`
	Script    []string
	Artifacts struct {
		When    string
		Paths   []string
		Reports map[string]string
	}
}

// installing are the words with which lines begin that install something, which a test does not.
var installing = []string{"go install ", "apt-get "}

// TestExamplePipelines runs what the examples for CI servers run, beside the example that each is for, and wants the files that they keep.
func TestExamplePipelines(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("examples/ci/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no pipeline: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines, kept := readPipeline(t, filepath.Base(file), text)
			dir := pipelineDir(t, strings.Join(lines, "\n"))
			ran := 0
			for _, line := range lines {
				if !install(t, line) {
					runLine(t, dir, line)
					ran++
				}
			}
			if ran == 0 || len(kept) == 0 {
				t.Errorf("%d lines were run and %d files are kept, want some", ran, len(kept))
			}
			for _, name := range kept {
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
					t.Errorf("%s is to be kept and is not there: %v", name, err)
				}
			}
		})
	}
}

// readPipeline returns the lines that are run and the files that are kept.
func readPipeline(t *testing.T, name string, text []byte) (lines, kept []string) {
	t.Helper()
	switch name {
	case "github.yml":
		var w githubWorkflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatal(err)
		}
		for _, step := range w.Jobs["chaos"].Steps {
			if step.Run != "" {
				lines = append(lines, step.Run)
			}
			kept = append(kept, strings.Fields(step.With["path"])...)
		}
		return lines, append(kept, summaryFile)
	case "gitlab.yml":
		var p gitlabPipeline
		if err := yaml.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		job := p["chaos"]
		if job.Artifacts.When != "always" || job.Artifacts.Reports["junit"] == "" {
			t.Error("the reports of a stage that fails are not kept")
		}
		return slices.Concat(job.Before, job.Script), append(job.Artifacts.Paths, job.Artifacts.Reports["junit"])
	}
	t.Fatalf("%s is for no CI server that is known here", name)
	return nil, nil
}

// summaryFile is where the summary of a run on GitHub goes.
const summaryFile = "summary.md"

// pipelineDir is a copy of the example whose suite is run, with the chaos stage beside it as the lines have it.
func pipelineDir(t *testing.T, lines string) string {
	t.Helper()
	dir := t.TempDir()
	example := "python"
	if strings.Contains(lines, "npm test") {
		example = "node"
	}
	for from, to := range map[string]string{filepath.Join("examples", example): dir, "examples": filepath.Join(dir, "chaos")} {
		files, err := filepath.Glob(filepath.Join(from, "*.*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(to, 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// install reports whether a line installs something. Ours must be this module's program.
func install(t *testing.T, line string) bool {
	t.Helper()
	if path, ours := strings.CutPrefix(line, "go install "); ours {
		out, err := exec.Command("go", "list", ".").Output()
		if want := strings.TrimSpace(string(out)) + "@latest"; err != nil || strings.TrimSpace(path) != want {
			t.Errorf("%q installs %q, want %q (%v)", line, path, want, err)
		}
	}
	return slices.ContainsFunc(installing, func(words string) bool { return strings.HasPrefix(line, words) })
}

func runLine(t *testing.T, dir, line string) {
	t.Helper()
	for try := 1; ; try++ {
		command := exec.CommandContext(t.Context(), "bash", "-e", "-c", line)
		command.Dir = dir
		command.Env = append(os.Environ(), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, summaryFile), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
		out, err := command.CombinedOutput()
		if err == nil {
			return
		}
		if try == tries || command.ProcessState == nil || command.ProcessState.ExitCode() != 4 {
			t.Fatalf("%s\n%v\n%s", line, err, out)
		}
	}
}
