package observe

import (
	"strings"
	"testing"
)

func TestIsSecret(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"authToken", "jwt", "key", "Key", "wlToken", "sessionToken", "clientSecret", "bearer", "user_token", "x-token", "code", "sas",
		"api_key", "X-Api-Key", "pass-word", "passwd", "pwd", "sig", "X-Amz-Signature", "x-amz-credential", "oauth2_verifier",
		"sessionid", "user%5Btoken%5D", "to.ken", "subscription-key", "client_assertion",
	} {
		if !isSecret(name) {
			t.Errorf("%s: got no secret, want one", name)
		}
	}
	for _, name := range []string{
		"", "q", "continuationToken", "continuation_token", "keyword", "monkey", "country", "codec", "maxItems", "language",
	} {
		if isSecret(name) {
			t.Errorf("%s: got a secret, want none", name)
		}
	}
}

func TestConcealTellsSecretsApart(t *testing.T) {
	t.Parallel()
	one, other := conceal("one"), conceal("other")
	if one == other || len(one) != len("~1f3a9c2e") || !strings.HasPrefix(one, "~") {
		t.Errorf("got %q and %q, want two short digests", one, other)
	}
	if again := conceal(one); again != one {
		t.Errorf("concealed again: got %q, want %q", again, one)
	}
	for _, near := range []string{"~1f3a9c2", "~1f3a9c2e0", "~1F3A9C2E", "1f3a9c2e", "~1f3a9c2g"} {
		if got := conceal(near); got == near {
			t.Errorf("%q was taken for a digest", near)
		}
	}
}

func FuzzConcealTokens(f *testing.F) {
	f.Add("Bearer s3cret")
	f.Add("x eyJa.b.c basic%20q")
	f.Add("Basic%2")
	f.Fuzz(func(t *testing.T, text string) {
		concealed := concealTokens(text)
		if again := concealTokens(concealed); again != concealed {
			t.Fatalf("%q becomes %q when it is concealed again", concealed, again)
		}
		if shown := concealTokens(text + " Bearer hush"); strings.Contains(shown, "hush") && !strings.Contains(text, "hush") {
			t.Fatalf("%q shows the token", shown)
		}
	})
}
