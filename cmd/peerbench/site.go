package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// site is where everything runs: a folder for a time, the programs, the origin.
type site struct {
	dir string
	// source is the top of this module.
	source string
	// programs are the paths of what runs, by name.
	programs map[string]string
	// origin answers what the peers relay; secure is its address for TLS.
	origin *running
	secure string
	// authority is the file of the certificate that the origin's is signed by.
	authority string
	// files is how many files a process may open.
	files int
}

// open finds and builds the programs and starts the origin. The caller closes
// the site, after an error too.
func open(ctx context.Context, o *options, say func(string)) (s *site, err error) {
	s = &site{programs: make(map[string]string)}
	if err := s.find(o); err != nil {
		return s, err
	}
	if s.files, err = raiseFileLimit(); err != nil {
		return s, fmt.Errorf("raise the limit of open files: %w", err)
	}
	if s.dir, err = os.MkdirTemp("", "peerbench-"); err != nil {
		return s, err
	}
	mod, err := output(ctx, "go", "env", "GOMOD")
	if err != nil {
		return s, err
	}
	s.source = filepath.Dir(mod)
	if err := s.build(ctx, o, say); err != nil {
		return s, err
	}
	if err := s.certify(); err != nil {
		return s, fmt.Errorf("make certificates: %w", err)
	}
	return s, s.startOrigin(ctx)
}

// close ends the origin and removes the folder.
func (s *site) close() error {
	if s.origin != nil {
		s.origin.stop()
	}
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir) //nolint:gosec // It is the one that open made.
}

// find looks for the programs that are needed and names all that are missing.
func (s *site) find(o *options) error {
	needed := []peer{
		{program: "go", pkg: "golang-go, or https://go.dev/dl"},
		{program: "nginx", pkg: "nginx-light"},
		{program: "wrk", pkg: "wrk"},
	}
	for _, p := range known() {
		if slices.Contains(o.peers, p.name) && p.program != "" {
			needed = append(needed, p)
		}
	}
	var missing []error
	for _, p := range needed {
		if s.programs[p.program] != "" {
			continue
		}
		path, err := look(p.program)
		if err != nil {
			missing = append(missing, fmt.Errorf("%s is not installed: Debian has it in the package %s", p.program, p.pkg))
			path = "missing"
		}
		s.programs[p.program] = path
	}
	return errors.Join(missing...)
}

// look finds a program, also where Debian puts those for the administrator.
func look(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		return filepath.Abs(path)
	}
	return exec.LookPath("/usr/sbin/" + program)
}

// write puts a file into the site's folder and returns its path.
func (s *site) write(name, text string) (string, error) {
	path := filepath.Join(s.dir, name)
	return path, save(path, []byte(text))
}

// first returns the first line of a text.
func first(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
