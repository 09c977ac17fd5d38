package store

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// natsVariable has the options of a NATS server, for which this binary stands then.
const natsVariable = "GROOVECHAOS_TEST_NATS"

// natsOptions are those of a real server in a process of its own.
type natsOptions struct {
	Name, Dir string
	// Password is that of the user "groovechaos", "" for none.
	Password string
	// Port is 0 for one that stays free while the server is away. Cluster is the port of the routes, 0 for none, Routes those of all servers of the cluster.
	Port, Cluster int
	Routes        []string
}

// natsMain runs a server until its input ends, and says where it is.
func natsMain(text string) int {
	var o natsOptions
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	s, err := server.NewServer(o.server())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return 1
	}
	fmt.Println(s.ClientURL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	s.WaitForShutdown()
	return 0
}

func (o *natsOptions) server() *server.Options {
	options := &server.Options{
		ServerName: o.Name, Host: "127.0.0.1", Port: o.Port, JetStream: true, StoreDir: o.Dir, NoSigs: true, NoLog: true,
	}
	if o.Password != "" {
		options.Username, options.Password = "groovechaos", o.Password
	}
	if o.Cluster == 0 {
		return options
	}
	options.Cluster = server.ClusterOpts{Name: "fleet", Host: "127.0.0.1", Port: o.Cluster}
	for _, route := range o.Routes {
		if u, err := url.Parse(route); err == nil {
			options.Routes = append(options.Routes, u)
		}
	}
	return options
}

// natsProcess is a running server.
type natsProcess struct {
	url  string
	kill func()
	// end has it end by itself.
	end func()
}

// startNATS runs a real server in a process of its own, until the test ends.
func startNATS(t testing.TB, o natsOptions) *natsProcess {
	t.Helper()
	if o.Port == 0 {
		o.Port = unused(t, 1)[0]
	}
	text, err := json.Marshal(&o)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), natsVariable+"="+string(text))
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	wait := sync.OnceFunc(func() { _ = command.Wait() })
	p := &natsProcess{
		kill: func() { _ = command.Process.Kill(); wait() },
		end:  func() { _ = in.Close(); wait() },
	}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("nats-server did not start: %v", err)
	}
	p.url = strings.TrimSpace(line)
	return p
}

// port is the one in the address of a server.
func (p *natsProcess) port(t testing.TB) int {
	t.Helper()
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	var port int
	if _, err := fmt.Sscan(u.Port(), &port); err != nil {
		t.Fatal(err)
	}
	return port
}

// startCluster runs three servers that keep everything together, and returns their options and their processes.
func startCluster(t testing.TB) (options []natsOptions, servers []*natsProcess) {
	t.Helper()
	var routes []string
	for i, port := range unused(t, 3) {
		o := natsOptions{Name: fmt.Sprint("n", i), Dir: t.TempDir(), Cluster: port}
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", o.Cluster))
		options = append(options, o)
	}
	var group sync.WaitGroup
	servers = make([]*natsProcess, len(options))
	for i := range options {
		options[i].Routes = routes
		group.Go(func() { servers[i] = startNATS(t, options[i]) })
	}
	group.Wait()
	for i := range options {
		options[i].Port = servers[i].port(t)
	}
	return options, servers
}

func urlsOf(servers []*natsProcess) string {
	var urls []string
	for _, s := range servers {
		urls = append(urls, s.url)
	}
	return strings.Join(urls, ",")
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
func unused(t testing.TB, count int) (ports []int) {
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

// await waits until something has come about, and fails the test after a time that no machine needs.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute: %s has not come about", what)
		}
	}
}
