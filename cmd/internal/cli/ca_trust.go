package cli

import (
	"fmt"
	"strings"
)

// trust says how one kind of caller is brought to trust the authority and to
// use the proxy.
type trust struct {
	Client string `json:"client"`
	About  string `json:"about"`
	// Commands are to be run in the shell that starts the caller.
	Commands []string `json:"commands"`
	// Note is what to know beside, "" for nothing.
	Note string `json:"note,omitempty"`
}

// setting is what the advice depends on.
type setting struct {
	// certificate is the file of the certificate, name whom it names.
	certificate, name string
	// export is the command that exports it.
	export string
	// host and port are where callers find the proxy.
	host, port string
}

// trusts are the kinds of callers that there is advice for.
func trusts(s setting) []trust {
	return append(s.programs(), s.machines()...)
}

// programs are callers that take what they trust from their environment.
func (s setting) programs() []trust {
	const file = `"$PWD/groovechaos-bundle.pem"`
	bundle := s.export + " --format bundle --out groovechaos-bundle.pem"
	certificate := shellWord(s.certificate)
	return []trust{
		{
			Client: "curl", About: "curl, and what uses its library",
			Commands: []string{bundle, "export CURL_CA_BUNDLE=" + file, s.variables()},
			Note:     fmt.Sprintf("One call alone: curl --cacert %s --proxy http://%s:%s URL", certificate, s.host, s.port),
		},
		{
			Client: "python", About: "requests, urllib, httpx",
			Commands: []string{bundle, "export REQUESTS_CA_BUNDLE=" + file + " SSL_CERT_FILE=" + file, s.variables()},
		},
		{
			Client: "node", About: "Node.js: axios, and what else reads the variables of a proxy",
			Commands: []string{"export NODE_EXTRA_CA_CERTS=" + certificate + " NODE_USE_ENV_PROXY=1", s.variables()},
			Note:     "Its own fetch reads those variables from Node 24 on. Before that a transparent listener reaches it.",
		},
		{
			Client: "java", About: "HttpClient, HttpsURLConnection",
			Commands: []string{s.export + " --format p12 --out groovechaos.p12", s.javaOptions()},
			Note:     "The truststore replaces Java's own: while it is set, other hosts are not trusted.",
		},
		{
			Client: "go", About: "net/http on Linux",
			Commands: []string{bundle, "export SSL_CERT_FILE=" + file, s.variables()},
		},
		{
			Client: "dotnet", About: "HttpClient on Linux",
			Commands: []string{bundle, "export SSL_CERT_FILE=" + file, s.variables()},
		},
	}
}

// machines are systems whose store all callers trust.
func (s setting) machines() []trust {
	certificate := shellWord(s.certificate)
	return []trust{
		{
			Client: "debian", About: "the whole machine: Debian, Ubuntu",
			Commands: []string{"sudo cp " + certificate + " /usr/local/share/ca-certificates/groovechaos.crt", "sudo update-ca-certificates"},
			Note:     "To undo it: sudo rm /usr/local/share/ca-certificates/groovechaos.crt && sudo update-ca-certificates --fresh",
		},
		{
			Client: "fedora", About: "the whole machine: Fedora, RHEL",
			Commands: []string{"sudo cp " + certificate + " /etc/pki/ca-trust/source/anchors/groovechaos.pem", "sudo update-ca-trust"},
			Note:     "To undo it: sudo rm /etc/pki/ca-trust/source/anchors/groovechaos.pem && sudo update-ca-trust",
		},
		{
			Client: "macos", About: "the whole machine: macOS",
			Commands: []string{"sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain " + certificate},
			Note:     "To undo it: sudo security remove-trusted-cert -d " + certificate,
		},
		{
			Client: "windows", About: "one user of the machine: Windows",
			Commands: []string{`certutil -addstore -user Root "` + s.certificate + `"`},
			Note:     `To undo it: certutil -delstore -user Root "` + s.name + `"`,
		},
	}
}

// variables makes most callers use the proxy. Some read the one spelling, some
// the other.
func (s setting) variables() string {
	var line strings.Builder
	line.WriteString("export")
	for _, name := range []string{"https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY"} {
		fmt.Fprintf(&line, " %s=http://%s:%s", name, s.host, s.port)
	}
	return line.String()
}

// javaOptions has quotes in its quotes: Java cuts the variable at its spaces, as
// a shell would, and the folder may have some.
func (s setting) javaOptions() string {
	var line strings.Builder
	line.WriteString(`export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=\"$PWD/groovechaos.p12\" -Djavax.net.ssl.trustStorePassword=` + usualPassword)
	for _, scheme := range []string{"https", "http"} {
		fmt.Fprintf(&line, " -D%s.proxyHost=%s -D%s.proxyPort=%s", scheme, s.host, scheme, s.port)
	}
	line.WriteString(`"`)
	return line.String()
}

// shellWord quotes a text for a POSIX shell, if it needs it.
func shellWord(text string) string {
	plain := text != "" && strings.IndexFunc(text, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,", c)
	}) < 0
	if plain {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
