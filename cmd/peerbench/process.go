package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// stopPatience is how long a process may take to end before it is killed.
	stopPatience = 5 * time.Second
	// startPatience is how long a process may take to accept connections.
	startPatience = 20 * time.Second
	// startPause lies between two attempts to connect to it.
	startPause = 20 * time.Millisecond
)

// process is a program that was started here. It leads a process group of its
// own, to which its children belong.
type process struct {
	name string
	pid  int
	// log is the file with what it wrote.
	log    string
	cancel context.CancelFunc
	// ended is closed once the process is reaped; err is set before.
	ended chan struct{}
	err   error
}

// spawn starts a program, whose output goes to a file in dir. The caller stops it.
func spawn(ctx context.Context, dir, name string, command []string, env ...string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	ctx, cancel := context.WithCancel(ctx)
	cmd := program(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, pid: cmd.Process.Pid, log: log.Name(), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// stop ends the process and what is left of its group, and waits for it.
func (p *process) stop() {
	p.cancel()
	<-p.ended
	killGroup(p.pid)
}

// alive returns what the process said at its end, or nil while it runs.
func (p *process) alive() error {
	select {
	case <-p.ended:
		err := p.err
		if err == nil {
			err = errors.New("exit status 0")
		}
		return fmt.Errorf("%s ended by itself: %w: %s", p.name, err, tail(p.log))
	default:
		return nil
	}
}

// ready waits until the process accepts connections at address.
func (p *process) ready(ctx context.Context, address string) error {
	limit, cancel := context.WithTimeoutCause(ctx, startPatience, errors.New("it took too long"))
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(limit, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return p.alive()
		case <-limit.Done():
			return fmt.Errorf("wait for %s at %s: %w: %s", p.name, address, context.Cause(limit), tail(p.log))
		case <-time.After(startPause):
		}
	}
}

// program is a command that ends with ctx, and with peerbench.
func program(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // It runs what is installed, built here or named on the command line.
	cmd.WaitDelay = stopPatience
	lead(cmd)
	return cmd
}

// tail returns the last lines of a log in one line.
func tail(file string) string {
	const most = 600
	text, err := os.ReadFile(file) //nolint:gosec // It is one that spawn made.
	if err != nil {
		return err.Error()
	}
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// output runs a program to its end and returns what it wrote on both streams.
func output(ctx context.Context, name string, args ...string) (string, error) {
	text, err := program(ctx, name, args...).CombinedOutput()
	said := strings.TrimSpace(string(text))
	if err != nil {
		return said, fmt.Errorf("run %s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, said)
	}
	return said, nil
}

// Ports that no system gives to who asks for any, so that nobody gets one by chance before the server that is told it listens
// there: Linux begins at 32768, others above.
const (
	firstPort = 20_000
	portCount = 12_000
)

// given counts the ports that freeAddress has looked at.
var given atomic.Int64

// freeAddress returns a loopback address that nobody listens on, each only once.
func freeAddress(ctx context.Context) (string, error) {
	var c net.ListenConfig
	for {
		n := given.Add(1)
		if n > portCount {
			return "", fmt.Errorf("find a port: none is left from %d to %d", firstPort, firstPort+portCount-1)
		}
		// Of two processes each begins elsewhere.
		address := fmt.Sprint("127.0.0.1:", firstPort+(int64(os.Getpid())*127+n)%portCount)
		listener, err := c.Listen(ctx, "tcp", address)
		switch {
		case err == nil:
			return address, listener.Close()
		case ctx.Err() != nil:
			return "", ctx.Err()
		}
	}
}
