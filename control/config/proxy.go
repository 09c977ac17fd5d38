package config

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// UpstreamStandin is the upstream that stands for our own stand-in for Groove.
const UpstreamStandin = "standin"

// MaxDrain bounds Proxy.Drain.
const MaxDrain = time.Hour

// Proxy is the section [proxy]: the listener that callers talk to.
type Proxy struct {
	// Listen is the loopback address that callers connect to. Port 0 takes any
	// free one.
	Listen string `toml:"listen"`
	// Upstream is UpstreamStandin or the http or https URL of a service that
	// speaks the contract, without a path.
	Upstream string `toml:"upstream"`
	// Drain is how long exchanges in flight may take to end at shutdown, up to
	// MaxDrain; 0 cuts them off at once.
	Drain time.Duration `toml:"drain"`
}

func defaultProxy() Proxy {
	return Proxy{
		Listen:   "127.0.0.1:7710",
		Upstream: UpstreamStandin,
		Drain:    10 * time.Second,
	}
}

// UpstreamURL returns the upstream as a URL, or nil for the stand-in and for
// an upstream that does not pass Validate.
func (p *Proxy) UpstreamURL() *url.URL {
	if u, problem := parseUpstream(p.Upstream); problem == "" {
		return u
	}
	return nil
}

func (p *Proxy) validate() faults.Problems {
	problems := listenProblems("listen", p.Listen)
	if _, problem := parseUpstream(p.Upstream); problem != "" {
		problems = append(problems, faults.Problem{Field: "upstream", Text: problem})
	}
	if p.Drain < 0 || p.Drain > MaxDrain {
		problems = append(problems, faults.Problem{
			Field: "drain", Text: fmt.Sprintf("is %v, want 0s to %v", p.Drain, MaxDrain),
		})
	}
	return problems
}

// validPort accepts "" too, which stands for the port of the scheme.
func validPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}

// parseUpstream returns the URL of an upstream, nil for the stand-in, or what is
// wrong with it.
func parseUpstream(upstream string) (u *url.URL, problem string) {
	if upstream == UpstreamStandin {
		return nil, ""
	}
	if strings.Contains(upstream, "@") {
		return nil, "holds a user or a password, want a URL without: callers bring their own credentials"
	}
	u, err := url.Parse(upstream)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Sprintf("is %s, want %q or a URL such as \"https://music.example.net\"", quote(upstream), UpstreamStandin)
	case !validPort(u.Port()):
		return nil, fmt.Sprintf("is %s, want a port from 1 to 65535", quote(upstream))
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Sprintf("is %s, want a URL without path, query and fragment: targets are relayed unchanged", quote(upstream))
	}
	return u, ""
}
