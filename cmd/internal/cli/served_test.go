package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/daemon"
)

// served is a groovechaos that serves in a process of its own.
type served struct {
	command *exec.Cmd
	// head is what it printed until it was ready.
	head string
	// log is its standard error.
	log lockedBuffer
	// rest gets what it prints after the head once it has ended.
	rest chan string
}

// startServed runs `groovechaos serve` with the flags in dir and returns once
// what it printed matches ready.
func startServed(dir string, ready *regexp.Regexp, flags ...string) (*served, error) {
	return startIn(dir, homesIn(dir), ready, append([]string{"serve"}, flags...)...)
}

// startProgram is startServed for any command that serves.
func startProgram(dir string, ready *regexp.Regexp, args ...string) (*served, error) {
	return startIn(dir, nil, ready, args...)
}

// homesIn is the variables that say that the user's files are in dir: each program has its own.
func homesIn(dir string) []string {
	variables := make([]string, len(homes))
	for i, name := range homes {
		variables[i] = name + "=" + filepath.Join(dir, "home")
	}
	return variables
}

// readyTime is how long a program may take to say that it is ready.
const readyTime = time.Minute

// startIn is startProgram with variables of its own.
func startIn(dir string, variables []string, ready *regexp.Regexp, args ...string) (*served, error) {
	s := &served{command: exec.Command("groovechaos", args...), rest: make(chan string, 1)}
	s.command.Dir, s.command.Stderr, s.command.Env = dir, &s.log, append(os.Environ(), variables...)
	out, in := io.Pipe()
	s.command.Stdout = in
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(readyTime, func() { _ = s.command.Process.Kill() })
	defer late.Stop()
	ended := make(chan error, 1)
	go func() {
		err := s.command.Wait()
		ended <- errors.Join(err, in.Close())
	}()
	reader := bufio.NewReader(out)
	for !ready.MatchString(s.head) {
		line, err := reader.ReadString('\n')
		s.head += line
		if err != nil {
			return nil, fmt.Errorf("groovechaos %s ended before it was ready: %w\n%s%s", args[0], <-ended, s.head, s.log.String())
		}
	}
	go func() {
		rest, _ := io.ReadAll(reader)
		if err := <-ended; err != nil {
			rest = fmt.Appendf(rest, "groovechaos %s: %v", args[0], err)
		}
		s.rest <- string(rest)
	}()
	return s, nil
}

// jsonEnd matches one JSON document as groovechaos prints it.
var jsonEnd = regexp.MustCompile(`(?s)^\{\n.*\n\}\n$`)

// addresses are those that it announced in JSON.
func (s *served) addresses() (a daemon.Addresses, err error) {
	err = json.Unmarshal([]byte(s.head), &a)
	return a, err
}

// stop interrupts it, and returns an error unless it ends without another word
// and with exit status 0. A second stop does nothing.
func (s *served) stop() error {
	if s.command == nil {
		return nil
	}
	err := s.command.Process.Signal(os.Interrupt)
	s.command = nil
	if rest := strings.TrimSpace(<-s.rest); rest != "" {
		err = errors.Join(err, errors.New(rest))
	}
	return err
}

// lockedBuffer is a buffer that can be read while it is written.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
