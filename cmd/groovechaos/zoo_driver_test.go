//go:build e2e

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults/standin"
)

// keeper has what the drivers need.
type keeper struct {
	// program is how the drivers of each kind are started, lacking what is not here for them.
	program map[string][]string
	lacking map[string]string
}

// newKeeper builds and installs the drivers.
func newKeeper(t *testing.T) *keeper {
	t.Helper()
	k := &keeper{program: make(map[string][]string), lacking: make(map[string]string)}
	goDir, nodeDir := t.TempDir(), t.TempDir()
	var goProblem, nodeProblem string
	var wg sync.WaitGroup
	wg.Go(func() {
		goProblem = prepared("go", "-C", zooFile("go"), "build", "-o", filepath.Join(goDir, "zoo"), ".")
	})
	wg.Go(func() {
		if err := os.CopyFS(nodeDir, os.DirFS(zooFile("node"))); err != nil {
			nodeProblem = err.Error()
			return
		}
		nodeProblem = prepared("npm", "ci", "--prefix", nodeDir, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	})
	wg.Wait()
	k.have("go", goProblem, filepath.Join(goDir, "zoo"))
	k.have("node", nodeProblem, "node", filepath.Join(nodeDir, "driver.mjs"))
	k.findPython()
	for _, name := range []string{"curl", "wget"} {
		if _, err := exec.LookPath(name); err != nil {
			k.lacking[name] = name + " is not here"
		}
	}
	return k
}

// have says how drivers are started, unless there is a problem.
func (k *keeper) have(kind, problem string, program ...string) {
	k.program[kind] = program
	if problem != "" {
		k.lacking[kind] = problem
	}
}

// findPython looks for a Python with requests: the first on the path need not be the system's.
func (k *keeper) findPython() {
	var problem string
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if problem = prepared(python, "-c", "import requests, urllib3"); problem == "" {
			k.have("python", "", python, zooFile("python", "driver.py"))
			return
		}
	}
	k.have("python", "Python with requests is not here: "+problem)
}

// lacks is what is not here of what a resident needs, "" for nothing.
func (k *keeper) lacks(r *resident) string {
	for _, word := range r.driver {
		if lack := k.lacking[word]; lack != "" {
			return lack
		}
	}
	return ""
}

// prepared runs a program and returns what is wrong with it, "" for nothing.
func prepared(program string, args ...string) string {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
}

func zooFile(names ...string) string {
	return filepath.Join(append([]string{"testdata", "zoo"}, names...)...)
}

// driver is a client at work.
type driver struct {
	name    string
	command *exec.Cmd
	in      io.WriteCloser
	errors  bytes.Buffer
	stop    context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	waiting map[string]chan struct{}
}

// drive starts the driver of a resident.
func (k *keeper) drive(t *testing.T, r *resident, proxy string) *driver {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	words := append([]string{}, k.program[r.driver[0]]...)
	site := []string{"http://" + proxy, r.name, standin.UserTokenSubscriber}
	if len(r.driver) > 1 {
		site = append(append([]string{r.driver[1]}, site...), r.driver[2:]...)
	}
	words = append(words, site...)
	d := &driver{name: r.name, stop: stop, done: make(chan struct{}), waiting: make(map[string]chan struct{})}
	d.command = exec.CommandContext(ctx, words[0], words[1:]...)
	d.command.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*")
	d.command.Stderr = &d.errors
	d.command.Cancel = func() error { return d.command.Process.Signal(os.Interrupt) }
	d.command.WaitDelay = patience
	in, err := d.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.in = in
	out, err := d.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.command.Start(); err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	go d.listen(out)
	return d
}

// listen notes which calls have ended.
func (d *driver) listen(out io.Reader) {
	defer close(d.done)
	decoder := json.NewDecoder(out)
	for {
		var outcome struct{ ID string }
		if err := decoder.Decode(&outcome); err != nil {
			return
		}
		d.mu.Lock()
		ended := d.waiting[outcome.ID]
		delete(d.waiting, outcome.ID)
		d.mu.Unlock()
		if ended != nil {
			close(ended)
		}
	}
}

// make starts a call. The channel is closed when it has ended.
func (d *driver) make(t *testing.T, c zooCall) <-chan struct{} {
	t.Helper()
	ended := make(chan struct{})
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting[c.ID] = ended
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		t.Errorf("%s: %v", d.name, err)
	}
	return ended
}

// end ends the client, whatever it still waits for.
func (d *driver) end(t *testing.T) {
	t.Helper()
	if err := d.in.Close(); err != nil {
		t.Errorf("%s: %v", d.name, err)
	}
	d.stop()
	<-d.done
	_ = d.command.Wait() // it may have been interrupted
	if t.Failed() {
		t.Logf("%s: %s", d.name, d.errors.String())
	}
}
