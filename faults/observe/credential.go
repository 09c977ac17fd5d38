package observe

import (
	"net/url"
	"strings"
)

// signatures maps authentication schemes whose value changes with every request to the
// parameter that says who signs.
var signatures = map[string]string{
	"aws4-hmac-sha256": "credential",
	"digest":           "username",
	"hawk":             "id",
	"oauth":            "oauth_consumer_key",
	"signature":        "keyid",
}

// credential returns the digest of what r authenticates with, "" for nothing. The same token has the same
// digest in the Authorization field and in the accessToken parameter.
func credential(r Request) string {
	holder := credentialHolder(value(r.Header, authorizationField))
	if holder == "" {
		holder = credentialHolder(accessToken(r.Query))
	}
	if holder == "" {
		return ""
	}
	return shortDigest(credentialRule, holder)
}

// credentialHolder returns what stays the same in the credentials of one caller. A scheme that is not
// known may be a signature that never comes twice: it counts as none.
func credentialHolder(credentials string) string {
	credentials = strings.TrimSpace(credentials)
	scheme, rest, spaced := strings.Cut(credentials, " ")
	scheme, rest = strings.ToLower(scheme), strings.TrimSpace(rest)
	switch {
	case scheme == "bearer":
		return rest
	case !spaced:
		return credentials
	case scheme == "basic":
		return "basic " + rest
	}
	if name, ok := signatures[scheme]; ok {
		return signer(scheme, rest, name)
	}
	return ""
}

// signer finds the parameter name in the list of a signature.
func signer(scheme, list, name string) string {
	for part := range strings.SplitSeq(list, ",") {
		key, who, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(key, name) {
			continue
		}
		// An AWS credential goes on with the date after the key.
		who, _, _ = strings.Cut(strings.Trim(who, `"`), "/")
		return scheme + " " + who
	}
	return ""
}

// accessToken returns the decoded accessToken parameter of a query.
func accessToken(query string) string {
	raw := rawAccessToken(query)
	if decoded, err := url.QueryUnescape(raw); err == nil {
		return decoded
	}
	return raw
}

// rawAccessToken returns the first accessToken parameter of a query as it came, "" for none.
func rawAccessToken(query string) string {
	for query != "" {
		end := 0
		for end < len(query) && !isSeparator(query[end]) {
			end++
		}
		name, value, _ := strings.Cut(query[:end], "=")
		if isNamed(name, accessTokenParameter) {
			return value
		}
		query = query[min(end+1, len(query)):]
	}
	return ""
}
