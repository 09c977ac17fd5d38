package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/store"
)

var epoch = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

const pull = brakeService + "PullBrake"

// asked is a guard that asks, with a token for each role whose secret is told.
func asked(t *testing.T, edits ...func(*Options)) (g *Guard, secrets map[Role]string) {
	t.Helper()
	tokens, secrets := new(store.Tokens), make(map[Role]string)
	for _, role := range roles[1:] {
		secrets[role] = NewSecret()
		put(t, tokens, store.Token{ID: string(role), Name: "the " + string(role), Role: string(role), Hash: Hash(secrets[role])})
	}
	o := Options{Required: true, Tokens: tokens, Now: func() time.Time { return epoch }}
	for _, edit := range edits {
		edit(&o)
	}
	return NewGuard(o), secrets
}

func put(t *testing.T, tokens *store.Tokens, token store.Token) {
	t.Helper()
	if err := tokens.Put(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func reasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func TestWhereNobodyIsAskedEverybodyIsLocal(t *testing.T) {
	t.Parallel()
	p, err := NewGuard(Options{}).Admit(t.Context(), pull, Credentials{Authorization: "Bearer x", Remote: "127.0.0.1:9"})
	if want := (Principal{Name: Local, Remote: "127.0.0.1:9"}); err != nil || p != want {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
}

func TestAMethodWithoutARuleIsRefused(t *testing.T) {
	t.Parallel()
	asking, secrets := asked(t)
	for _, g := range []*Guard{NewGuard(Options{}), asking} {
		for _, method := range []string{"", "a.B/C", "/" + pull, strings.Repeat("x", 1<<20)} {
			_, err := g.Admit(t.Context(), method, Credentials{Authorization: "Bearer " + secrets[Admin]})
			if status.Code(err) != codes.PermissionDenied || len(err.Error()) > 1000 {
				t.Errorf("%.20q: got %.100v, want a short PERMISSION_DENIED", method, err)
			}
		}
	}
}

// TestEveryRuleHoldsForEveryRole plays each method with each role.
func TestEveryRuleHoldsForEveryRole(t *testing.T) {
	t.Parallel()
	g, secrets := asked(t)
	power := map[Role]int{Anyone: 0, Viewer: 1, Operator: 2, Admin: 3}
	for method, rule := range Rules() {
		for role, secret := range secrets {
			p, err := g.Admit(t.Context(), method, Credentials{Authorization: "bEARER " + secret, Remote: "10.0.0.1:1"})
			want := codes.OK
			if power[role] < power[rule.Role] {
				want = codes.PermissionDenied
			}
			if status.Code(err) != want || p.Name != "the "+string(role) || p.Role != role || p.Key != "token:"+string(role) {
				t.Errorf("%s by %s: got %+v, %v, want %v", method, role, p, err, want)
			}
		}
	}
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	gone, expired := NewSecret(), NewSecret()
	g, secrets := asked(t, func(o *Options) {
		put(t, o.Tokens.(*store.Tokens), store.Token{ID: "x", Name: "x", Role: "admin", Hash: Hash(expired), Expires: epoch}) //nolint:forcetypeassert // Made above.
		o.Certificates = map[string]Role{"CN=ops": Operator}
	})
	for name, tt := range map[string]struct {
		given  Credentials
		reason string
	}{
		"nothing":                               {Credentials{}, "CREDENTIALS_MISSING"},
		"another scheme":                        {Credentials{Authorization: "Basic " + secrets[Admin]}, "CREDENTIALS_UNREADABLE"},
		"a scheme alone":                        {Credentials{Authorization: "Bearer "}, "CREDENTIALS_UNREADABLE"},
		"no scheme":                             {Credentials{Authorization: secrets[Admin]}, "CREDENTIALS_UNREADABLE"},
		"an unknown token":                      {Credentials{Authorization: "Bearer " + gone}, "TOKEN_INVALID"},
		"an expired token":                      {Credentials{Authorization: "Bearer " + expired}, "TOKEN_INVALID"},
		"a token with a tail":                   {Credentials{Authorization: "Bearer " + secrets[Admin] + "x"}, "TOKEN_INVALID"},
		"a token cut short":                     {Credentials{Authorization: "Bearer " + secrets[Admin][:49]}, "TOKEN_INVALID"},
		"a hash":                                {Credentials{Authorization: "Bearer " + string(Hash(secrets[Admin]))}, "TOKEN_INVALID"},
		"a certificate of nobody":               {Credentials{Subject: "CN=ops,O=Elsewhere"}, "CERTIFICATE_UNKNOWN"},
		"a bad token beside a good certificate": {Credentials{Authorization: "Bearer x", Subject: "CN=ops"}, "TOKEN_INVALID"},
	} {
		tt.given.Remote = name + ":1" // A peer of its own: none fails too often.
		for range 2 {
			p, err := g.Admit(t.Context(), pull, tt.given)
			if status.Code(err) != codes.Unauthenticated || reasonOf(err) != tt.reason || p.Name != "" {
				t.Errorf("%s: got %+v, %v (%s), want %s", name, p, err, reasonOf(err), tt.reason)
			}
			for _, secret := range []string{gone, expired, secrets[Admin]} {
				if strings.Contains(err.Error(), secret[len(secretMark):40]) {
					t.Errorf("%s: the error repeats a secret: %v", name, err)
				}
			}
		}
	}
	p, err := g.Admit(t.Context(), pull, Credentials{Subject: "CN=ops"})
	if err != nil || p.Name != "CN=ops" || p.Role != Operator || p.Key != "certificate:CN=ops" {
		t.Errorf("a certificate with a role: got %+v, %v, want it admitted", p, err)
	}
	if _, err := g.Admit(t.Context(), "grpc.health.v1.Health/Check", Credentials{}); err != nil {
		t.Errorf("health: %v, want it told to anyone", err)
	}
}

func TestTheTokenOfTheFileIsOneMore(t *testing.T) {
	t.Parallel()
	secret := NewSecret()
	g, _ := asked(t, func(o *Options) {
		o.File = &store.Token{ID: "file", Name: "token_file", Role: "admin", Hash: Hash(secret)}
	})
	p, err := g.Admit(t.Context(), tokenService+"CreateToken", Credentials{Authorization: "Bearer " + secret})
	if err != nil || p.Name != "token_file" || p.Role != Admin {
		t.Errorf("got %+v, %v, want the admin of the file", p, err)
	}
}

func TestAStoreThatFailsLetsNobodyIn(t *testing.T) {
	t.Parallel()
	g, secrets := asked(t, func(o *Options) { o.Tokens = broken{} })
	if _, err := g.Admit(t.Context(), pull, Credentials{Authorization: "Bearer " + secrets[Admin]}); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}

// The token of the file opens the door also while the others cannot be read.
func TestTheTokenOfTheFileNeedsNoStore(t *testing.T) {
	t.Parallel()
	secret := NewSecret()
	g, _ := asked(t, func(o *Options) {
		o.Tokens, o.File = broken{}, &store.Token{ID: "file", Name: "token_file", Role: "admin", Hash: Hash(secret)}
	})
	if p, err := g.Admit(t.Context(), pull, Credentials{Authorization: "Bearer " + secret}); err != nil || p.Role != Admin {
		t.Errorf("got %+v, %v, want the admin of the file", p, err)
	}
}

type broken struct{}

func (broken) List(context.Context) ([]store.Token, error) { return nil, errors.New("no store") }

// TestTenThousandWrongTokens holds that a peer which fails is slowed down, that neither memory nor log grows with it, and
// that neither its own good token nor another peer pays for it.
func TestTenThousandWrongTokens(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	now := epoch
	g, secrets := asked(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	count := make(map[codes.Code]int)
	var last error
	for i := range 10_000 {
		_, last = g.Admit(t.Context(), pull, Credentials{Authorization: fmt.Sprint("Bearer wrong", i), Remote: fmt.Sprint("10.0.0.1:", i)})
		count[status.Code(last)]++
	}
	if count[codes.Unauthenticated] != failureBurst || count[codes.ResourceExhausted] != 10_000-failureBurst {
		t.Errorf("got %v, want %d failures told and the others slowed down", count, failureBurst)
	}
	retry, _ := status.Convert(last).Details()[0].(*errdetails.RetryInfo)
	if wait := retry.GetRetryDelay().AsDuration(); wait <= 0 || wait > failurePause {
		t.Errorf("told to wait %v, want up to %v", wait, failurePause)
	}
	if lines := strings.Count(log.String(), "\n"); lines != failureBurst || strings.Contains(log.String(), "wrong") {
		t.Errorf("the log has %d lines, want %d without what was sent:\n%s", lines, failureBurst, log.String())
	}
	if _, err := g.Admit(t.Context(), pull, Credentials{Authorization: "Bearer " + secrets[Admin], Remote: "10.0.0.1:5"}); err != nil {
		t.Errorf("a good token from there: %v, want it admitted", err)
	}
	if _, err := g.Admit(t.Context(), pull, Credentials{Remote: "10.0.0.2:5"}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("another peer: %v, want its failure told", err)
	}
	now = now.Add(failurePause)
	if _, err := g.Admit(t.Context(), pull, Credentials{Remote: "10.0.0.1:5"}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("a pause later: %v, want one more failure told", err)
	}
}

// TestFailuresOfManyPeersAreBounded holds that peers without number take no memory without end.
func TestFailuresOfManyPeersAreBounded(t *testing.T) {
	t.Parallel()
	var f failures
	for i := range 100_000 {
		if wait := f.take(fmt.Sprint("peer", i), epoch.Add(time.Duration(i)*time.Microsecond)); wait != 0 {
			t.Fatalf("the first failure of peer %d is slowed down by %v", i, wait)
		}
		if len(f.full) > mostPeers {
			t.Fatalf("%d peers are remembered, want at most %d", len(f.full), mostPeers)
		}
	}
}

func TestRolesIncludeTheWeaker(t *testing.T) {
	t.Parallel()
	for i, strong := range roles {
		for j, weak := range roles {
			if got := strong.Includes(weak); got != (i >= j) {
				t.Errorf("%q includes %q: got %t", strong, weak, got)
			}
		}
	}
	if Role("root").Includes(Viewer) {
		t.Error("a role that is not known includes another")
	}
	for _, word := range []string{"", "Admin", "root", strings.Repeat("x", 1<<20)} {
		if _, err := ParseRole(word); err == nil || len(err.Error()) > 500 {
			t.Errorf("ParseRole(%.20q): got %.100v, want a short error", word, err)
		}
	}
}
