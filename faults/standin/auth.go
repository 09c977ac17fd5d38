package standin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// Documented test tokens. They are no secrets and never expire.
const (
	// ApplicationToken stands for an application.
	ApplicationToken = "standin-application" //nolint:gosec // no secret
	// ApplicationTokenExpired is answered with ACCESS_TOKEN_EXPIRED.
	ApplicationTokenExpired = "standin-application-expired" //nolint:gosec // no secret
	// ApplicationTokenUnsubscribed is answered with
	// ACCESS_TOKEN_INVALID_SUBSCRIPTION.
	ApplicationTokenUnsubscribed = "standin-application-unsubscribed" //nolint:gosec // no secret
	// UserTokenSubscriber stands for the user "subscriber", who has a
	// subscription. With a dash and 1 to 64 letters, digits, dots, dashes or
	// underscores after it, it stands for a further such user.
	UserTokenSubscriber = "standin-user-subscriber"
	// UserTokenFree stands for the user "free", who has none. It can be
	// lengthened like UserTokenSubscriber.
	UserTokenFree = "standin-user-free"
	// UserTokenNoConsent is answered with MSA_SCOPE_REQUIRES_USER_CONSENT.
	UserTokenNoConsent = "standin-user-no-consent"
	// UserTokenExpired is answered with AUTHORIZATION_TOKEN_EXPIRED.
	UserTokenExpired = "standin-user-expired" //nolint:gosec // no secret
)

const userPrefix = "standin-user-"

// caller is whom a token stands for.
type caller struct {
	// user is empty for an application.
	user       string
	subscribed bool
}

// authenticate finds out who calls. The Authorization field comes before the
// accessToken parameter.
func (c *call) authenticate() (caller, *problem) {
	fields := c.request.Header.Values("Authorization")
	if len(fields) > 0 {
		token, ok := bearer(fields[0])
		if !ok || len(fields) > 1 {
			return caller{}, refuse(groove.CodeInvalidAuthorizationHeader, "want one Authorization field, Bearer and a token")
		}
		who, p := c.standin.tokens.caller(token)
		if p != nil && p.Code == groove.CodeAccessTokenInvalid && c.endpoint.User == groove.UserTokenRequired {
			// What is not known here was meant for a user's token.
			p = refuse(groove.CodeInvalidAuthorizationHeader, "%s", p.Message)
		}
		return who, p
	}
	value := c.query["accesstoken"]
	if value == "" {
		return caller{}, refuse(groove.CodeAccessTokenMissing, "want an Authorization field or accessToken")
	}
	token, ok := bearer(value)
	if !ok {
		return caller{}, refuse(groove.CodeAccessTokenInvalid, "accessToken wants Bearer and a token")
	}
	return c.standin.tokens.caller(token)
}

// needUser refuses a caller who is no user.
func (c *call) needUser() *problem {
	if c.caller.user == "" {
		return refuse(groove.CodeInvalidAuthorizationHeader, "this takes the token of a user")
	}
	return nil
}

// bearer takes the token out of "Bearer TOKEN".
func bearer(credentials string) (string, bool) {
	scheme, token, _ := strings.Cut(credentials, " ")
	token = strings.Trim(token, " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != "" && !strings.Contains(token, " ")
}

// tokens issues application tokens and reads all tokens. An issued token
// carries its own expiry and a signature, so none has to be kept.
type tokens struct {
	now      func() time.Time
	lifetime time.Duration
	key      [32]byte
	issued   atomic.Uint64
}

func newTokens(o Options) *tokens {
	t := &tokens{now: o.Now, lifetime: o.TokenLifetime}
	_, _ = rand.Read(t.key[:]) // documented never to fail
	return t
}

// payloadSize is that of an expiry in nanoseconds and a serial number.
const payloadSize = 16

// issue makes an application token that lives for the lifetime from now.
func (t *tokens) issue() string {
	var payload [payloadSize]byte
	binary.BigEndian.PutUint64(payload[:], uint64(t.now().Add(t.lifetime).UnixNano()))
	binary.BigEndian.PutUint64(payload[8:], t.issued.Add(1))
	return base64.RawURLEncoding.EncodeToString(t.sign(payload[:]))
}

func (t *tokens) sign(payload []byte) []byte {
	mac := hmac.New(sha256.New, t.key[:])
	mac.Write(payload)
	return mac.Sum(payload)
}

// caller finds out whom a token stands for.
func (t *tokens) caller(token string) (caller, *problem) {
	switch token {
	case ApplicationToken:
		return caller{}, nil
	case ApplicationTokenExpired:
		return caller{}, refuse(groove.CodeAccessTokenExpired, "a test token")
	case ApplicationTokenUnsubscribed:
		return caller{}, refuse(groove.CodeAccessTokenInvalidSubscription, "a test token")
	case UserTokenExpired:
		return caller{}, refuse(groove.CodeAuthorizationTokenExpired, "a test token")
	case UserTokenNoConsent:
		return caller{}, refuse(groove.CodeMSAScopeRequiresUserConsent, "a test token")
	}
	if who, ok := testUser(token); ok {
		return who, nil
	}
	signed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(signed) != payloadSize+sha256.Size || !hmac.Equal(signed, t.sign(signed[:payloadSize:payloadSize])) {
		return caller{}, refuse(groove.CodeAccessTokenInvalid, "the stand-in did not issue this token")
	}
	expiry := time.Unix(0, int64(binary.BigEndian.Uint64(signed))) //nolint:gosec // Written from an int64, as the signature shows.
	if !t.now().Before(expiry) {
		return caller{}, refuse(groove.CodeAccessTokenExpired, "it expired at %s", expiry.UTC().Format(time.RFC3339))
	}
	return caller{}, nil
}

// testUser reads the test tokens that stand for users who may do something.
func testUser(token string) (caller, bool) {
	for _, known := range []struct {
		token      string
		subscribed bool
	}{{UserTokenSubscriber, true}, {UserTokenFree, false}} {
		rest, ok := strings.CutPrefix(token, known.token)
		if ok && (rest == "" || rest[0] == '-' && userName(rest[1:])) {
			return caller{user: strings.TrimPrefix(token, userPrefix), subscribed: known.subscribed}, true
		}
	}
	return caller{}, false
}

func userName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune("._-", rune(c)) {
			return false
		}
	}
	return 1 <= len(name) && len(name) <= 64
}
