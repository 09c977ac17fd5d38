package config

import (
	"fmt"
	"net/url"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// MaxDrain bounds Proxy.Drain.
const MaxDrain = time.Hour

// Proxy is the section [proxy]: the listeners that callers talk to, and where
// their calls go.
type Proxy struct {
	// Listen is the loopback address of the first listener, Modes what is served
	// there. Port 0 takes any free one.
	Listen string   `toml:"listen"`
	Modes  []string `toml:"modes"`
	// Listeners are further ones: see AllListeners.
	Listeners []Listener `toml:"listeners"`
	// Upstream is UpstreamStandin or the http or https URL of a service that
	// speaks the contract, without a path.
	Upstream string `toml:"upstream"`
	// Upstreams say for some hosts where their calls go instead. Of several
	// patterns the one that says most counts: a host before those below a name,
	// a port before none.
	Upstreams []Upstream `toml:"upstreams"`
	// Via is the http or https URL of a proxy through which upstreams are reached, with
	// user and password if it wants them; "" reaches them directly, as
	// loopback always is.
	Via Secret `toml:"via"`
	// UpstreamCA names a file with certificates in PEM that vouch for https
	// upstreams, beside the system's; "" for none.
	UpstreamCA string `toml:"upstream_ca"`
	// Drain is how long exchanges in flight may take to end at shutdown, up to
	// MaxDrain; 0 cuts them off at once.
	Drain time.Duration `toml:"drain"`
	Timeouts
	Limits
}

func defaultProxy() Proxy {
	return Proxy{
		Listen:   "127.0.0.1:7710",
		Modes:    []string{ModeReverse, ModeForward},
		Upstream: UpstreamStandin,
		Drain:    10 * time.Second,
		Timeouts: defaultTimeouts(),
		Limits:   defaultLimits(),
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
	problems := p.validateListeners()
	problems = append(problems, p.validateUpstreams()...)
	if p.Drain < 0 || p.Drain > MaxDrain {
		problems = append(problems, faults.Problem{
			Field: "drain", Text: fmt.Sprintf("is %v, want 0s to %v", p.Drain, MaxDrain),
		})
	}
	problems = append(problems, p.Timeouts.validate()...)
	return append(problems, p.Limits.validate()...)
}
