package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// What becomes of hosts that are not intercepted.
const (
	// OthersRefuse refuses them: the proxy serves the hosts of the list alone.
	OthersRefuse = "refuse"
	// OthersTunnel lets them pass, CONNECT undecrypted and unseen.
	OthersTunnel = "tunnel"
)

// Intercept is the section [intercept]: which hosts are decrypted where callers
// use a forward or transparent listener, and what becomes of the others.
type Intercept struct {
	// Hosts are decrypted with our certificate authority, which can sign for
	// them and no others. They are patterns like those of Upstream.
	Hosts []string `toml:"hosts"`
	// Others is OthersRefuse or OthersTunnel.
	Others string `toml:"others"`
	// Allow are destinations that are reached though they are loopback,
	// link-local, private or not on a list: patterns like those of Upstream, but
	// not "*", and prefixes such as "10.1.2.0/24".
	Allow []string `toml:"allow"`
	// CADir is the directory of the certificate authority; "" stands for
	// groovechaos/ca in the user's configuration directory.
	CADir string `toml:"ca_dir"`
}

func defaultIntercept() Intercept {
	return Intercept{
		Hosts:  []string{groove.HostAPI, groove.HostSDK, groove.HostLogin, groove.HostImage},
		Others: OthersRefuse,
	}
}

// Tunnels reports whether hosts that are not intercepted may pass.
func (i *Intercept) Tunnels() bool { return i.Others == OthersTunnel }

// AuthorityDir returns the directory of the certificate authority. It need not
// be there. The error says that the system names no place for it.
func (i *Intercept) AuthorityDir() (string, error) {
	if i.CADir != "" {
		return i.CADir, nil
	}
	home, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find [intercept] ca_dir: %w", errors.Join(err, errors.New("want it given")))
	}
	return filepath.Join(home, "groovechaos", "ca"), nil
}

// Domains are Hosts without their ports, each once: what the certificate
// authority signs for.
func (i *Intercept) Domains() []string {
	var domains []string
	for _, text := range i.Hosts {
		if where, ok := parsePlace(text); ok && !slices.Contains(domains, where.host) {
			domains = append(domains, where.host)
		}
	}
	return domains
}

// doubts warns of an authority that nothing constrains.
func (i *Intercept) doubts() faults.Problems {
	for n, text := range i.Hosts {
		if where, _ := parsePlace(text); where.host == anyHost {
			return faults.Problems{{
				Field: fmt.Sprintf("hosts[%d]", n),
				Text:  fmt.Sprintf("is %q: whoever has the key of the authority can stand for every host to those who trust it", text),
			}}
		}
	}
	return nil
}

func (i *Intercept) validate() faults.Problems {
	hosts, allowed := newHostReview("intercept."), newHostReview("intercept.")
	hosts.add("hosts", i.Hosts)
	allowed.addDestinations("allow", i.Allow)
	return slices.Concat(hosts.problems, oneOf("others", i.Others, []string{OthersRefuse, OthersTunnel}), allowed.problems)
}
