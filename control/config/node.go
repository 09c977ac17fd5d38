package config

import (
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// What a node does.
const (
	// RoleAll is a proxy and a control API in one process.
	RoleAll = "all"
	// RoleProxy is a proxy that is steered by others.
	RoleProxy = "proxy"
	// RoleControl is a control API for proxies elsewhere.
	RoleControl = "control"
)

// Node is the section [node]: what this process does in its fleet.
type Node struct {
	// Role is RoleAll, RoleProxy or RoleControl.
	Role string `toml:"role"`
	// Name tells it from the others; "" stands for the name of the host.
	Name string `toml:"name"`
	// Health is where a node with RoleProxy tells how it is, "" for nowhere. The control API tells that on the others. What
	// is wanted for another address than loopback is what Control wants.
	Health string `toml:"health"`
}

func defaultNode() Node { return Node{Role: RoleAll, Health: "127.0.0.1:7715"} }

// ServesHealth reports whether there is a door for metrics and health alone.
func (n *Node) ServesHealth() bool { return n.Role == RoleProxy && n.Health != "" }

// NodeName returns the name of the node.
func (n *Node) NodeName() string {
	if n.Name != "" {
		return n.Name
	}
	host, err := os.Hostname()
	if err != nil || !regexp.MustCompile(nodeName).MatchString(host) {
		return "node"
	}
	return host
}

// Proxies reports whether the node has a proxy, Controls whether it has a control API.
func (n *Node) Proxies() bool { return n.Role != RoleControl }

// Controls reports whether the node has a control API.
func (n *Node) Controls() bool { return n.Role != RoleProxy }

func (n *Node) validate() faults.Problems {
	problems := oneOf("role", n.Role, []string{RoleAll, RoleProxy, RoleControl})
	if n.Name != "" && !regexp.MustCompile(nodeName).MatchString(n.Name) {
		problems = append(problems, faults.Problem{Field: "name", Text: fmt.Sprintf("is %s, want %s", quote(n.Name), wantNode)})
	}
	return problems
}

// reviewFleet finds what does not go with the role of the node.
func (c *Config) reviewFleet() faults.Problems {
	var problems faults.Problems
	if c.Node.Role != RoleAll && !c.Store.Shared() && len(c.Node.validate()) == 0 {
		problems = append(problems, faults.Problem{
			Field: "node.role", Text: fmt.Sprintf("is %s without a [store] url, want one, or all: nodes meet in a NATS cluster", quote(c.Node.Role)),
		})
	}
	if c.Node.Role == RoleProxy && len(c.Faults) > 0 {
		problems = append(problems, faults.Problem{
			Field: "faults", Text: `are given with role = "proxy", want them on a node that has the control API`,
		})
	}
	return problems
}

// reviewHealth reviews the address of the door for metrics and health.
func (c *Config) reviewHealth() faults.Problems {
	if c.Node.Health == "" {
		return nil
	}
	return c.Control.doorProblems("node.health", c.Node.Health)
}

// Lifetime is the section [lifetime]: how long faults live that say nothing of it.
type Lifetime struct {
	// Default is the ttl of a fault that has none of its own, up to faults.MaxTTL; 0 for none.
	Default time.Duration `toml:"default"`
}

func (l *Lifetime) validate() faults.Problems {
	if l.Default < 0 || l.Default > faults.MaxTTL {
		return faults.Problems{{Field: "default", Text: fmt.Sprintf("is %v, want 0s to %v", l.Default, faults.MaxTTL)}}
	}
	return nil
}
