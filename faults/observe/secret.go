package observe

import "strings"

var (
	// secretWords make a parameter secret wherever they stand in its name, written without separators.
	secretWords = []string{
		"token", "secret", "password", "passwd", "pwd", "jwt", "bearer", "auth", "apikey", "subscriptionkey",
		"assertion", "codeverifier", "sig", "credential", "session",
	}

	// secretNames make a parameter secret when they are its whole name.
	secretNames = set("key", "code", "sas")

	// schemes of authentication, in lower case. What follows one is a secret.
	schemes = []string{"bearer", "basic"}
)

// continuationParameter is the contract's paging token, which is no secret and tells requests apart.
const continuationParameter = "continuationtoken"

const (
	// jwtObject begins a JSON Web Token: a JSON object in base64url.
	jwtObject = "eyJ"
	// digestMark begins a digest that stands for a secret.
	digestMark = "~"
)

// secretsBy holds the secretWords by their first letter.
var secretsBy = func() (words ['z' - 'a' + 1][]string) {
	for _, word := range secretWords {
		words[word[0]-'a'] = append(words[word[0]-'a'], word)
	}
	return words
}()

// isSecret reports whether a parameter of that name holds a secret. Case, separators and escapes do not matter.
func isSecret(name string) bool {
	var room [64]byte
	word := appendLetters(room[:0], name)
	if string(word) == continuationParameter {
		return false
	}
	for i, letter := range word {
		for _, secret := range secretsBy[letter-'a'] {
			if len(word)-i >= len(secret) && string(word[i:i+len(secret)]) == secret {
				return true
			}
		}
	}
	return secretNames[string(word)]
}

// appendLetters appends the letters of a name, in lower case and without its escapes.
func appendLetters(word []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		char := name[i] | 0x20
		switch {
		case escapeAt(name, i):
			i += 2
		case char >= 'a' && char <= 'z':
			word = append(word, char)
		}
	}
	return word
}

// conceal puts a short digest in the place of a secret, so that two of them can still be told apart. What is such a digest already stays,
// and so does "".
func conceal(secret string) string {
	if secret == "" || isConcealed(secret) {
		return secret
	}
	return digestMark + shortDigest("secret", secret)
}

// concealFrom conceals what stands in text from index start on, all of it.
func concealFrom(text []byte, start int) []byte {
	secret, end := view(text[start:]), len(text)
	if secret == "" || isConcealed(secret) {
		return text
	}
	text = appendDigest(append(text, digestMark...), "secret", secret, shortDigits)
	return append(text[:start], text[end:]...)
}

// concealTokensFrom conceals the credentials in what stands in text from index start on.
func concealTokensFrom(text []byte, start int) []byte {
	plain := view(text[start:])
	if head, rest := cutScheme(plain); rest == "" && !strings.Contains(head, jwtObject) {
		return text
	}
	return append(text[:start], concealTokens(plain)...)
}

func isConcealed(text string) bool {
	digits, ok := strings.CutPrefix(text, digestMark)
	return ok && len(digits) == shortDigits && strings.Trim(digits, "0123456789abcdef") == ""
}

// concealTokens conceals the credentials in a text: all that follows "Bearer" or "Basic" and a separator, and
// JSON Web Tokens.
func concealTokens(text string) string {
	text, rest := cutScheme(text)
	return concealJWTs(text) + conceal(rest)
}

// cutScheme splits text behind the first scheme and separator that anything follows.
func cutScheme(text string) (head, rest string) {
	for i := range len(text) {
		if text[i]|0x20 != 'b' {
			continue
		}
		for _, scheme := range schemes {
			end := i + len(scheme)
			if end >= len(text) || !strings.EqualFold(text[i:end], scheme) {
				continue
			}
			if from := skipSeparators(text, end); from > end && from < len(text) {
				return text[:from], text[from:]
			}
		}
	}
	return text, ""
}

// skipSeparators returns the index of what follows the separators at index at: spaces as they are or as clean and a query write them,
// and escapes.
func skipSeparators(text string, at int) int {
	for at < len(text) {
		switch {
		case escapeAt(text, at):
			at += 3
		case strings.IndexByte(" +?:=", text[at]) >= 0:
			at++
		default:
			return at
		}
	}
	return at
}

// concealJWTs conceals what looks like a JSON Web Token: base64url in three parts or more, of which the
// first begins a JSON object.
func concealJWTs(text string) string {
	before, _, found := strings.Cut(text, jwtObject)
	if !found {
		return text
	}
	var concealed strings.Builder
	for found {
		concealed.WriteString(before)
		text = text[len(before):]
		end := strings.IndexFunc(text, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("-_.", r) })
		if end < 0 {
			end = len(text)
		}
		token := text[:end]
		if strings.Count(token, ".") >= 2 {
			token = conceal(token)
		}
		concealed.WriteString(token)
		text = text[end:]
		before, _, found = strings.Cut(text, jwtObject)
	}
	concealed.WriteString(text)
	return concealed.String()
}

// escapeAt reports whether a percent escape begins at index i.
func escapeAt(text string, i int) bool {
	return text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2])
}
