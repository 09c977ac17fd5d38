package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// secretMark begins every secret, so that scanners for leaked secrets find it.
const secretMark = "gchaos_"

// secretBytes is how many random bytes a secret has.
const secretBytes = 32

// NewSecret returns the secret of a new token: 256 random bits in URL-safe characters behind a mark.
func NewSecret() string {
	var random [secretBytes]byte
	_, _ = rand.Read(random[:]) // It never fails: see package rand.
	return secretMark + base64.RawURLEncoding.EncodeToString(random[:])
}

// NewID returns the ID of a new token: 50 random bits in characters that need no escaping anywhere.
func NewID() string { return strings.ToLower(rand.Text()[:10]) }

// Hash returns what is kept of a secret.
func Hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// WellFormed reports whether a text can be the secret of a token.
func WellFormed(secret string) bool {
	encoded, ours := strings.CutPrefix(secret, secretMark)
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	return ours && err == nil && len(raw) == secretBytes
}
