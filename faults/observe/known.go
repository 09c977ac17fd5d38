package observe

import "strings"

// knownClient is the client of the last request, and what it was known by.
type knownClient struct {
	identity *Identity
	client   Client
	// authorization, token, agent and address are the request's own words, rules the values of the
	// fields that the rules ask for.
	authorization, token, agent, address string
	rules                                []string
	// anonymous reports that authorization holds no credential, so that the token counts.
	anonymous bool
}

// of returns who sent r.
func (k *knownClient) of(identity *Identity, r *Request, f *extract) *Client {
	if k.identity != identity || !k.knows(r, f) {
		k.learn(identity, r, f)
	}
	return &k.client
}

// knows reports that r says of its sender what the last request said.
func (k *knownClient) knows(r *Request, f *extract) bool {
	if value(f, authorizationField) != k.authorization || value(f, userAgentField) != k.agent || r.RemoteAddr != k.address {
		return false
	}
	for i, name := range f.rules {
		if value(f, name) != k.rules[i] {
			return false
		}
	}
	if !k.anonymous {
		return true
	}
	return rawAccessToken(r.Query) == k.token
}

// learn finds out who sent r. It copies what it keeps.
func (k *knownClient) learn(identity *Identity, r *Request, f *extract) {
	token := rawAccessToken(r.Query)
	authorization := value(f, authorizationField)
	*k = knownClient{
		identity: identity, authorization: strings.Clone(authorization), token: strings.Clone(token),
		agent: strings.Clone(value(f, userAgentField)), address: strings.Clone(r.RemoteAddr),
		anonymous: credentialHolder(authorization) == "", rules: k.rules[:0],
	}
	for _, name := range f.rules {
		k.rules = append(k.rules, strings.Clone(value(f, name)))
	}
	seen := *r
	seen.Header = f
	c := identity.Of(seen)
	k.client = Client{
		Name: strings.Clone(c.Name), Stable: strings.Clone(c.Stable),
		Credential: c.Credential, UserAgent: strings.Clone(c.UserAgent),
	}
}

// knownTarget is a target as it came and as it is written. The path, the query and the target
// stand in text one after the other.
type knownTarget struct {
	text        []byte
	path, query int
}

// holds reports that k is the target of that path and query.
func (k *knownTarget) holds(path, query string) bool {
	return k.path == len(path) && k.query == len(query) && len(k.text) > 0 &&
		string(k.text[:k.path]) == path && string(k.text[k.path:k.path+k.query]) == query
}
