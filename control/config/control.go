package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// Control is the section [control]: the doors of the control API.
type Control struct {
	// GRPC and REST are the addresses of the two doors. Port 0 takes any free one. Others than
	// loopback addresses want Auth.Required and TLS.
	GRPC string `toml:"grpc"`
	REST string `toml:"rest"`
	// Hosts are names, without a port, by which REST may be called beside loopback and its own address.
	Hosts []string `toml:"hosts"`
	// TLS secures both doors.
	TLS ControlTLS `toml:"tls"`
	// Auth says who may use them.
	Auth ControlAuth `toml:"auth"`
}

// ControlTLS is the section [control.tls]: files in PEM. The zero value means none.
type ControlTLS struct {
	// Cert is the server's certificate with those between it and its root, Key the key to it.
	Cert string `toml:"cert"`
	Key  string `toml:"key"`
	// ClientCA has the certificates that vouch for clients; "" asks for no client certificate.
	ClientCA string `toml:"client_ca"`
}

// Given reports whether the doors speak TLS.
func (t *ControlTLS) Given() bool { return t.Cert != "" }

// ControlAuth is the section [control.auth].
type ControlAuth struct {
	// Required says that every caller must show a token or a client certificate.
	Required bool `toml:"required"`
	// TokenFile holds the first admin token, and is made if there is none; "" stands for
	// groovechaos/admin-token in the user's configuration directory.
	TokenFile string `toml:"token_file"`
	// Certificates are the roles of clients with a certificate.
	Certificates []ControlCertificate `toml:"certificates"`
}

// ControlCertificate is the role of the clients whose certificates have one subject.
type ControlCertificate struct {
	// Subject is the whole of it, as in "CN=ops,O=Example".
	Subject string `toml:"subject"`
	// Role is one of ControlRoles.
	Role string `toml:"role"`
}

// ControlRoles are what callers of the control API can be, the weakest first.
func ControlRoles() []string { return []string{"viewer", "operator", "admin"} }

func defaultControl() Control {
	return Control{GRPC: "127.0.0.1:7711", REST: "127.0.0.1:7712"}
}

// TokenPath returns where the token file is. The error says that the system names no place for it.
func (a *ControlAuth) TokenPath() (string, error) {
	if a.TokenFile != "" {
		return a.TokenFile, nil
	}
	home, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find [control.auth] token_file: %w", errors.Join(err, errors.New("want it given")))
	}
	return filepath.Join(home, "groovechaos", "admin-token"), nil
}

func (c *Control) validate() faults.Problems {
	return slices.Concat(
		c.doorProblems("grpc", c.GRPC), c.doorProblems("rest", c.REST), c.hostProblems(),
		c.TLS.validate().Prefix("tls."), c.Auth.validate(&c.TLS).Prefix("auth."),
	)
}

// doorProblems reviews the address of a door: off loopback nothing is open to everybody, and nothing goes in the clear.
func (c *Control) doorProblems(field, address string) faults.Problems {
	host, port, err := net.SplitHostPort(address)
	if err == nil && host == "" {
		return faults.Problems{{Field: field, Text: fmt.Sprintf("is %s, which is every address of this machine: want \"127.0.0.1:%s\" for this machine alone, "+
			"or \"0.0.0.0:%s\" with [control.auth] required = true and [control.tls] cert and key", quote(address), port, port)}}
	}
	ip, unparsed := netip.ParseAddr(host)
	if err != nil || unparsed != nil || ip.Zone() != "" || loopback(host) {
		return listenProblems(field, address)
	}
	var missing []string
	if !c.Auth.Required {
		missing = append(missing, "[control.auth] required = true")
	}
	if !c.TLS.Given() {
		missing = append(missing, "[control.tls] cert and key")
	}
	if len(missing) > 0 {
		return faults.Problems{{Field: field, Text: fmt.Sprintf("is %s, which others can reach: want %s, or a loopback address", quote(address), strings.Join(missing, " and "))}}
	}
	// What is left to review is the port.
	return listenProblems(field, "127.0.0.1"+address[strings.LastIndexByte(address, ':'):])
}

func (c *Control) hostProblems() faults.Problems {
	var problems faults.Problems
	for i, name := range c.Hosts {
		if name == "" || strings.ContainsAny(name, "/:@[]*? ") {
			problems = append(problems, faults.Problem{Field: fmt.Sprintf("hosts[%d]", i), Text: fmt.Sprintf("is %s, want a name without scheme, port or wildcard", quote(name))})
		}
	}
	return problems
}

func (t *ControlTLS) validate() faults.Problems {
	switch {
	case (t.Cert == "") != (t.Key == ""):
		return faults.Problems{{Field: "cert", Text: "and key go together, want both or none of them"}}
	case t.ClientCA != "" && t.Cert == "":
		return faults.Problems{{Field: "client_ca", Text: "is given without cert and key, want all three"}}
	}
	return nil
}

func (a *ControlAuth) validate(tls *ControlTLS) faults.Problems {
	var problems faults.Problems
	switch {
	case len(a.Certificates) > 0 && !a.Required:
		problems = append(problems, faults.Problem{Field: "certificates", Text: "say nothing while nobody is asked, want required = true"})
	case len(a.Certificates) > 0 && tls.ClientCA == "":
		problems = append(problems, faults.Problem{Field: "certificates", Text: "cannot be verified, want [control.tls] client_ca"})
	}
	taken := make(map[string]bool)
	for i, c := range a.Certificates {
		field := fmt.Sprintf("certificates[%d].", i)
		if c.Subject == "" || taken[c.Subject] {
			problems = append(problems, faults.Problem{Field: field + "subject", Text: fmt.Sprintf("is %s, want one of its own", quote(c.Subject))})
		}
		taken[c.Subject] = true
		problems = append(problems, oneOf(field+"role", c.Role, ControlRoles())...)
	}
	return problems
}
