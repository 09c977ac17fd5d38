package standin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
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

// continuation is what a continuation token holds: the rest of one list of one
// request, whose parameters it repeats.
type continuation struct {
	// Path is that of the request, in lower case; Query are its parameters.
	Path, Query string
	// List is the list that goes on, Key the id of the item it is in, or "".
	List, Key string
	// User is whose collection the list is from, "" for nobody's.
	User          string
	Offset, Limit int
}

// bound are the parameters that decide what is in a list, and must not change
// from page to page. All others may: how a page is written and who asks for
// it, and what an endpoint does not have, such as a number against caches. For
// those that hold words the order of the words does not matter.
var bound = map[string]struct{ words bool }{
	byActivity: {}, byGenre: {}, byMood: {}, "country": {}, "extras": {words: true}, "filters": {words: true},
	"language": {}, "orderby": {}, "q": {}, "source": {words: true},
}

// resume reads the continuation token, if there is one. The token must have
// been given out for the same path; parameters that are given must be those of
// the first request, and those that are not are taken from there.
func (c *call) resume() *problem {
	token, given := c.query["continuationtoken"]
	if !given {
		return nil
	}
	rest, ok := c.standin.pages.read(token)
	if !ok || rest.Path != c.key() {
		return refuse(groove.CodeContinuationTokenInvalidError, "the stand-in did not give out this token for this path")
	}
	if rest.User != "" && c.caller.user != "" && rest.User != c.caller.user {
		return refuse(groove.CodeContinuationTokenInvalidError, "the token belongs to another user")
	}
	first, err := url.ParseQuery(rest.Query)
	if err != nil {
		return refuse(groove.CodeContinuationTokenInvalidError, "the token is damaged")
	}
	for name, value := range c.query {
		if of, is := bound[name]; is && !sameValue(value, first.Get(name), of.words) {
			return refuse(groove.CodeContinuationTokenInvalidError, "the token belongs to another %s", name)
		}
	}
	for name := range first {
		c.query[name] = first.Get(name)
	}
	c.rest = &rest
	return nil
}

// sameValue compares parameters, as words in any order or else as texts. A plus
// may have arrived as a space.
func sameValue(a, b string, words bool) bool {
	if words {
		return slices.Equal(sortedWords(a), sortedWords(b))
	}
	return strings.EqualFold(strings.ReplaceAll(a, "+", " "), strings.ReplaceAll(b, "+", " "))
}

func sortedWords(text string) []string { return slices.Sorted(splitWords(text)) }

// key names the path of a request without regard to case.
func (c *call) key() string { return strings.ToLower(c.request.URL.Path) }

// wants reports whether the request is about a list: without a token it is
// about all.
func (c *call) wants(list, key string) bool {
	return c.rest == nil || c.rest.List == list && strings.EqualFold(c.rest.Key, key)
}

// next makes the token for what follows after a page, "" if nothing does.
func (c *call) next(list, key string, p page, total int) string {
	if p.offset+p.limit >= total {
		return ""
	}
	query := make(url.Values)
	for name, value := range c.query {
		if _, is := bound[name]; is {
			query.Set(name, value)
		}
	}
	rest := continuation{
		Path: c.key(), Query: query.Encode(), List: list, Key: key, Offset: p.offset + p.limit, Limit: p.limit,
	}
	if c.from.collection() {
		rest.User = c.caller.user
	}
	return c.standin.pages.token(rest)
}

// listOf makes a page of a list.
func listOf[T any](c *call, name string, p page, total int, items []T) *datacontract.List[T] {
	return &datacontract.List[T]{ContinuationToken: c.next(name, "", p, total), Items: items, TotalItemCount: total}
}

// pageKey signs continuation tokens and what is like them. It comes from the
// seed: they are no secrets, and a repeated run must see the same ones.
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

// token writes a value as an opaque, URL-safe text.
func (k pageKey) token(value any) string {
	payload, err := json.Marshal(value)
	if err != nil {
		// Strings and numbers can be written; this is unreachable.
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(append(k.sign(payload), payload...))
}

// read is the reverse of token for a continuation.
func (k pageKey) read(token string) (continuation, bool) {
	var c continuation
	ok := k.open(token, &c) && c.Limit > 0 && c.Offset >= 0
	return c, ok
}

// open is the reverse of token.
func (k pageKey) open(token string, into any) bool {
	signed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(signed) < signatureSize {
		return false
	}
	payload := signed[signatureSize:]
	return hmac.Equal(signed[:signatureSize], k.sign(payload)) && json.Unmarshal(payload, into) == nil
}
