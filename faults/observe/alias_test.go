package observe

import (
	"slices"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// bearing makes an attempt come with a credential, from one address and one program.
func bearing(credential string) change {
	return func(a *Attempt) {
		a.Client, a.Credential, a.Address, a.UserAgent = "credential:"+credential, credential, "10.0.0.1", "app"
	}
}

func coming(address string) change { return func(a *Attempt) { a.Address = address } }
func agent(name string) change     { return func(a *Attempt) { a.UserAgent = name } }
func askingToken(a *Attempt) {
	a.Client, a.Credential, a.Endpoint, a.Target = "app", "", groove.Token, "/accesstoken.srf"
}
func code(c groove.ErrorCode) change { return func(a *Attempt) { a.ErrorCode = c } }

// A client that comes back with a fresh credential goes on under its name, unless it may be another.
func TestGroupRefreshedCredentials(t *testing.T) {
	t.Parallel()
	old := try(0, 401, bearing("a"))
	fresh := try(1, 200, bearing("b"))
	tests := map[string]struct {
		attempts []Attempt
		want     string
		joined   bool
	}{
		"refused, then another": {[]Attempt{old, fresh}, "1+2 inferred", true},
		"an error code says so": {[]Attempt{try(0, 403, bearing("a"), code(groove.CodeAccessTokenExpired)), fresh}, "1+2 inferred", true},
		"a token was asked for": {[]Attempt{old, try(.5, 200, bearing(""), askingToken), fresh}, "1+3 inferred, 2 inferred", true},
		"and again": {
			[]Attempt{old, try(.5, 200, bearing(""), askingToken), try(1, 401, bearing("b")), try(1.5, 200, bearing(""), askingToken), try(2, 200, bearing("c"))},
			"1+3+5 inferred, 2 inferred, 4 inferred", true,
		},
		"and again, of two users maybe": {[]Attempt{old, try(1, 401, bearing("b")), try(2, 200, bearing("c"))}, "1 inferred, 2 inferred, 3 inferred", false},
		"a token that others asked for": {[]Attempt{try(-9, 200, bearing(""), askingToken), old, fresh}, "1 inferred, 2 inferred, 3 inferred", false},
		"only forbidden":                {[]Attempt{try(0, 403, bearing("a")), fresh}, "1 inferred, 2 inferred", false},
		"another request":               {[]Attempt{old, try(1, 200, bearing("b"), to("/b"))}, "1 inferred, 2 inferred", false},
		"another body":                  {[]Attempt{try(0, 401, bearing("a"), posting("x")), try(1, 200, bearing("b"), posting("y"))}, "1 inferred, 2 inferred", false},
		"another address":               {[]Attempt{old, try(1, 200, bearing("b"), coming("10.0.0.2"))}, "1 inferred, 2 inferred", false},
		"no address":                    {[]Attempt{try(0, 401, bearing("a"), coming("")), try(1, 200, bearing("b"), coming(""))}, "1 inferred, 2 inferred", false},
		"another program":               {[]Attempt{old, try(1, 200, bearing("b"), agent("other"))}, "1 inferred, 2 inferred", false},
		"too late":                      {[]Attempt{old, try(60.1, 200, bearing("b"))}, "1 inferred, 2 inferred", false},
		"before the answer":             {[]Attempt{try(0, 401, bearing("a"), took(2)), fresh}, "1 inferred, 2 inferred", false},
		"one that was there before":     {[]Attempt{try(-9, 200, bearing("b"), to("/b")), old, fresh}, "1 inferred, 2 inferred, 3 inferred", false},
		"the old one is still good":     {[]Attempt{old, fresh, try(2, 200, bearing("a"), to("/b"))}, "1 inferred, 2 inferred, 3 inferred", false},
		"two may be the one":            {[]Attempt{old, fresh, try(2, 200, bearing("c"))}, "1 inferred, 2 inferred, 3 inferred", false},
		"it may be either of two":       {[]Attempt{old, try(.1, 401, bearing("d")), fresh}, "1 inferred, 2 inferred, 3 inferred", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := Group(journal(test.attempts), true)
			if got := show(calls); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			joined := !slices.ContainsFunc(calls, func(c Call) bool { return c.Client == "credential:b" || c.Client == "credential:c" })
			if joined != test.joined {
				t.Errorf("got joined %v, want %v", joined, test.joined)
			}
			for _, c := range calls {
				for _, a := range c.Attempts {
					if want := test.attempts[a.Sequence-1].Client; a.Client != want {
						t.Errorf("attempt %d: got client %q, want it as it was recorded, %q", a.Sequence, a.Client, want)
					}
				}
			}
		})
	}
}

// What is known of a client under two names is known of one.
func TestKnowledgeOfRefreshedCredentials(t *testing.T) {
	t.Parallel()
	attempts := journal([]Attempt{
		try(0, 200, bearing("a"), to("/x")), try(1, 200, bearing("a"), to("/y")),
		try(2, 401, bearing("a")), try(3, 200, bearing("b")), try(4, 200, bearing("b"), to("/x")), try(5, 200, bearing("b"), to("/z")),
	})
	k := learn(attempts)
	known := k.Client("credential:b")
	if known == nil || known != k.Client("credential:a") || k.Alias("credential:b") != "credential:a" {
		t.Fatalf("got %v, want what is known of the first name", known)
	}
	returned, satisfied := known.Returns(false)
	if known.Attempts() != 6 || returned != 1 || satisfied != 4 || known.Healthy() != 4 {
		t.Errorf("got %d attempts, %d of %d requests again, %d healthy, want 6, 1 of 4, 4",
			known.Attempts(), returned, satisfied, known.Healthy())
	}
	if got := known.study.left; got != 2 {
		t.Errorf("got %d routes left alone, want three but one", got)
	}
}
