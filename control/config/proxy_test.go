package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/wire"
)

func TestModes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		modes []string
		want  string
	}{
		"reverse":                 {[]string{"reverse"}, ""},
		"forward":                 {[]string{"forward"}, ""},
		"both":                    {[]string{"reverse", "forward"}, ""},
		"both, the other way":     {[]string{"forward", "reverse"}, ""},
		"transparent":             {[]string{"transparent"}, ""},
		"none":                    {nil, "modes is empty"},
		"twice":                   {[]string{"forward", "forward"}, "modes has forward twice"},
		"transparent with others": {[]string{"forward", "transparent"}, "modes is forward and transparent"},
		"transparent before":      {[]string{"transparent", "reverse"}, "modes is transparent and reverse"},
		"misspelt":                {[]string{"reverse", "forwards"}, `modes[1] is "forwards", did you mean forward?`},
		"upper case":              {[]string{"Reverse"}, `modes[0] is "Reverse"`},
		"nothing":                 {[]string{""}, `modes[0] is ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for field, set := range map[string]func(*Proxy){
				"":              func(p *Proxy) { p.Modes = test.modes },
				"listeners[0].": func(p *Proxy) { p.Listeners = []Listener{{Listen: "127.0.0.1:1", Modes: test.modes}} },
			} {
				p := defaultProxy()
				set(&p)
				wantProblem(t, problemsErr(p.validate()), field, test.want)
			}
		})
	}
}

// problemsErr is what a section has to say, nil for nothing.
func problemsErr(problems faults.Problems) error {
	review := faults.Review{Problems: problems}
	return review.Err()
}

// wantProblem holds an error against how it begins, "" for none.
func wantProblem(t *testing.T, got error, field, want string) {
	t.Helper()
	switch {
	case want == "" && got != nil:
		t.Errorf("got %v, want no error", got)
	case want != "" && (got == nil || !strings.HasPrefix(got.Error(), field+want)):
		t.Errorf("got %v, want %s%s", got, field, want)
	}
}

func TestAllListeners(t *testing.T) {
	t.Parallel()
	c, err := Parse("test", []byte("[proxy]\nmodes = [\"reverse\"]\n[[proxy.listeners]]\nlisten = \"[::1]:0\"\nmodes = [\"transparent\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Listener{
		{Listen: "127.0.0.1:7710", Modes: []string{"reverse"}},
		{Listen: "[::1]:0", Modes: []string{"transparent"}},
	}
	for range 2 {
		if diff := cmp.Diff(want, c.Proxy.AllListeners()); diff != "" {
			t.Errorf("listeners (-want +got):\n%s", diff)
		}
	}
	for mode, serves := range map[string]bool{ModeReverse: true, ModeForward: false, ModeTransparent: true} {
		if got := c.Proxy.Serves(mode); got != serves {
			t.Errorf("%s is served: %t, want %t", mode, got, serves)
		}
	}
}

func TestUpstreams(t *testing.T) {
	t.Parallel()
	c, err := Parse("test", []byte(`
[proxy]
upstream = "https://music.example.net"
[[proxy.upstreams]]
hosts = ["login.live.com", "*.example.net", "10.1.2.3", "*"]
url = "origin"
[[proxy.upstreams]]
hosts = ["localhost"]
url = "standin"
[[proxy.upstreams]]
hosts = ["a_b.example"]
url = "http://[::1]:81"
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, target := range []Target{c.Proxy.Target(), c.Proxy.Upstreams[0].Target(), c.Proxy.Upstreams[1].Target(), c.Proxy.Upstreams[2].Target()} {
		got = append(got, fmt.Sprintf("standin %t, origin %t, %v", target.Standin, target.Origin, target.URL))
	}
	want := []string{
		"standin false, origin false, https://music.example.net", "standin false, origin true, <nil>",
		"standin true, origin false, <nil>", "standin false, origin false, http://[::1]:81",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if !c.Proxy.UsesStandin() {
		t.Error("the stand-in is not used, although an upstream is it")
	}
	c.Proxy.Upstreams = c.Proxy.Upstreams[:1]
	if c.Proxy.UsesStandin() {
		t.Error("the stand-in is used, although no upstream is it")
	}
}

func TestLeadsToNoListenerOfOurs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`via = "http://localhost:7712"`:                                                                                               "proxy.via is the address of control.rest",
		`via = "http://user:pass@127.0.0.1:7710"`:                                                                                     "proxy.via is the address of proxy.listen",
		`upstreams = [{ hosts = ["a"], url = "http://127.0.0.1:7711" }]`:                                                              "proxy.upstreams[0].url is the address of control.grpc",
		`listeners = [{ listen = "127.0.0.1:7713", modes = ["forward"] }]`:                                                            "standin.listen is \"127.0.0.1:7713\", which proxy.listeners[0].listen has already",
		`listeners = [{ listen = "127.0.0.1:0", modes = ["forward"] }]`:                                                               "",
		"upstream = \"https://music.example.net\"\nlisten = \"127.0.0.1:7713\"\nupstreams = [{ hosts = [\"a\"], url = \"standin\" }]": "which proxy.listen has already",
		"upstream = \"https://music.example.net\"\nlisten = \"127.0.0.1:7713\"\nupstreams = [{ hosts = [\"a\"], url = \"origin\" }]":  "",
		`via = "http://localhost:7799"`:                                                                                               "",
	} {
		_, err := Parse("", []byte("[proxy]\n"+text))
		if got := fmt.Sprint(err); (want == "") != (err == nil) || !strings.Contains(got, want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestViaIsASecret(t *testing.T) {
	t.Parallel()
	const password = "geheim"
	c, err := Parse("test", []byte(`proxy.via = "http://me:`+password+`@proxy.example.net:3128"`))
	if err != nil {
		t.Fatal(err)
	}
	if u := c.Proxy.ViaURL(); u == nil || u.Host != "proxy.example.net:3128" {
		t.Fatalf("URL is %v, want that of the proxy", u)
	} else if got, _ := u.User.Password(); got != password {
		t.Errorf("password is %q, want the one given", got)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configured", slog.Any("via", c.Proxy.Via), slog.Any("proxy", c.Proxy))
	document, err := json.Marshal(c.Proxy)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"log": log.String(), "JSON": string(document),
		"%v": fmt.Sprintf("%v", c.Proxy), "%+v": fmt.Sprintf("%+v", c.Proxy), "%#v": fmt.Sprintf("%#v", c.Proxy),
		"%q": fmt.Sprintf("%q", c.Proxy.Via), "%x": fmt.Sprintf("%x", c.Proxy.Via),
		"Fprint": fmt.Sprint(c.Proxy.Via), "pointer": fmt.Sprintf("%+v", &c.Proxy),
	} {
		if strings.Contains(text, password) || strings.Contains(text, fmt.Sprintf("%x", password)) {
			t.Errorf("%s tells the password: %s", name, text)
		}
	}
	if !strings.Contains(log.String(), hidden) {
		t.Errorf("log is %s, want it to say that there is one", log.String())
	}
	if empty := fmt.Sprintf("%v%#v", Secret(""), Secret("")); empty != `""` {
		t.Errorf("no secret is written %s, want nothing", empty)
	}
}

func TestVia(t *testing.T) {
	t.Parallel()
	for via, want := range map[string]string{
		"http://proxy.example.net:3128":          "",
		"http://me:geheim@[::1]:3128/":           "",
		"http://proxy.example.net":               "",
		"https://me:geheim@proxy.example.net":    "",
		"http://me%3Ato:geheim@proxy.example":    "via has a colon in its user",
		"http://me:geheim@127.1:3128":            "via is no URL",
		"socks5://me:geheim@proxy.example.net":   "via has another scheme than http and https",
		"proxy.example.net:3128":                 "via ",
		"me:geheim@proxy.example.net:3128":       "via ",
		"http://me:geheim@proxy:port":            "via is no URL",
		"http://me:geheim@proxy:0":               "via has a wrong port",
		"http://me:geheim@proxy:3128/geheim":     "via has a path",
		"http://me:geheim@proxy:3128?a=geheim":   "via has a path",
		"http://me:geheim@:3128":                 "via is no URL",
		"http://me:gehe%zzim@proxy.example:3128": "via is no URL",
	} {
		p := defaultProxy()
		p.Via = Secret(via)
		err := problemsErr(p.validate())
		wantProblem(t, err, "", want)
		if (p.ViaURL() == nil) != (want != "") {
			t.Errorf("%q has the URL %v, and the error %v", via, p.ViaURL(), err)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	if p := defaultProxy(); p.ViaURL() != nil {
		t.Errorf("without via the URL is %v, want none", p.ViaURL())
	}
}

func TestUpstreamRoots(t *testing.T) {
	t.Parallel()
	p := defaultProxy()
	if pool, err := p.UpstreamRoots(); pool != nil || err != nil {
		t.Errorf("without a file: %v, %v, want those of the system", pool, err)
	}
	dir := t.TempDir()
	p.UpstreamCA = filepath.Join(dir, "nowhere.pem")
	if _, err := p.UpstreamRoots(); err == nil || !strings.Contains(err.Error(), "[proxy] upstream_ca") || !strings.Contains(err.Error(), "nowhere.pem") {
		t.Errorf("no such file: %v, want an error that names key and file", err)
	}
	p.UpstreamCA = filepath.Join(dir, "empty.pem")
	write(t, p.UpstreamCA, "nothing")
	if _, err := p.UpstreamRoots(); err == nil || !strings.Contains(err.Error(), "empty.pem: has no certificate") {
		t.Errorf("no certificate: %v, want an error that says so", err)
	}
	certificate, err := os.ReadFile("../api/testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	write(t, p.UpstreamCA, string(certificate))
	if pool, err := p.UpstreamRoots(); pool == nil || err != nil {
		t.Errorf("with a certificate: %v, %v, want a pool", pool, err)
	}
}

func TestTimeoutsAndLimits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`head_timeout = "0s"`:         "proxy.head_timeout is 0s, want 1ms to 24h0m0s",
		`idle_timeout = "-1s"`:        "proxy.idle_timeout is -1s",
		`dial_timeout = "25h"`:        "proxy.dial_timeout is 25h0m0s",
		`answer_timeout = "1us"`:      "proxy.answer_timeout is 1µs",
		`upstream_idle = "0s"`:        "proxy.upstream_idle is 0s",
		`total_timeout = "-1ns"`:      "proxy.total_timeout is -1ns, want 0s to 24h0m0s",
		`total_timeout = "0s"`:        "",
		`total_timeout = "24h"`:       "",
		`head_timeout = "1ms"`:        "",
		`max_head = 0`:                "proxy.max_head is 0, want 1 to 65535",
		`max_head = 65535`:            "",
		`max_head = 65536`:            "proxy.max_head is 65536",
		`max_fields = 129`:            "proxy.max_fields is 129, want 1 to 128",
		`max_fields = 128`:            "",
		`max_target = -1`:             "proxy.max_target is -1",
		`max_connections = 0`:         "",
		`max_connections = -1`:        "proxy.max_connections is -1, want 0 to 1000000",
		`max_connections = 1_000_001`: "proxy.max_connections is 1000001",
	} {
		_, err := Parse("", []byte("[proxy]\n"+text))
		if got := fmt.Sprint(err); (want == "") != (err == nil) || !strings.Contains(got, want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestLimitsAreThoseOfTheWire holds what can be configured against what can be done.
func TestLimitsAreThoseOfTheWire(t *testing.T) {
	t.Parallel()
	if MostHead != wire.MaxHead || MostFields != wire.MaxFields {
		t.Errorf("at most %d bytes and %d fields of a head, want %d and %d", MostHead, MostFields, wire.MaxHead, wire.MaxFields)
	}
	most := wire.Limits{Head: MostHead, Fields: MostFields, Target: MostHead}
	if err := most.Validate(); err != nil {
		t.Error(err)
	}
}
