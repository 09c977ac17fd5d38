package ca

import (
	"fmt"
	"slices"
	"strings"
)

// Guide says how one platform or client is made to trust an authority.
type Guide struct {
	// Client is its name on the command line, such as "debian" or "java".
	Client string
	// Title is its name in prose.
	Title string
	// Note says what is to be known before, in one or two sentences; it may be
	// empty.
	Note string
	// Trust and Remove are the commands and steps to trust and to undo it, a
	// line each.
	Trust, Remove []string
}

// String is the guide as text.
func (g Guide) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", g.Title, g.Client)
	if g.Note != "" {
		fmt.Fprintf(&b, "  %s\n", g.Note)
	}
	for _, part := range []struct {
		name  string
		lines []string
	}{{"Trust", g.Trust}, {"Remove", g.Remove}} {
		fmt.Fprintf(&b, "  %s:\n", part.name)
		for _, line := range part.lines {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	return b.String()
}

// Files are the paths that guides name beside the root certificate.
type Files struct {
	// Truststore is where the result of PKCS12Truststore is or will be.
	Truststore string
	// Password is that of the truststore.
	Password string
	// Bundle is where the result of Bundle is or will be.
	Bundle string
}

// Meaning says in a paragraph what trusting the authority means.
func (a *Authority) Meaning() string {
	scope := "for every host there is, as it was made for " + AnyHost
	if !a.allowed.any {
		scope = "for " + strings.Join(a.Domains(), ", ") + ", names below them, and nothing else"
	}
	return fmt.Sprintf(`Who trusts %q lets anybody who holds
%s
read and change its encrypted traffic %s.
Trust it only where that is meant, such as a test machine or one process, never hand the
key on, and remove the trust when it is not needed any more. It ends on %s.
SHA-256 %s
`, a.Name(), a.KeyFile(), scope, a.NotAfter().UTC().Format("2 January 2006"), a.Fingerprint())
}

// InstallHelp returns the guides of all platforms and clients, those of
// systems first. Nothing is executed or written.
func (a *Authority) InstallHelp(f Files) []Guide {
	return slices.Concat(a.systemGuides(), a.clientGuides(f), a.bundleGuides(f))
}

// copied is how systems call the copy that they read.
const copied = "groovechaos-ca.crt"

func (a *Authority) systemGuides() []Guide {
	file, name := a.CertificateFile(), a.Name()
	return []Guide{
		anchored("debian", "Debian, Ubuntu, Alpine", file, "/usr/local/share/ca-certificates/", "update-ca-certificates"),
		anchored("fedora", "Fedora, RHEL, Amazon Linux", file, "/etc/pki/ca-trust/source/anchors/", "update-ca-trust"),
		anchored("suse", "openSUSE, SLES", file, "/etc/pki/trust/anchors/", "update-ca-certificates"),
		{
			Client: "arch", Title: "Arch Linux",
			Trust:  []string{"sudo trust anchor --store " + quote(file)},
			Remove: []string{"sudo trust anchor --remove " + quote(file)},
		},
		{
			Client: "macos", Title: "macOS",
			Note: "Safari, Chrome, curl and Go use the keychain.",
			Trust: []string{
				"sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain " + quote(file),
			},
			Remove: []string{
				"sudo security remove-trusted-cert -d " + quote(file),
				"sudo security delete-certificate -c " + quote(name) + " /Library/Keychains/System.keychain",
			},
		},
		{
			Client: "windows", Title: "Windows",
			Note:   "For the current user. Edge, Chrome, Go and .NET use this store.",
			Trust:  []string{"certutil -user -addstore Root " + quoteWindows(file)},
			Remove: []string{"certutil -user -delstore Root " + quoteWindows(name)},
		},
	}
}

// anchored is the guide of a system that reads a directory.
func anchored(client, title, file, dir, update string) Guide {
	return Guide{
		Client: client, Title: title,
		Note:   "For all programs that use the system's certificates.",
		Trust:  []string{"sudo cp " + quote(file) + " " + dir + copied, "sudo " + update},
		Remove: []string{"sudo rm " + dir + copied, "sudo " + update},
	}
}

func (a *Authority) clientGuides(f Files) []Guide {
	file, name := a.CertificateFile(), a.Name()
	return []Guide{
		{
			Client: "firefox", Title: "Firefox",
			Note: "It has a store of its own, on every system.",
			Trust: []string{
				"Settings, Privacy & Security, View Certificates, Authorities, Import: " + file,
				"Tick \"Trust this CA to identify websites\".",
			},
			Remove: []string{"In the same place choose " + name + ", Delete or Distrust."},
		},
		{
			Client: "chromium", Title: "Chrome and Chromium on Linux",
			Note:   "certutil is in the package libnss3-tools or nss-tools.",
			Trust:  []string{"certutil -d sql:\"$HOME/.pki/nssdb\" -A -t C,, -n " + quote(name) + " -i " + quote(file)},
			Remove: []string{"certutil -d sql:\"$HOME/.pki/nssdb\" -D -n " + quote(name)},
		},
		a.java(f),
		variable("NODE_EXTRA_CA_CERTS", file, Guide{
			Client: "node", Title: "Node.js",
			Note: "It is read beside the built-in certificates, at the start of the process.",
		}),
	}
}

// bundleGuides are those of clients whose setting replaces the certificates
// that they would use.
func (a *Authority) bundleGuides(f Files) []Guide {
	const note = "It replaces the system's certificates, hence the bundle."
	bundle := []string{"groovechaos ca export --format bundle --output " + quote(f.Bundle)}
	return []Guide{
		variable("REQUESTS_CA_BUNDLE", f.Bundle, Guide{
			Client: "requests", Title: "Python, requests and pip",
			Note: "It replaces the certificates of certifi, hence the bundle.", Trust: bundle,
		}),
		variable("SSL_CERT_FILE", f.Bundle, Guide{
			Client: "python", Title: "Python, ssl, urllib and httpx",
			Note: note, Trust: bundle,
		}),
		variable("SSL_CERT_FILE", f.Bundle, Guide{
			Client: "go", Title: "Go on Linux",
			Note: note + " On macOS and Windows Go uses the system's store.", Trust: bundle,
		}),
		variable("SSL_CERT_FILE", f.Bundle, Guide{
			Client: "dotnet", Title: ".NET on Linux",
			Note: note + " On macOS and Windows .NET uses the system's store.", Trust: bundle,
		}),
		variable("CURL_CA_BUNDLE", f.Bundle, Guide{
			Client: "curl", Title: "curl",
			Note: note + " For one call there is --cacert " + quote(a.CertificateFile()) + ".", Trust: bundle,
		}),
	}
}

func (a *Authority) java(f Files) Guide {
	alias := "groovechaos"
	return Guide{
		Client: "java", Title: "Java",
		Note: "The truststore replaces the certificates of the JDK for one process; keytool adds ours to the JDK's own for all.",
		Trust: []string{
			"groovechaos ca export --format pkcs12 --password " + quote(f.Password) + " --output " + quote(f.Truststore),
			"java " + quote("-Djavax.net.ssl.trustStore="+f.Truststore) + " " +
				quote("-Djavax.net.ssl.trustStorePassword="+f.Password) + " -Djavax.net.ssl.trustStoreType=PKCS12 ...",
			"or: keytool -importcert -noprompt -cacerts -storepass changeit -alias " + alias + " -file " + quote(a.CertificateFile()),
		},
		Remove: []string{
			"Leave the properties out.",
			"or: keytool -delete -cacerts -storepass changeit -alias " + alias,
		},
	}
}

// variable completes the guide of a client that reads the path of a file from
// the environment.
func variable(name, file string, g Guide) Guide {
	g.Trust = append(slices.Clone(g.Trust), "export "+name+"="+quote(file))
	g.Remove = []string{"unset " + name}
	return g
}

// quote makes text one word of a POSIX shell.
func quote(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(safe, r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// quoteWindows makes text one argument of a Windows command. A path cannot hold
// a double quote there.
func quoteWindows(text string) string { return `"` + text + `"` }
