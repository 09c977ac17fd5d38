package config

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"github.com/groovechaos/groovechaos/faults"
)

// listenProblems reviews the address of a listener. A name other than
// localhost is refused too: what it stands for is for others to say.
func listenProblems(field, address string) faults.Problems {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	var text string
	switch {
	case err != nil:
		text = "is %s, want a loopback address and a port such as \"127.0.0.1:7710\""
	case !loopback(host):
		text = "is %s, want a loopback address (127.0.0.0/8, ::1 or localhost): nobody is asked here who they are, so off-loopback is refused"
	default:
		return nil
	}
	return faults.Problems{{Field: field, Text: fmt.Sprintf(text, quote(address))}}
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback() && ip.Zone() == ""
}

// reviewAddresses finds listeners that would take each other's address, and an
// upstream that leads back to one of them.
func (c *Config) reviewAddresses() faults.Problems {
	var problems faults.Problems
	taken := make(map[string]string)
	for _, l := range c.listeners() {
		key := addressKey(l.address)
		if key == "" {
			continue
		}
		if other, ok := taken[key]; ok {
			problems = append(problems, faults.Problem{Field: l.field, Text: fmt.Sprintf("is %s, which %s has already", quote(l.address), other)})
			continue
		}
		taken[key] = l.field
	}
	for _, l := range c.leads() {
		if own, ok := taken[addressKey(hostPort(l.to))]; ok {
			problems = append(problems, faults.Problem{Field: l.field, Text: fmt.Sprintf("is the address of %s, want another service", own)})
		}
	}
	return problems
}

// lead is a URL that calls go to.
type lead struct {
	field string
	to    *url.URL
}

// leads are all URLs that calls go to.
func (c *Config) leads() []lead {
	found := []lead{{"proxy.upstream", c.Proxy.UpstreamURL()}, {"proxy.via", c.Proxy.ViaURL()}, {"telemetry.endpoint", c.Telemetry.EndpointURL()}}
	for i := range c.Proxy.Upstreams {
		found = append(found, lead{fmt.Sprintf("proxy.upstreams[%d].url", i), c.Proxy.Upstreams[i].Target().URL})
	}
	return slices.DeleteFunc(found, func(l lead) bool { return l.to == nil })
}

type listener struct{ field, address string }

// listeners are those that will be opened: the stand-in's only if it is an
// upstream, so that its default refuses no file which does not use it.
func (c *Config) listeners() []listener {
	var list []listener
	for i, l := range c.Proxy.AllListeners() {
		list = append(list, listener{"proxy." + listenerField(i) + "listen", l.Listen})
	}
	if c.Proxy.UsesStandin() {
		list = append(list, listener{"standin.listen", c.Standin.Listen})
	}
	if c.Node.ServesHealth() {
		list = append(list, listener{"node.health", c.Node.Health})
	}
	return append(list, listener{"control.grpc", c.Control.GRPC}, listener{"control.rest", c.Control.REST})
}

// hostPort is where a URL leads, its scheme's port included.
func hostPort(u *url.URL) string {
	byScheme := map[string]string{"http": "80", "https": "443"}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), byScheme[u.Scheme]))
}

// addressKey makes addresses comparable: localhost counts as 127.0.0.1. It is
// "" for port 0 and for what is no address, which equal nothing.
func addressKey(address string) string {
	host, port, err := net.SplitHostPort(address)
	number, numeric := strconv.ParseUint(port, 10, 16)
	if err != nil || numeric != nil || number == 0 {
		return ""
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.Unmap().String()
	}
	return net.JoinHostPort(host, strconv.FormatUint(number, 10))
}
