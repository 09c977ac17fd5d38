//go:build e2e && linux

package main

import (
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/standin"
)

// scene is a way to the transparent listener, from a machine that believes the
// hosts of the API to be at the address of another.
type scene struct {
	rules string
	// here are the addresses of the machine of the proxy, there of the other one,
	// and loopback is where the proxy listens.
	here, there, loopback string
	// behind says that the caller is on a machine of its own, which reaches the
	// other through that of the proxy.
	behind bool
}

var scenes = map[string]scene{
	"nftables":                  {rules: "redirect.nft", here: "203.0.113.1/24", there: "203.0.113.10/24", loopback: "127.0.0.1"},
	"nftables, IPv6":            {rules: "redirect.nft", here: "2001:db8::1/64", there: "2001:db8::10/64", loopback: "[::1]"},
	"iptables":                  {rules: "redirect.sh", here: "203.0.113.1/24", there: "203.0.113.10/24", loopback: "127.0.0.1"},
	"nftables, another machine": {rules: "forward.sh", here: "203.0.113.1/24", there: "203.0.113.10/24", loopback: "127.0.0.1", behind: true},
}

// stage is a scene that is set up.
type stage struct {
	proxied, caller machine
	proxy           *served
	// authority is the certificate of ours, origin that of example.com on the
	// other machine.
	authority, origin string
	listener          string
}

func (s scene) setUp(t *testing.T, keys string) *stage {
	t.Helper()
	for _, tool := range []string{"ip", "nft", "iptables", "node", "curl"} {
		need(t, tool)
	}
	if os.Geteuid() != 0 {
		lacks(t, "only root can make network namespaces")
	}
	address, _, _ := strings.Cut(s.there, "/")
	hosts := address + " api.media.microsoft.com login.live.com example.com\n"
	there, here := newMachine(t, ""), newMachine(t, hosts)
	link(t, here, there, "eth0", "eth0", s.here, s.there)
	st := &stage{proxied: here, caller: here, listener: s.loopback + ":7714"}
	if s.behind {
		st.caller = newMachine(t, hosts)
		link(t, here, st.caller, "eth1", "eth0", "198.51.100.1/24", "198.51.100.2/24")
		st.caller.must(t, "ip", "route", "add", "default", "via", "198.51.100.1")
	}
	st.origin = serveOrigin(t, there, address)
	here.rules(t, s.rules)
	section := fmt.Sprintf("[intercept]\nca_dir = %q\n%s", filepath.Join(t.TempDir(), "ca"), keys)
	listeners := fmt.Sprintf("[proxy]\nlisten = \"127.0.0.1:0\"\nlisteners = [{ listen = %q, modes = [\"transparent\"] }]\n", st.listener)
	st.proxy = here.serve(t, listeners+freePorts+section+searchDown)
	st.authority = filepath.Join(t.TempDir(), "groovechaos-ca.pem")
	if _, log, status := execute(t, nil, binary, "ca", "export", "--config", save(t, section), "--out", st.authority); status != 0 {
		t.Fatalf("groovechaos ca export: exit status is %d\n%s", status, log)
	}
	return st
}

// serveOrigin serves ports 80 and 443 of a machine, and returns a file with
// the certificate, for example.com.
func serveOrigin(t *testing.T, m machine, address string) string {
	t.Helper()
	own := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "own words") })
	var certificate []byte
	for _, port := range []string{"80", "443"} {
		server := httptest.NewUnstartedServer(own)
		server.Listener.Close()
		server.Listener = m.listen(t, net.JoinHostPort(address, port))
		t.Cleanup(server.Close)
		if port == "80" {
			server.Start()
			continue
		}
		server.StartTLS()
		certificate = server.Certificate().Raw
	}
	file := filepath.Join(t.TempDir(), "origin.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Callers that know of no proxy meet it where their connections are redirected.
func TestTransparentIntercepts(t *testing.T) {
	t.Parallel()
	for name, s := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := s.setUp(t, "others = \"tunnel\"\n")
			st.fetches(t)
			st.takesPlain(t)
			st.takesHTTP2(t)
			st.tunnels(t)
			st.endsDirect(t)
			again := seen{"api.media.microsoft.com", "search", "GET", 200, "upstream", ""}
			wantJournal(t, st.proxied.journal(t, st.proxy), append(faulted[:3:3], again, again))
		})
	}
}

// fetches lets Node's own fetch get a token and search.
func (st *stage) fetches(t *testing.T) {
	t.Helper()
	out, log, status := st.caller.run(t, []string{"NODE_EXTRA_CA_CERTS=" + st.authority}, "node", callerFile(t, "fetch.mjs"), tokenURL, searchURL)
	if status != 0 {
		t.Fatalf("fetch: exit status is %d, want 0\n%s%s", status, out, log)
	}
	wantReplies(t, out, "1.1")
}

// curl gets a URL.
func (st *stage) curl(t *testing.T, args ...string) (out string, status int) {
	t.Helper()
	env := []string{"http_proxy=", "https_proxy=", "all_proxy=", "HTTPS_PROXY=", "ALL_PROXY="}
	out, log, status := st.caller.run(t, env, "curl", append([]string{"-sS", "--max-time", "20"}, args...)...)
	return out + log, status
}

func (st *stage) takesPlain(t *testing.T) {
	t.Helper()
	target := strings.Replace(searchURL, "https://", "http://", 1)
	out, status := st.curl(t, "-H", "Authorization: Bearer "+standin.ApplicationToken, target)
	if status != 0 || !strings.HasPrefix(out, `{"Albums":`) {
		t.Errorf("plain HTTP: exit status %d, got %.300q, want the stand-in's answer", status, out)
	}
}

func (st *stage) takesHTTP2(t *testing.T) {
	t.Helper()
	out, status := st.curl(t, "--http2", "--cacert", st.authority, "-H", "Authorization: Bearer "+standin.ApplicationToken,
		"-o", os.DevNull, "-w", "%{http_code} by HTTP/%{http_version}", searchURL)
	if want := "200 by HTTP/2"; status != 0 || out != want {
		t.Errorf("HTTP/2: exit status %d, got %q, want %q", status, out, want)
	}
}

// tunnels reaches a server that is not intercepted: the proxy's own connection
// to it is not redirected.
func (st *stage) tunnels(t *testing.T) {
	t.Helper()
	if out, status := st.curl(t, "--cacert", st.origin, "https://example.com/"); status != 0 || out != "own words" {
		t.Errorf("tunnel: exit status %d, got %.300q, want the server's own words", status, out)
	}
}

// endsDirect connects to the listener itself: there is no destination, and so
// it is closed.
func (st *stage) endsDirect(t *testing.T) {
	t.Helper()
	const emptyReply, noHandshake = 52, 35
	on := &stage{caller: st.proxied}
	for scheme, want := range map[string]int{"http": emptyReply, "https": noHandshake} {
		if out, status := on.curl(t, "-k", scheme+"://"+st.listener+"/"); status != want {
			t.Errorf("%s to the listener: curl ended with %d, %.300q, want %d", scheme, status, out, want)
		}
	}
}

// Others are refused: in clear text where they are spoken to in clear text.
func TestTransparentRefuses(t *testing.T) {
	t.Parallel()
	const broken = 35 // off in the handshake
	st := scenes["nftables"].setUp(t, "")
	want := "groovechaos: the destination was refused: the host is not on the list of this proxy\n"
	if out, status := st.curl(t, "http://example.com/"); status != 0 || out != want {
		t.Errorf("plain: exit status %d, got %q, want %q", status, out, want)
	}
	for name, url := range map[string]string{"a name": "https://example.com/", "an address, which SNI never names": "https://203.0.113.10/"} {
		if out, status := st.curl(t, "-k", url); status != broken {
			t.Errorf("%s: exit status %d, got %q, want %d", name, status, out, broken)
		}
	}
	wantJournal(t, st.proxied.journal(t, st.proxy), []seen{{"example.com", "", "GET", 403, "ours", ""}})
}

// A connection that hung when it was accepted loses nothing of what its client
// has sent meanwhile.
func TestTransparentLetsGoOfAHang(t *testing.T) {
	t.Parallel()
	const held = "\n[[faults]]\nname = \"held\"\nbreak = { how = \"hang\", at = \"accept\" }\n"
	st := scenes["nftables"].setUp(t, held)
	answered := make(chan string, 2)
	for scheme, target := range map[string]string{"plain": strings.Replace(searchURL, "https://", "http://", 1), "TLS": searchURL} {
		go func() {
			out, status := st.curl(t, "--cacert", st.authority, "-H", "Authorization: Bearer standin-application", "--retry", "0", "-o", os.DevNull, "-w", "%{http_code}", target)
			answered <- fmt.Sprintf("%s: exit status %d, answer %s", scheme, status, out)
		}()
	}
	manage := func(args ...string) string {
		out, log, status := st.proxied.run(t, []string{"GROOVECHAOS_CONTROL=" + st.proxy.GRPC}, binary, args...)
		if status != 0 {
			t.Fatalf("groovechaos %v: exit status is %d\n%s", args, status, log)
		}
		return out
	}
	for end := time.Now().Add(patience); !strings.Contains(manage("fault", "get", "held", "--json"), `"fired": "2"`); {
		if time.Now().After(end) {
			t.Fatalf("the fault is %s, want it to hold two connections", manage("fault", "get", "held", "--json"))
		}
	}
	manage("fault", "delete", "held")
	want := map[string]bool{"plain: exit status 0, answer 200": true, "TLS: exit status 0, answer 200": true, "plain: exit status 0, answer 503": true, "TLS: exit status 0, answer 503": true}
	for range 2 {
		if got := <-answered; !want[got] {
			t.Errorf("%s, want an answer", got)
		}
	}
}

// A rule that redirects the proxy's own connections too makes no loop: they end
// where they come back.
func TestTransparentDoesNotLoop(t *testing.T) {
	t.Parallel()
	const broken = 35
	s := scenes["nftables"]
	s.rules = "everything.nft"
	st := s.setUp(t, "others = \"tunnel\"\n")
	if out, status := st.curl(t, "--max-time", "5", "-k", "https://example.com/"); status != broken {
		t.Errorf("tunnel: exit status %d, got %q, want %d", status, out, broken)
	}
	want := "groovechaos: the upstream closed the connection without an answer\n"
	if out, status := st.curl(t, "--max-time", "5", "http://example.com/"); status != 0 || out != want {
		t.Errorf("plain: exit status %d, got %q, want %q", status, out, want)
	}
	st.fetches(t)
}
