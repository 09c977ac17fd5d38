package observe

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

const (
	// refreshWindow is how long after its credential was refused a client comes back with another.
	refreshWindow = time.Minute
	// maxRefusals bounds the refusals of one address that wait, maxAddresses the addresses that have some.
	maxRefusals, maxAddresses = 64, 1 << 12
)

// alias is a name that a client took on with another credential, and the name that it is known by.
type alias struct{ name, of string }

// refusals finds the clients that come back under another name because their credential was refused. It joins two names only
// if nothing speaks against it, since two users may share an address.
type refusals struct {
	byAddress map[string][]*refusal
	// tokens holds when each address asked for a token last; routed reports that anybody did.
	tokens map[string]time.Duration
	routed bool
	found  []*refusal
}

// refusal is an answer that says that a credential is no longer good, and who may have come back with another.
type refusal struct {
	client   *study
	agent    string
	content  uint64
	answered time.Duration
	heir     *study
	// token reports that a token was asked for in between.
	token bool
}

// take takes in an attempt of a client, in order of arrival, before the client does.
func (r *refusals) take(s *study, a *Attempt) {
	first := s.attempts == 0
	if first {
		s.start = a.Received
	}
	if a.Address == "" {
		return
	}
	if a.Endpoint == groove.Token {
		r.asked(a)
		return
	}
	waiting := r.byAddress[a.Address]
	if len(waiting) == 0 && !refused(a) {
		return
	}
	content := contentOf(routeOf(a), a.BodyDigest)
	if first && a.Credential != "" {
		r.inherit(s, a, content)
	}
	if refused(a) {
		r.refuse(&refusal{client: s, agent: a.UserAgent, content: content, answered: a.Answered}, a)
	}
}

// refused reports that the credential of a was refused because it is not good any more.
func refused(a *Attempt) bool {
	return a.Credential != "" && (a.Status == 401 || slices.Contains(stale, a.ErrorCode))
}

// stale are the codes that say so.
var stale = []groove.ErrorCode{groove.CodeAccessTokenExpired, groove.CodeAuthorizationTokenExpired, groove.CodeInvalidAuthorizationHeader}

// asked takes in that an address asked for a token.
func (r *refusals) asked(a *Attempt) {
	r.routed = true
	if r.tokens == nil {
		r.tokens = map[string]time.Duration{}
	}
	if _, ok := r.tokens[a.Address]; ok || len(r.tokens) < maxAddresses {
		r.tokens[a.Address] = a.Received
	}
}

// refuse lets a refusal wait. The latest of a client and request counts.
func (r *refusals) refuse(latest *refusal, a *Attempt) {
	waiting := slices.DeleteFunc(r.byAddress[a.Address], func(other *refusal) bool {
		return other.answered+refreshWindow < a.Received || other.heir == nil && other.client == latest.client && other.content == latest.content
	})
	if len(waiting) >= maxRefusals || waiting == nil && len(r.byAddress) >= maxAddresses {
		return
	}
	if r.byAddress == nil {
		r.byAddress = map[string][]*refusal{}
	}
	r.byAddress[a.Address] = append(waiting, latest)
}

// inherit takes in that a client which nobody saw before may be one whose credential was refused.
func (r *refusals) inherit(s *study, a *Attempt, content uint64) {
	var fitting []*refusal
	for _, waiting := range r.byAddress[a.Address] {
		pause := a.Received - waiting.answered
		if waiting.client != s && waiting.content == content && waiting.agent == a.UserAgent && pause >= 0 && pause <= refreshWindow {
			fitting = append(fitting, waiting)
		}
	}
	asked, ok := r.tokens[a.Address]
	// Of one whose heir was refused in its turn and asked for a token, the heir is the one.
	fitting = slices.DeleteFunc(slices.Clone(fitting), func(waiting *refusal) bool {
		return slices.ContainsFunc(fitting, func(other *refusal) bool { return ok && asked >= other.answered && other.client == waiting.heir })
	})
	for _, waiting := range fitting {
		waiting.client.heirs += len(fitting)
		waiting.heir = s
		waiting.token = ok && asked >= waiting.answered
		r.found = append(r.found, waiting)
	}
}

// aliases lists the names that were taken on, in the order in which they were, with the first name of each client.
func (r *refusals) aliases() []alias {
	slices.SortStableFunc(r.found, func(a, b *refusal) int {
		return cmp.Or(cmp.Compare(a.heir.start, b.heir.start), strings.Compare(a.heir.name, b.heir.name))
	})
	var list []alias
	root := map[string]string{}
	for _, found := range r.found {
		if found.client.heirs != 1 || found.client.succeeded > found.answered || r.routed && !found.token {
			continue
		}
		of := cmp.Or(root[found.client.name], found.client.name)
		root[found.heir.name] = of
		list = append(list, alias{found.heir.name, of})
	}
	return list
}
