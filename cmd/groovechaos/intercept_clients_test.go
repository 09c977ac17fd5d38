//go:build e2e

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// program is a caller of testdata/intercept.
type program struct {
	// help is what install-help calls it.
	help string
	// command installs or builds it.
	command func(t *testing.T) []string
	// speaks are its flags by the version of HTTP.
	speaks map[string][]string
}

var programs = map[string]program{
	"curl":            {"curl", curl, map[string][]string{"2": {"--http2"}, "1.1": {"--http1.1"}}},
	"python requests": {"python", pythonRequests, map[string][]string{"1.1": nil}},
	"node axios":      {"node", axios, map[string][]string{"1.1": nil}},
	"java HttpClient": {"java", javaHTTPClient, map[string][]string{"2": nil, "1.1": {"1.1"}}},
	"go":              {"go", goHTTP, map[string][]string{"2": nil, "1.1": {"1.1"}}},
}

func curl(t *testing.T) []string {
	t.Helper()
	need(t, "curl")
	return []string{"sh", callerFile(t, "client.sh")}
}

// pythonRequests looks for a Python that has the package: the first on the path
// need not be the system's.
func pythonRequests(t *testing.T) []string {
	t.Helper()
	need(t, "python3")
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if _, err := os.Stat(python); filepath.IsAbs(python) && err != nil {
			continue
		}
		if _, _, status := execute(t, nil, python, "-c", "import requests"); status == 0 {
			return []string{python, callerFile(t, "client.py")}
		}
	}
	lacks(t, "Python's package requests is not here")
	return nil
}

// axios installs what the lock file names.
func axios(t *testing.T) []string {
	t.Helper()
	need(t, "npm")
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "client.mjs"} {
		text, err := os.ReadFile(callerFile(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, log, status := execute(t, nil, "npm", "ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	if status != 0 {
		lacks(t, "axios cannot be installed by npm: "+log)
	}
	return []string{"node", filepath.Join(dir, "client.mjs")}
}

func javaHTTPClient(t *testing.T) []string {
	t.Helper()
	need(t, "javac")
	dir := t.TempDir()
	built(t, "javac", "-d", dir, callerFile(t, "Client.java"))
	return []string{"java", "-XX:TieredStopAtLevel=1", "-cp", dir, "Client"}
}

func goHTTP(t *testing.T) []string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "client")
	built(t, "go", "build", "-o", out, callerFile(t, "client.go"))
	return []string{out}
}

func built(t *testing.T, compiler string, args ...string) {
	t.Helper()
	if _, log, status := execute(t, nil, compiler, args...); status != 0 {
		t.Fatalf("%s: exit status is %d\n%s", compiler, status, log)
	}
}

// callerFile is the path of a file of testdata/intercept.
func callerFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "intercept", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// lacks skips a test for what is not here; on CI that is a failure.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}
