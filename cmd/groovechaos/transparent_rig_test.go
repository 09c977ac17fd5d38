//go:build e2e && linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// group is the one that the proxy runs as, so that rules can tell its traffic.
const group = 7714

// machine is a network namespace.
type machine struct{ name string }

var (
	machines atomic.Int64
	// etc guards the folder that the files of all machines are in.
	etc sync.Mutex
)

// newMachine makes a machine that knows some hosts, and removes it when the
// test ends.
func newMachine(t *testing.T, hosts string) machine {
	t.Helper()
	run := os.Getenv("GROOVECHAOS_CI") // by which what is left over is found
	m := machine{fmt.Sprintf("groovechaos-%s-%d-%d", run, os.Getpid(), machines.Add(1))}
	m.know(t, hosts)
	if _, log, status := execute(t, nil, "ip", "netns", "add", m.name); status != 0 {
		lacks(t, "network namespaces cannot be made here: "+log)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "delete", m.name).CombinedOutput(); err != nil {
			t.Errorf("ip netns delete: %v\n%s", err, out)
		}
	})
	m.must(t, "ip", "link", "set", "lo", "up")
	return m
}

// know writes the machine's own /etc/hosts, where "ip netns exec" looks for it.
func (m machine) know(t *testing.T, hosts string) {
	t.Helper()
	files := "/etc/netns/" + m.name
	etc.Lock()
	defer etc.Unlock()
	t.Cleanup(func() {
		etc.Lock()
		defer etc.Unlock()
		_ = os.RemoveAll(files)
		_ = os.Remove(filepath.Dir(files)) // unless others use it
	})
	if err := os.MkdirAll(files, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(files, "hosts"), []byte("127.0.0.1 localhost\n"+hosts), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a program there to its end.
func (m machine) run(t *testing.T, env []string, program string, args ...string) (out, log string, status int) {
	t.Helper()
	return execute(t, env, "ip", append([]string{"netns", "exec", m.name, program}, args...)...)
}

func (m machine) must(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, log, status := m.run(t, nil, program, args...); status != 0 {
		t.Fatalf("%s %s: exit status is %d\n%s%s", program, strings.Join(args, " "), status, out, log)
	}
}

// link joins two machines: by the interface and the address of each.
func link(t *testing.T, one, other machine, oneEnd, otherEnd, oneAddress, otherAddress string) {
	t.Helper()
	one.must(t, "ip", "link", "add", oneEnd, "type", "veth", "peer", "name", otherEnd, "netns", other.name)
	one.join(t, oneEnd, oneAddress)
	other.join(t, otherEnd, otherAddress)
}

func (m machine) join(t *testing.T, device, address string) {
	t.Helper()
	add := []string{"address", "add", address, "dev", device}
	if strings.Contains(address, ":") {
		add = append(add, "nodad")
	}
	m.must(t, "ip", add...)
	m.must(t, "ip", "link", "set", device, "up")
}

// listen opens a listener there.
func (m machine) listen(t *testing.T, address string) net.Listener {
	t.Helper()
	type result struct {
		net.Listener
		error
	}
	opened := make(chan result)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its network
		l, err := m.open(address)
		opened <- result{l, err}
	}()
	r := <-opened
	if r.error != nil {
		t.Fatal(r.error)
	}
	return r.Listener
}

func (m machine) open(address string) (net.Listener, error) {
	space, err := os.Open("/run/netns/" + m.name)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("enter %s: %w", m.name, err)
	}
	return net.Listen("tcp", address)
}

// serve starts groovechaos there, as a group of its own.
func (m machine) serve(t *testing.T, config string) *served {
	t.Helper()
	command := exec.Command("ip", "netns", "exec", m.name, binary, "serve", "--json", "--config", save(t, config))
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Gid: group}}
	command.Env = ownHome(t)
	var log bytes.Buffer
	command.Stderr = &log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s := &served{stop: sync.OnceFunc(func() {
		if err := errors.Join(command.Process.Signal(os.Interrupt), command.Wait()); err != nil {
			t.Errorf("serve ended with %v\n%s", err, log.String())
		}
	})}
	if err := json.NewDecoder(out).Decode(s); err != nil {
		_ = command.Wait()
		t.Fatalf("serve: %v\n%s", err, log.String())
	}
	t.Cleanup(s.stop)
	return s
}

// journal is what a groovechaos there saw.
func (m machine) journal(t *testing.T, s *served) func() string {
	t.Helper()
	return func() string {
		out, log, status := m.run(t, []string{"GROOVECHAOS_CONTROL=" + s.GRPC}, binary, "attempts", "--json")
		if status != 0 {
			t.Fatalf("groovechaos attempts: exit status is %d\n%s", status, log)
		}
		return out
	}
}

// rules carries out a file of testdata/intercept there.
func (m machine) rules(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(callerFile(t, file))
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(edited, bytes.ReplaceAll(text, []byte("GROUP"), fmt.Append(nil, group)), 0o600); err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(file) == ".nft" {
		m.must(t, "nft", "-f", edited)
		return
	}
	m.must(t, "sh", "-e", edited)
}
