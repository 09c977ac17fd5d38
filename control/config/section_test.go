package config

import (
	"log/slog"
	"strings"
	"testing"
)

func TestListenOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for address, accepted := range map[string]bool{
		"127.0.0.1:0":            true,
		"127.8.9.10:65535":       true,
		"[::1]:7710":             true,
		"localhost:7710":         true,
		"[::ffff:127.0.0.1]:80":  true,
		"0.0.0.0:80":             false,
		":80":                    false,
		"[::]:80":                false,
		"[::ffff:10.0.0.1]:80":   false,
		"[::1%lo]:80":            false,
		"10.0.0.1:80":            false,
		"128.0.0.1:80":           false,
		"example.net:80":         false,
		"localhost.evil.net:80":  false,
		"127.0.0.1.evil.net:80":  false,
		"127.1:80":               false,
		"2130706433:80":          false,
		"LOCALHOST:80":           false,
		"127.0.0.1:-1":           false,
		"127.0.0.1:+1":           false,
		"127.0.0.1:65536":        false,
		"127.0.0.1:":             false,
		"127.0.0.1":              false,
		"::1:80":                 false,
		"unix:/run/groove.sock":  false,
		"127.0.0.1:80 ":          false,
		"http://127.0.0.1:80":    false,
		"127.0.0.1:80,0.0.0.0:1": false,
	} {
		for field, set := range map[string]func(*Config){
			"proxy.listen":   func(c *Config) { c.Proxy.Listen = address },
			"standin.listen": func(c *Config) { c.Standin.Listen = address },
			"control.grpc":   func(c *Config) { c.Control.GRPC = address },
			"control.rest":   func(c *Config) { c.Control.REST = address },
		} {
			c := Default()
			set(c)
			err := c.Validate().Err()
			if accepted && err != nil && !strings.Contains(err.Error(), "has already") {
				t.Errorf("%s = %q: %v, want it accepted", field, address, err)
			}
			if !accepted && (err == nil || !strings.Contains(err.Error(), field)) {
				t.Errorf("%s = %q: error %v, want one that names the field", field, address, err)
			}
		}
	}
}

func TestListenersDoNotTakeEachOthersAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxy, rest string
		clash       bool
	}{
		"same":                {"127.0.0.1:80", "127.0.0.1:80", true},
		"by name":             {"localhost:80", "127.0.0.1:80", true},
		"written differently": {"[::ffff:127.0.0.1]:080", "127.0.0.1:80", true},
		"another port":        {"127.0.0.1:80", "127.0.0.1:81", false},
		"another address":     {"127.0.0.1:80", "127.0.0.2:80", false},
		"any port":            {"127.0.0.1:0", "127.0.0.1:0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Default()
			c.Proxy.Listen, c.Control.REST = test.proxy, test.rest
			if err := c.Validate().Err(); (err != nil) != test.clash {
				t.Errorf("Validate: %v, want a clash: %t", err, test.clash)
			}
		})
	}
}

func TestUpstreamIsNoneOfOurListeners(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		upstream, want string
	}{
		"the proxy":                    {"http://127.0.0.1:80", "proxy.upstream is the address of proxy.listen"},
		"the proxy by its scheme":      {"http://localhost", "proxy.upstream is the address of proxy.listen"},
		"gRPC":                         {"http://127.0.0.1:7711", "proxy.upstream is the address of control.grpc"},
		"REST":                         {"https://localhost:7712/", "proxy.upstream is the address of control.rest"},
		"another port":                 {"https://localhost", ""},
		"where no stand-in runs":       {"http://127.0.0.1:7713", ""},
		"the same port somewhere else": {"http://192.0.2.7:7711", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Default()
			c.Proxy.Listen, c.Proxy.Upstream = "127.0.0.1:80", test.upstream
			if got := c.Validate().Err(); (got != nil) != (test.want != "") || got != nil && !strings.HasPrefix(got.Error(), test.want) {
				t.Errorf("Validate: %v, want %q", got, test.want)
			}
		})
	}
}

func TestAListenerThatWillNotBeOpenedTakesNoAddress(t *testing.T) {
	t.Parallel()
	for upstream, clash := range map[string]bool{UpstreamStandin: true, "https://music.example.net": false} {
		c := Default()
		c.Proxy.Listen, c.Proxy.Upstream = c.Standin.Listen, upstream
		if err := c.Validate().Err(); (err != nil) != clash {
			t.Errorf("upstream %q: %v, want a clash with the stand-in: %t", upstream, err, clash)
		}
	}
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	for upstream, want := range map[string]string{
		"https://music.example.net":      "music.example.net",
		"http://192.0.2.7:8080/":         "192.0.2.7:8080",
		"http://[2001:db8::1]:8080":      "[2001:db8::1]:8080",
		UpstreamStandin:                  "",
		"Standin":                        "refused",
		"//music.example.net":            "refused",
		"https://":                       "refused",
		"https://:443":                   "refused",
		"music.example.net:443":          "refused",
		"https://music.example.net/?a=b": "refused",
		"https://music.example.net?":     "refused",
		"https://music.example.net/#a":   "refused",
		"https://user@music.example.net": "refused",
		"http://music.example.net:port":  "refused",
		"http://music.example.net:0":     "refused",
		"http://music.example.net:65535": "music.example.net:65535",
		"http://music.example.net:65536": "refused",
		"http://%zz":                     "refused",
	} {
		p := defaultProxy()
		p.Upstream = upstream
		got := ""
		if u := p.UpstreamURL(); u != nil {
			got = u.Host
		}
		if len(p.validate()) > 0 {
			got = "refused"
			if p.UpstreamURL() != nil {
				t.Errorf("upstream %q is refused, yet has a URL", upstream)
			}
		}
		if got != want {
			t.Errorf("upstream %q: %q, want %q", upstream, got, want)
		}
	}
}

func TestErrorsKeepPasswordsToThemselves(t *testing.T) {
	t.Parallel()
	for _, upstream := range []string{"https://me:geheim@music.example.net", "https://me:geheim@music.example.net/v1?x", "http://me:geheim@music:port", "ftp://me:geheim@music"} {
		_, err := Parse("test", []byte("proxy.upstream = '"+upstream+"'"))
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("upstream with a password: %v, want an error without it", err)
		}
	}
}

func TestThreshold(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		"error+4": slog.LevelInfo, "loud": slog.LevelInfo,
	} {
		l := Log{Level: level, Format: FormatText}
		if got := l.Threshold(); got != want {
			t.Errorf("threshold of %q is %v, want %v", level, got, want)
		}
	}
}
