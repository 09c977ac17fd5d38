package cli

import (
	"cmp"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/control/daemon"
)

// variable is an environment variable.
type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// surroundings are what a caller's environment is made of.
type surroundings struct {
	addresses daemon.Addresses
	// forward is where a listener serves as an HTTP proxy, "" for nowhere.
	forward string
	// trust are the files by which the authority is trusted; nil for none.
	trust *trustFiles
	// webScheme begins the URL of the control API, "" for "http://".
	webScheme string
	// own looks a variable up in our own environment.
	own func(string) string
}

// forwardOf is the first listener that serves as an HTTP proxy, "" for none.
func forwardOf(listeners []daemon.Listener) string {
	for _, l := range listeners {
		if slices.Contains(l.Modes, "forward") {
			return l.Address
		}
	}
	return ""
}

// restURLVariable is the environment variable with the URL of the control API over REST.
const restURLVariable = "GROOVECHAOS_REST"

// variables brings callers to us by every door that their ecosystems know, in a settled order.
func (s *surroundings) variables() []variable {
	list := []variable{
		{"GROOVE_BASE_URL", "http://" + s.addresses.Proxy},
		{controlVariable, s.addresses.GRPC},
		{restURLVariable, cmp.Or(s.webScheme, "http://") + s.addresses.REST},
	}
	list = append(list, s.direct()...)
	if s.forward != "" {
		for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
			list = append(list, variable{name, "http://" + s.forward})
		}
		list = append(list, variable{"NODE_USE_ENV_PROXY", "1"})
	}
	if s.trust != nil {
		list = append(list, s.trusting()...)
	}
	if options := s.java(); options != "" {
		list = append(list, variable{"JAVA_TOOL_OPTIONS", options})
	}
	return list
}

// directHosts are reached without a proxy: ourselves, and whatever else is on this machine.
var directHosts = []string{"localhost", "127.0.0.1", "::1"}

// direct are the variables that say what is reached without a proxy. The proxy itself must be, which not every caller
// takes for granted of a loopback address.
func (s *surroundings) direct() []variable {
	lower, upper := s.own("no_proxy"), s.own("NO_PROXY")
	var list []variable
	for _, one := range []variable{{"NO_PROXY", cmp.Or(upper, lower)}, {"no_proxy", cmp.Or(lower, upper)}} {
		hosts := strings.Split(one.Value, ",")
		if one.Value == "" {
			hosts = nil
		}
		for _, host := range directHosts {
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
		list = append(list, variable{one.Name, strings.Join(hosts, ",")})
	}
	return list
}

// Variables that name certificates. Those that replace what is trusted otherwise get the system's roots with ours, those
// that add to it ours alone.
var (
	replacingVariables = []string{
		"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT",
		"CARGO_HTTP_CAINFO", "HTTPLIB2_CA_CERTS", "NIX_SSL_CERT_FILE",
	}
	addingVariables = []string{"NODE_EXTRA_CA_CERTS", "DENO_CERT"}
)

func (s *surroundings) trusting() []variable {
	var list []variable
	for _, name := range addingVariables {
		list = append(list, variable{name, s.trust.certificate})
	}
	for _, name := range replacingVariables {
		if s.trust.bundle != "" {
			list = append(list, variable{name, s.trust.bundle})
		}
	}
	return list
}

// java are the options of a Java machine, behind those that are set already. Java cuts the variable at its spaces, as a
// shell would.
func (s *surroundings) java() string {
	var options []string
	if s.trust != nil && s.trust.store != "" {
		options = append(options, `-Djavax.net.ssl.trustStore="`+s.trust.store+`"`, "-Djavax.net.ssl.trustStorePassword="+usualPassword)
	}
	if host, port, err := net.SplitHostPort(s.forward); err == nil {
		for _, scheme := range []string{"http", "https"} {
			options = append(options, "-D"+scheme+".proxyHost="+host, "-D"+scheme+".proxyPort="+port)
		}
		options = append(options, `-Dhttp.nonProxyHosts="localhost|127.*|[::1]"`)
	}
	if len(options) == 0 {
		return ""
	}
	// What groovechaos env has put there is not put there again.
	set, _, _ := strings.Cut(s.own("JAVA_TOOL_OPTIONS"), options[0])
	if set = strings.TrimSpace(set); set != "" {
		options = slices.Insert(options, 0, set)
	}
	return strings.Join(options, " ")
}

// environ is our own environment with the variables in it.
func environ(list []variable) []string {
	environment := os.Environ()
	for _, v := range list {
		environment = append(environment, v.Name+"="+v.Value)
	}
	return environment
}
