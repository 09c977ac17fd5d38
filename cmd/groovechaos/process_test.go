//go:build e2e && unix

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
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/client"
)

// process is a groovechaos or a server that tests kill.
type process struct {
	served
	*client.Client

	command *exec.Cmd
	log     bytes.Buffer
	wait    func() error
}

// launch starts groovechaos with a configuration, and with a client of its control API if it has one.
func launch(t *testing.T, text string, flags ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(binary, append([]string{"serve", "--json", "--config", save(t, text)}, flags...)...)}
	p.command.Env, p.command.Stderr = ownHome(t), &p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.start(t)
	if err := json.NewDecoder(out).Decode(&p.served); err != nil {
		_ = p.wait()
		t.Fatalf("serve: %v\n%s", err, p.log.String())
	}
	if p.GRPC == "" {
		return p
	}
	if p.Client, err = client.Dial(p.GRPC, client.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Client.Close() })
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	p.wait = sync.OnceValue(p.command.Wait)
	t.Cleanup(p.kill)
}

// kill ends it at once, without a chance to do anything about it.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.wait()
}

// end asks it to end, and waits for that.
func (p *process) end(t *testing.T) {
	t.Helper()
	if err := errors.Join(p.command.Process.Signal(os.Interrupt), p.wait()); err != nil {
		t.Errorf("it ended with %v\n%s", err, p.log.String())
	}
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// natsServer is the real server, built once from the module that the embedded one comes from.
var natsServer = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nats-server")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "nats-server")
	out, err := exec.Command("go", "build", "-o", path, "github.com/nats-io/nats-server/v2").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// natsCluster is three servers that keep everything together.
type natsCluster struct {
	urls    []string
	servers []*process
	args    [][]string
}

// startNATS starts a cluster of so many servers, 1 for one alone.
func startNATS(t *testing.T, count int) *natsCluster {
	t.Helper()
	path, err := natsServer()
	if err != nil {
		t.Fatal(err)
	}
	c := &natsCluster{}
	var routes []string
	ports := unused(t, 2*count)
	for i := range count {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[count+i]))
	}
	for i := range count {
		args := []string{"-a", "127.0.0.1", "-p", fmt.Sprint(ports[i]), "-js", "-sd", t.TempDir(), "-n", fmt.Sprint("n", i)}
		if count > 1 {
			args = append(args, "--cluster_name", "fleet", "--cluster", routes[i], "--routes", strings.Join(routes, ","))
		}
		c.urls, c.args = append(c.urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[i])), append(c.args, append([]string{path}, args...))
		c.servers = append(c.servers, nil)
		c.restart(t, i)
	}
	return c
}

// restart starts a server of the cluster, anew if it was there.
func (c *natsCluster) restart(t *testing.T, i int) {
	t.Helper()
	p := &process{command: exec.Command(c.args[i][0], c.args[i][1:]...)}
	p.command.Stderr = &p.log
	p.start(t)
	c.servers[i] = p
	address := strings.TrimPrefix(c.urls[i], "nats://")
	until(t, "nats-server to listen", func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	})
}

// Ports that no system gives to who asks for any: Linux begins at 32768, others above.
const (
	firstPort = 20_000
	portCount = 12_000
)

// portsTaken counts those that were given out.
var portsTaken atomic.Int64

// unused returns so many ports that nobody has, each only once. Nobody gets one by chance before it is listened at, or while
// who does is away.
func unused(t *testing.T, count int) (ports []int) {
	t.Helper()
	for range portCount {
		if len(ports) == count {
			return ports
		}
		// Of tests in two processes each begins elsewhere.
		port := firstPort + (os.Getpid()*127+int(portsTaken.Add(1)))%portCount
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			_ = l.Close()
			ports = append(ports, port)
		}
	}
	t.Fatalf("%d ports are free, want %d", len(ports), count)
	return nil
}

// until waits for something that no machine takes a minute for.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(longest); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
