package observe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// Request is what must be known of a request to tell whose it is.
type Request struct {
	Method, Host, Path, Query string
	Header                    faults.Header
	// RemoteAddr is the client's IP address without a port.
	RemoteAddr string
}

// Client is who sent a request.
type Client struct {
	// Name identifies the client in journals and reports.
	Name string
	// Stable identifies it for keyed draws. It is the same in every run,
	// because it never comes from a credential.
	Stable string
	// Credential is the digest of what the request authenticates with, "" for
	// nothing. It is 32 bits of a SHA-256: no token can be read back from it, but it shows
	// which requests carry the same one, and whoever can guess a
	// token can test the guess. One pair of tokens in four thousand million looks alike.
	Credential string
	// UserAgent is the User-Agent field as bounded printable text.
	UserAgent string
}

// Identity tells clients apart by an ordered list of rules. The zero value uses DefaultIdentity.
// It is safe for concurrent use.
type Identity struct {
	rules []rule
}

type rule struct {
	kind string
	// header is the field of a headerRule.
	header string
}

// Fields that say who sends a request.
const (
	authorizationField = "Authorization"
	userAgentField     = "User-Agent"
)

const (
	headerRule     = "header"
	credentialRule = "credential"
	userAgentRule  = "user_agent"
	addressRule    = "address"
)

// unknownClient names a client of which no rule knows anything.
const unknownClient = "unknown"

// DefaultIdentity returns the rules that hold when none are given: the credential, else the User-Agent
// and address, else the address.
func DefaultIdentity() []string { return []string{credentialRule, userAgentRule, addressRule} }

// NewIdentity makes an Identity of rules, the first of which that yields something names the
// client. No rules stand for DefaultIdentity. A rule is one of
//
//   - "header:NAME": the value of a field;
//   - "credential": a digest of the Authorization field or the accessToken parameter;
//   - "user_agent": the User-Agent and the address;
//   - "address": the IP address.
//
// A field that commonly holds a secret is refused, since the value would be written down.
// The error names the rule.
func NewIdentity(rules []string) (Identity, error) {
	var identity Identity
	for _, text := range rules {
		rule, err := parseRule(text)
		if err != nil {
			return Identity{}, fmt.Errorf("client identity rule %q: %w", text, err)
		}
		identity.rules = append(identity.rules, rule)
	}
	return identity, nil
}

func parseRule(text string) (rule, error) {
	if name, ok := strings.CutPrefix(text, headerRule+":"); ok {
		return headerRuleOf(name)
	}
	if slices.Contains(DefaultIdentity(), text) {
		return rule{kind: text}, nil
	}
	return rule{}, errors.New("is unknown, want header:NAME, credential, user_agent or address")
}

func headerRuleOf(name string) (rule, error) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isToken(r) }) {
		return rule{}, fmt.Errorf("%q is no field name", name)
	}
	lower := strings.ToLower(name)
	for _, word := range []string{"authorization", "cookie", "token", "secret", "password", "api-key", "apikey"} {
		if strings.Contains(lower, word) {
			return rule{}, errors.New("the field holds a secret that would be written down, want credential instead")
		}
	}
	return rule{kind: headerRule, header: name}, nil
}

// isToken reports whether r may stand in a field name (RFC 9110, 5.6.2).
func isToken(r rune) bool {
	return isAlphanumeric(r) || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// Of returns who sent r.
func (i Identity) Of(r Request) Client {
	c := Client{Credential: credential(r), UserAgent: clean(value(r.Header, userAgentField))}
	rules := i.rules
	if len(rules) == 0 {
		rules = []rule{{kind: credentialRule}, {kind: userAgentRule}, {kind: addressRule}}
	}
	for _, rule := range rules {
		name := rule.name(r, c)
		if name == "" {
			continue
		}
		if c.Name == "" {
			c.Name = name
		}
		if rule.kind != credentialRule {
			c.Stable = name
			break
		}
	}
	if c.Stable == "" {
		c.Stable = firstOf(userAgentName(r, c), clean(r.RemoteAddr), unknownClient)
	}
	c.Name = firstOf(c.Name, c.Stable)
	return c
}

// name returns what the rule yields for a request, "" for nothing.
func (r rule) name(q Request, c Client) string {
	switch {
	case r.kind == headerRule:
		return clean(value(q.Header, r.header))
	case r.kind == userAgentRule:
		return userAgentName(q, c)
	case r.kind == addressRule:
		return clean(q.RemoteAddr)
	case c.Credential == "":
		return ""
	}
	return credentialRule + ":" + c.Credential
}

func userAgentName(r Request, c Client) string {
	if c.UserAgent == "" {
		return ""
	}
	return c.UserAgent + "@" + clean(r.RemoteAddr)
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
