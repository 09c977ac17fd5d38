package standin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// page is the part of a list that a request asks for.
type page struct {
	offset, limit int
}

// cut returns the part of all that p asks for.
func cut[T any](p page, all []T) []T {
	from := min(p.offset, len(all))
	return all[from:min(from+p.limit, len(all))]
}

// continuation is what a continuation token holds: the rest of one list.
type continuation struct {
	// Endpoint is the endpoint the token belongs to, List the list it
	// continues, Key the query or the id that the list came from.
	Endpoint, List, Key string
	// Source and Culture are what the first request was about.
	Source, Culture string
	Offset, Limit   int
}

func (c continuation) page() page { return page{c.Offset, c.Limit} }

// next describes what follows after c has given its items.
func (c continuation) next() continuation {
	c.Offset += c.Limit
	return c
}

// pageKey signs continuation tokens. It comes from the seed: the tokens are no
// secrets, and a repeated run must see the same ones.
type pageKey [sha256.Size]byte

func newPageKey(seed uint64) pageKey {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("continuation"), seed))
}

// signatureSize is enough to tell a token from a damaged one.
const signatureSize = 8

func (k pageKey) sign(payload []byte) []byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write(payload)
	return mac.Sum(nil)[:signatureSize]
}

// token writes a continuation as an opaque, URL-safe text, or returns "" when
// a list of total items has no more.
func (k pageKey) token(c continuation, total int) string {
	if c.Offset >= total {
		return ""
	}
	payload, err := json.Marshal(c)
	if err != nil {
		// Strings and numbers can be written; this is unreachable.
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(append(k.sign(payload), payload...))
}

// read is the reverse of token, for the endpoint the token was given to.
func (k pageKey) read(endpoint, token string) (continuation, *problem) {
	bad := refuse(groove.CodeContinuationTokenInvalidError, "the stand-in did not give out this token for %s", endpoint)
	signed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(signed) < signatureSize {
		return continuation{}, bad
	}
	payload := signed[signatureSize:]
	if !hmac.Equal(signed[:signatureSize], k.sign(payload)) {
		return continuation{}, bad
	}
	var c continuation
	if err := json.Unmarshal(payload, &c); err != nil || c.Endpoint != endpoint {
		return continuation{}, bad
	}
	return c, nil
}
