package observe

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIdentityOf(t *testing.T) {
	t.Parallel()
	curl := fields{"User-Agent": "curl/7.88.1"}
	signed := fields{"User-Agent": "curl/7.88.1", "Authorization": "Bearer token-1"}
	token1 := shortDigest("credential", "token-1")
	tests := map[string]struct {
		rules   []string
		request Request
		want    Client
	}{
		"a credential names, the agent is stable": {
			nil,
			Request{Header: signed, RemoteAddr: "127.0.0.1"},
			Client{Name: "credential:" + token1, Stable: "curl/7.88.1@127.0.0.1", Credential: token1, UserAgent: "curl/7.88.1"},
		},
		"no credential": {
			nil,
			Request{Header: curl, RemoteAddr: "127.0.0.1"},
			Client{Name: "curl/7.88.1@127.0.0.1", Stable: "curl/7.88.1@127.0.0.1", UserAgent: "curl/7.88.1"},
		},
		"no agent": {
			nil,
			Request{RemoteAddr: "::1"},
			Client{Name: "::1", Stable: "::1"},
		},
		"nothing at all": {
			nil,
			Request{},
			Client{Name: "unknown", Stable: "unknown"},
		},
		"a header before a credential": {
			[]string{"header:X-Client-Name", "credential"},
			Request{Header: fields{"x-client-name": "front", "Authorization": "Bearer token-1"}},
			Client{Name: "front", Stable: "front", Credential: token1},
		},
		"a credential before a header": {
			[]string{"credential", "header:X-Client-Name"},
			Request{Header: fields{"X-Client-Name": "front", "Authorization": "Bearer token-1"}},
			Client{Name: "credential:" + token1, Stable: "front", Credential: token1},
		},
		"an absent header yields to the next rule": {
			[]string{"header:X-Client-Name", "address"},
			Request{Header: signed, RemoteAddr: "10.0.0.7"},
			Client{Name: "10.0.0.7", Stable: "10.0.0.7", Credential: token1, UserAgent: "curl/7.88.1"},
		},
		"only credentials, and none sent": {
			[]string{"credential"},
			Request{Header: curl, RemoteAddr: "10.0.0.7"},
			Client{Name: "curl/7.88.1@10.0.0.7", Stable: "curl/7.88.1@10.0.0.7", UserAgent: "curl/7.88.1"},
		},
		"credentials where they do not belong": {
			[]string{"header:X-Client-Name"},
			Request{Header: fields{"X-Client-Name": "Basic\ts3cret", "User-Agent": "app/1 (Bearer s3cret)"}},
			Client{
				Name: "Basic?" + conceal("s3cret"), Stable: "Basic?" + conceal("s3cret"), UserAgent: "app/1 (Bearer " + conceal("s3cret)"),
			},
		},
		"control characters": {
			[]string{"header:X-Client-Name"},
			Request{Header: fields{"X-Client-Name": " a\x1b[31m\u202eb\xff "}},
			Client{Name: "a?[31m?b?", Stable: "a?[31m?b?"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity, err := NewIdentity(test.rules)
			if err != nil {
				t.Fatal(err)
			}
			if got := identity.Of(test.request); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestNewIdentityRefuses(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{
		"", "agent", "Credential", "header", "header:", "header:a b", "header:naïve",
		"header:Authorization", "header:Cookie", "header:X-Api-Key", "header:x-auth-token",
	} {
		_, err := NewIdentity([]string{"address", rule})
		if err == nil || !strings.Contains(err.Error(), `rule "`+rule+`"`) {
			t.Errorf("%q: got error %v, want one that names the rule", rule, err)
		}
	}
	if _, err := NewIdentity(append(DefaultIdentity(), "header:X-Client-Name")); err != nil {
		t.Errorf("sound rules: %v", err)
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	const bearer = "Bearer EwCQ+a/b=="
	same := map[string]Request{
		"header":              {Header: fields{"Authorization": bearer}},
		"lower-case scheme":   {Header: fields{"authorization": "bearer  EwCQ+a/b== "}},
		"parameter":           {Query: "q=x&accessToken=Bearer+EwCQ%2Ba%2Fb%3D%3D"},
		"parameter, any case": {Query: "AccessToken=Bearer%20EwCQ%2Ba%2Fb%3D%3D&q=x"},
		"escaped name":        {Query: "access%54oken=Bearer+EwCQ%2Ba%2Fb%3D%3D"},
		"no scheme":           {Query: "accessToken=EwCQ%2Ba%2Fb%3D%3D"},
		"after a semicolon":   {Query: "q=x;accessToken=EwCQ%2Ba%2Fb%3D%3D"},
		"an empty header":     {Header: fields{"Authorization": "Bearer "}, Query: "accessToken=EwCQ%2Ba%2Fb%3D%3D"},
	}
	want := credential(same["header"])
	if len(want) != 8 {
		t.Fatalf("got credential %q, want 8 digits", want)
	}
	for name, request := range same {
		if got := credential(request); got != want {
			t.Errorf("%s: got %s, want %s as in the header", name, got, want)
		}
	}
	if other := credential(Request{Header: fields{"Authorization": "Bearer other"}}); other == want || other == "" {
		t.Errorf("another token: got %q, want another digest", other)
	}
	none := map[string]Request{
		"nothing":           {},
		"empty bearer":      {Header: fields{"Authorization": "Bearer "}},
		"empty parameter":   {Query: "accessToken="},
		"unknown scheme":    {Header: fields{"Authorization": "Custom 1234"}},
		"nameless signer":   {Header: fields{"Authorization": "Digest response=1"}},
		"similar parameter": {Query: "myaccessToken=x"},
	}
	for name, request := range none {
		if got := credential(request); got != "" {
			t.Errorf("%s: got %q, want none", name, got)
		}
	}
}

func TestCredentialOfSignatures(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		"aws":    {"AWS4-HMAC-SHA256 Credential=AKID/20200101/x, Signature=aa", "AWS4-HMAC-SHA256 Credential=AKID/20200102/x, Signature=bb"},
		"digest": {`Digest username="ann", nonce="1", response="a"`, `Digest username="ann", nonce="2", response="b"`},
		"oauth":  {`OAuth oauth_consumer_key="k", oauth_nonce="1"`, `OAuth oauth_consumer_key="k", oauth_nonce="2"`},
	}
	for name, pair := range tests {
		first := credential(Request{Header: fields{"Authorization": pair[0]}})
		second := credential(Request{Header: fields{"Authorization": pair[1]}})
		if first != second || first == "" {
			t.Errorf("%s: got %q and %q, want one signer", name, first, second)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 200)
	got := clean(long + "x")
	if len(got) > maxText || !utf8.ValidString(got) {
		t.Errorf("got %d bytes, valid %t, want at most %d valid ones", len(got), utf8.ValidString(got), maxText)
	}
	if got == clean(long+"y") {
		t.Errorf("two long values became one: %q", got)
	}
	if again := clean(got); again != got {
		t.Errorf("cleaning again gave %q, want %q", again, got)
	}
	if got := clean(strings.Repeat("a", maxText)); got != strings.Repeat("a", maxText) {
		t.Errorf("a value of the greatest length was changed to %q", got)
	}
}
