package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/groovechaos/groovechaos/control/config"
)

var relaying = settings{Listen: "127.0.0.1:1", Origin: "127.0.0.1:2", Dir: "/d", Threads: 3, Connections: 44, Host: "h.test"}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	injecting, secure, long, asRoot := relaying, relaying, relaying, relaying
	injecting.Status, injecting.Body = 503, `{"a":1}`
	secure.TLS, long.Bodies, asRoot.Root = true, true, true
	for name, test := range map[string]struct {
		template  *template.Template
		set       settings
		has, lack []string
	}{
		"haproxy relays": {
			haproxyConf, relaying,
			[]string{"nbthread 3", "maxconn 44", "bind 127.0.0.1:1 ", "server origin 127.0.0.1:2 ", "http-reuse always"},
			[]string{"ssl", "return", "httplog", "bufsize"},
		},
		"haproxy answers":       {haproxyConf, injecting, []string{`http-request return status 503 content-type application/json string '{"a":1}'`}, []string{"backend"}},
		"haproxy over TLS":      {haproxyConf, secure, []string{"ssl crt pair.pem ssl-min-ver TLSv1.3", "verify required", "verifyhost h.test"}, nil},
		"haproxy, long bodies":  {haproxyConf, long, []string{"tune.bufsize 65536"}, nil},
		"nginx relays":          {nginxConf, relaying, []string{"server 127.0.0.1:2;", "listen 127.0.0.1:1 ", "access_log off", "keepalive 1024", "proxy_http_version 1.1", "worker_processes auto"}, []string{"ssl;", "return", "user root", "https"}},
		"nginx answers":         {nginxConf, injecting, []string{`return 503 '{"a":1}';`}, []string{"proxy_pass"}},
		"nginx over TLS":        {nginxConf, secure, []string{"backlog=4096 ssl;", "proxy_pass https://origin", "proxy_ssl_verify on", "proxy_ssl_name h.test"}, nil},
		"nginx as root":         {nginxConf, asRoot, []string{"user root;"}, nil},
		"the origin":            {originConf, relaying, []string{"listen 127.0.0.1:1 ", "listen 127.0.0.1:2 backlog=4096 ssl;", "location = /upload"}, []string{"user root"}},
		"the origin never logs": {originConf, asRoot, []string{"access_log off", "user root;"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := render(test.template, test.set)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.has {
				if !strings.Contains(text, want) {
					t.Errorf("got a configuration without %q:\n%s", want, text)
				}
			}
			for _, unwanted := range test.lack {
				if strings.Contains(text, unwanted) {
					t.Errorf("got a configuration with %q:\n%s", unwanted, text)
				}
			}
		})
	}
}

// TestOurConfigurationsAreRead holds every scenario against the parser of our
// own configuration.
func TestOurConfigurationsAreRead(t *testing.T) {
	t.Parallel()
	s := &site{dir: t.TempDir(), origin: &running{address: "127.0.0.1:1"}, secure: "127.0.0.1:2"}
	if err := s.certify(); err != nil {
		t.Fatal(err)
	}
	for _, c := range scenarios() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := s.configure(&c, []string{"127.0.0.1:3", "127.0.0.1:4", "127.0.0.1:5"})
			read, err := config.Parse(c.name, []byte(text))
			if err != nil {
				t.Fatalf("got %v, want a configuration that is read", err)
			}
			if want := c.harmless + strings.Count(c.fault, "[[faults]]"); len(read.Faults) != want {
				t.Errorf("got %d faults, want %d", len(read.Faults), want)
			}
		})
	}
}

func TestHarmlessFaultsStrikeNobody(t *testing.T) {
	t.Parallel()
	read, err := config.Parse("harmless", []byte(harmless(100)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range read.Faults {
		f := &read.Faults[i]
		others := slices.Equal(f.Match.Clients, []string{fmt.Sprintf("nobody-%d", i)})
		never := f.Trigger.Share != nil && *f.Trigger.Share == 0
		if !others && !never {
			t.Errorf("fault %s may strike: it has clients %q and no share of 0", f.Name, f.Match.Clients)
		}
	}
}

func TestOrderIsThatOfTheSeed(t *testing.T) {
	t.Parallel()
	distinct := map[string]bool{}
	o := options{seed: 1}
	one, other := o.draw(), o.draw()
	for round := range 20 {
		got := one.Perm(7)
		if again := other.Perm(7); !slices.Equal(got, again) {
			t.Errorf("round %d: got %v and then %v, want the same", round, got, again)
		}
		if sorted := slices.Sorted(slices.Values(got)); !slices.Equal(sorted, []int{0, 1, 2, 3, 4, 5, 6}) {
			t.Errorf("round %d: got %v, want everybody once", round, got)
		}
		distinct[fmt.Sprint(got)] = true
	}
	if len(distinct) < 10 {
		t.Errorf("got %d different orders in 20 rounds, want 10 or more", len(distinct))
	}
}
