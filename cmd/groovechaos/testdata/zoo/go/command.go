package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// command runs a process of curl or wget for every call. The words are the program and its flags.
func command(s *site) sender {
	arguments := map[string]func(call) []string{"curl": s.curl, "wget": s.wget}[s.words[0]]
	return func(ctx context.Context, c call) (int, error) {
		process := exec.CommandContext(ctx, s.words[0], append(arguments(c), s.words[1:]...)...)
		var out, log bytes.Buffer
		process.Stdout, process.Stderr = &out, &log
		err := process.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("exit status is %d", exit.ExitCode())
		}
		return lastStatus(out.String() + log.String()), err
	}
}

// curl are the arguments of a call, up to the flags for retries. It prints all answers with their heads: where they go
// to /dev/null it cannot take back one that failed, and does not retry.
func (s *site) curl(c call) []string {
	arguments := []string{"--silent", "--noproxy", "*", "--include", "--request", c.Method}
	for name, values := range s.fields(c) {
		arguments = append(arguments, "--header", name+": "+values[0])
	}
	if c.Body != "" {
		arguments = append(arguments, "--data-raw", c.Body)
	}
	return append(arguments, s.base+c.Path)
}

// wget are the arguments of a call, up to the flags for retries. It prints the heads of all answers.
func (s *site) wget(c call) []string {
	arguments := []string{"--no-verbose", "--no-proxy", "--server-response", "--output-document", "/dev/null"}
	for name, values := range s.fields(c) {
		arguments = append(arguments, "--header", name+": "+values[0])
	}
	if c.Body != "" {
		arguments = append(arguments, "--post-data", c.Body)
	}
	return append(arguments, s.base+c.Path)
}

var statusLine = regexp.MustCompile(`HTTP/[0-9.]+ ([0-9]{3})`)

// lastStatus is the status of the last head in a text, 0 for none.
func lastStatus(text string) int {
	heads := statusLine.FindAllStringSubmatch(text, -1)
	if len(heads) == 0 {
		return 0
	}
	status, err := strconv.Atoi(heads[len(heads)-1][1])
	if err != nil {
		return 0
	}
	return status
}
