package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/route"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	for host, accepted := range map[string]bool{
		"music.xboxlive.com":            true,
		"*.example.net":                 true,
		"*":                             true,
		"*:443":                         true,
		"[::1]:443":                     true,
		"music.example.net:0":           false,
		"music.example.net:":            false,
		"localhost":                     true,
		"a_b.example":                   true,
		"192.0.2.7":                     true,
		"2001:db8::1":                   true,
		"Music.Example.NET":             true,
		"xn--bcher-kva.example":         true,
		"":                              false,
		"*.":                            false,
		"*.*.net":                       false,
		"music.*":                       false,
		"mus*c.example":                 false,
		"music.example.net:443":         true,
		"https://music.example":         false,
		"music.example.net/":            false,
		"music..example":                false,
		"-music.example":                false,
		"127.1":                         false,
		"0x7f000001":                    false,
		"2130706433":                    false,
		"fe80::1%eth0":                  false,
		"[::1]":                         true,
		"bücher.example":                false,
		"a b":                           false,
		strings.Repeat("a", 64):         false,
		strings.Repeat("a.", 127):       false,
		strings.Repeat("a.", 126):       false,
		strings.Repeat("a.", 126) + "a": true,
		strings.Repeat("a.", 127) + "a": false,
	} {
		for field, set := range map[string]func(*Config){
			"intercept.hosts[0]":          func(c *Config) { c.Intercept.Hosts = []string{host} },
			"proxy.upstreams[0].hosts[0]": func(c *Config) { c.Proxy.Upstreams = []Upstream{{Hosts: []string{host}, URL: "origin"}} },
		} {
			c := Default()
			set(c)
			err := c.Validate().Err()
			if accepted != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), field+" is ") {
				t.Errorf("%s = %q: %v, want it accepted: %t", field, host, err, accepted)
			}
		}
		_, err := route.New(route.Options{Intercept: []string{host}, Hosts: map[string]route.Target{host: {}}})
		if accepted && err != nil {
			t.Errorf("%q is accepted, but not by the router: %v", host, err)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	for text, accepted := range map[string]bool{
		"localhost":           true,
		"LocalHost:8080":      true,
		"*.example.net:443":   true,
		"10.1.2.3":            true,
		"10.1.2.3:80":         true,
		"::ffff:10.1.2.3":     true,
		"10.1.2.3/24":         true,
		"::1":                 true,
		"[::1]":               true,
		"[::1]:65535":         true,
		"fd00::/8":            true,
		"10.1.2.3/24:443":     false,
		"[fd00::1/8]:443":     false,
		"":                    false,
		"*":                   false,
		"*:443":               false,
		":443":                false,
		"localhost:":          false,
		"localhost:0":         false,
		"localhost:080":       false,
		"localhost:+80":       false,
		"localhost:65536":     false,
		"localhost:http":      false,
		"[localhost]:80":      false,
		"[10.1.2.3]:80":       false,
		"[::1:443":            false,
		"::1]:443":            false,
		"10.1.2.3/33":         false,
		"10.1.2/24":           false,
		"127.1":               false,
		"http://localhost":    false,
		"localhost/path":      false,
		"user@localhost":      false,
		"fe80::1%eth0":        false,
		"fe80::1%eth0/64":     false,
		"10.1.2.3:80,[::1]:1": false,
	} {
		i := defaultIntercept()
		i.Allow = []string{text}
		err := problemsErr(i.validate())
		if accepted != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), "allow[0] is ") {
			t.Errorf("%q: %v, want it accepted: %t", text, err, accepted)
		}
		if _, err := route.New(route.Options{Allow: []string{text}}); accepted && err != nil {
			t.Errorf("%q is accepted, but not by the router: %v", text, err)
		}
	}
}

func TestHostsAreThereOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"intercepted twice": {
			`intercept.hosts = ["a.example", "A.Example"]`, `intercept.hosts[1] is "A.Example", which intercept.hosts[0] has already`,
		},
		"by another port": {`intercept.hosts = ["a.example:443", "a.example:8443", "a.example", "*.a.example"]`, ""},
		"an address in another spelling": {
			`intercept.allow = ["10.0.0.1:80", "::ffff:10.0.0.1", "[::ffff:a00:1]:80"]`, `intercept.allow[2] is "[::ffff:a00:1]:80", which intercept.allow[0] has already`,
		},
		"a prefix in another spelling": {
			`intercept.allow = ["10.0.0.1/8", "10.0.0.0/8"]`, `intercept.allow[1] is "10.0.0.0/8", which intercept.allow[0] has already`,
		},
		"in two upstreams": {
			`proxy.upstreams = [{ hosts = ["a", "*.b"], url = "origin" }, { hosts = ["*.B"], url = "standin" }]`,
			`proxy.upstreams[1].hosts[0] is "*.B", which proxy.upstreams[0].hosts[1] has already`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("", []byte(test.text))
			if got := fmt.Sprint(err); (test.want == "") != (err == nil) || !strings.Contains(got, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	i := Intercept{Hosts: []string{"A.example:443", "a.example:8443", "*.b.example", "[::1]:443", "10.0.0.1:80", "*:81"}}
	if diff := cmp.Diff([]string{"a.example", "*.b.example", "::1", "10.0.0.1", "*"}, i.Domains()); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
}

// TestTheAuthoritySignsForTheDomains holds the default hosts against what an
// authority can be made for.
func TestTheAuthoritySignsForTheDomains(t *testing.T) {
	t.Parallel()
	i := Intercept{Hosts: append(defaultIntercept().Hosts, "[2001:db8::1]:443", "*.b.example")}
	authority, err := ca.Open(ca.Options{Dir: filepath.Join(t.TempDir(), "ca"), Domains: i.Domains()})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"music.xboxlive.com", "login.live.com", "2001:db8::1", "a.b.example"} {
		if err := authority.Permits(host); err != nil {
			t.Error(err)
		}
	}
	if authority.Permits("example.net") == nil {
		t.Error("the authority signs for example.net, which is on no list")
	}
}

// TestDefaultsAreSafe names what an empty file must never mean.
func TestDefaultsAreSafe(t *testing.T) {
	t.Parallel()
	c := Default()
	if c.Intercept.Tunnels() || len(c.Intercept.Allow) > 0 {
		t.Error("by default other hosts are tunnelled, or local ones reached")
	}
	want := []string{"music.xboxlive.com", "api.media.microsoft.com", "login.live.com", "musicimage.xboxlive.com"}
	if diff := cmp.Diff(want, c.Intercept.Hosts); diff != "" {
		t.Errorf("intercepted hosts (-want +got):\n%s", diff)
	}
	for _, l := range c.Proxy.AllListeners() {
		if !strings.HasPrefix(l.Listen, "127.0.0.1:") {
			t.Errorf("a listener is on %s, want loopback", l.Listen)
		}
	}
	if !c.Proxy.Target().Standin {
		t.Error("calls leave this machine by default")
	}
}

//nolint:paralleltest // It sets the environment.
func TestAuthorityDir(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, "")
	}
	i := defaultIntercept()
	if dir, err := i.AuthorityDir(); err == nil || !strings.Contains(err.Error(), "[intercept] ca_dir") {
		t.Errorf("nowhere: %q, %v, want an error that names the key", dir, err)
	}
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	dir, err := i.AuthorityDir()
	if err != nil || !strings.HasPrefix(dir, home) || !strings.HasSuffix(strings.ReplaceAll(dir, `\`, "/"), "/groovechaos/ca") {
		t.Errorf("default: %q, %v, want groovechaos/ca below %s", dir, err, home)
	}
	i.CADir = "elsewhere"
	if dir, err := i.AuthorityDir(); dir != "elsewhere" || err != nil {
		t.Errorf("given: %q, %v, want it as given", dir, err)
	}
}
