package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

const (
	// UpstreamStandin is the upstream that stands for our own stand-in for Groove.
	UpstreamStandin = "standin"
	// UpstreamOrigin is the upstream that stands for where the caller wanted to go.
	UpstreamOrigin = "origin"
)

// Upstream says where the calls to some hosts go.
type Upstream struct {
	// Hosts are host names and addresses, with a port or without, which stands for
	// all ports; "*.example.net" stands for all names below one, "*" for every
	// host. At least one.
	Hosts []string `toml:"hosts"`
	// URL is UpstreamStandin, UpstreamOrigin or a URL like that of Proxy.Upstream.
	URL string `toml:"url"`
}

// Target is an upstream in a form to be used. Exactly one of its fields is set.
type Target struct {
	// Standin is our own stand-in, Origin where the caller wanted to go.
	Standin, Origin bool
	// URL is a service: scheme and host.
	URL *url.URL
}

// Target returns where the calls go. One that does not pass Validate stands for
// the stand-in, which harms nobody.
func (u *Upstream) Target() Target {
	if u.URL == UpstreamOrigin {
		return Target{Origin: true}
	}
	parsed, problem := parseUpstream(u.URL)
	if parsed == nil || problem != "" {
		return Target{Standin: true}
	}
	return Target{URL: parsed}
}

// Target returns where the calls go that no entry of Upstreams is about.
func (p *Proxy) Target() Target {
	u := Upstream{URL: p.Upstream}
	return u.Target()
}

// UsesStandin reports whether any calls go to the stand-in.
func (p *Proxy) UsesStandin() bool {
	return p.Target().Standin || slices.ContainsFunc(p.Upstreams, func(u Upstream) bool { return u.Target().Standin })
}

// ViaURL returns the proxy through which upstreams are reached, nil for none.
// It may hold a password: print its Redacted form alone.
func (p *Proxy) ViaURL() *url.URL {
	if u, problem := parseVia(string(p.Via)); problem == "" {
		return u
	}
	return nil
}

// UpstreamRoots returns the certificates that vouch for https upstreams: the
// system's and those of UpstreamCA. It is nil, which stands for the system's,
// without UpstreamCA. The error names the file.
func (p *Proxy) UpstreamRoots() (*x509.CertPool, error) {
	if p.UpstreamCA == "" {
		return nil, nil //nolint:nilnil // nil is the pool of the system.
	}
	pem, err := os.ReadFile(p.UpstreamCA)
	if err != nil {
		return nil, fmt.Errorf("read [proxy] upstream_ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's certificates: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read [proxy] upstream_ca: %s: %w", p.UpstreamCA, errors.New("has no certificate in PEM"))
	}
	return pool, nil
}

func (p *Proxy) validateUpstreams() faults.Problems {
	var problems faults.Problems
	if _, problem := parseUpstream(p.Upstream); problem != "" {
		problems = append(problems, faults.Problem{Field: "upstream", Text: problem})
	}
	hosts := newHostReview("proxy.")
	for i := range p.Upstreams {
		field := fmt.Sprintf("upstreams[%d].", i)
		hosts.add(field+"hosts", p.Upstreams[i].Hosts)
		problems = append(problems, p.Upstreams[i].validate().Prefix(field)...)
	}
	problems = append(problems, hosts.problems...)
	if _, problem := parseVia(string(p.Via)); problem != "" {
		problems = append(problems, faults.Problem{Field: "via", Text: problem})
	}
	return problems
}

// validate reviews all but the hosts themselves.
func (u *Upstream) validate() faults.Problems {
	var problems faults.Problems
	if len(u.Hosts) == 0 {
		problems = append(problems, faults.Problem{Field: "hosts", Text: "is missing, want at least one host"})
	}
	if u.URL == UpstreamOrigin {
		return problems
	}
	if u.URL == "" {
		return append(problems, faults.Problem{
			Field: "url", Text: fmt.Sprintf("is missing, want %q, %q or a URL", UpstreamStandin, UpstreamOrigin),
		})
	}
	if _, problem := parseUpstream(u.URL); problem != "" {
		problems = append(problems, faults.Problem{Field: "url", Text: problem})
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
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || !validHost(u.Hostname()):
		return nil, fmt.Sprintf("is %s, want %q or a URL such as \"https://music.example.net\"", quote(upstream), UpstreamStandin)
	case !validPort(u.Port()):
		return nil, fmt.Sprintf("is %s, want a port from 1 to 65535", quote(upstream))
	case !bare(u):
		return nil, fmt.Sprintf("is %s, want a URL without path, query and fragment: targets are relayed unchanged", quote(upstream))
	}
	return u, ""
}

// bare reports whether a URL ends with its host.
func bare(u *url.URL) bool {
	return (u.Path == "" || u.Path == "/") && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}

// parseVia returns the URL of a proxy, nil for none, or what is wrong with it.
// What it says never repeats the URL, which may hold a password.
func parseVia(via string) (u *url.URL, problem string) {
	if via == "" {
		return nil, ""
	}
	const want = "want the URL of an HTTP proxy such as \"http://proxy.example.net:3128\", with user and password if it wants them"
	u, err := url.Parse(via)
	switch {
	case err != nil || u.Scheme == "" || !validHost(u.Hostname()):
		return nil, "is no URL, " + want
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "has another scheme than http and https, " + want
	case u.User != nil && strings.Contains(u.User.Username(), ":"):
		return nil, "has a colon in its user, which no password can be told from"
	case !validPort(u.Port()):
		return nil, "has a wrong port, want one from 1 to 65535"
	case !bare(u):
		return nil, "has a path, a query or a fragment, " + want
	}
	return u, ""
}
