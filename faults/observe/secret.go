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
	// digestMark begins a digest that stands for a secret.
	digestMark = "~"
	// secretDigits is the length of such a digest, in hex digits.
	secretDigits = 8
)

// isSecret reports whether a parameter of that name holds a secret. Case, separators and escapes do not matter.
func isSecret(name string) bool {
	word := letters(name)
	if word == continuationParameter {
		return false
	}
	for _, secret := range secretWords {
		if strings.Contains(word, secret) {
			return true
		}
	}
	return secretNames[word]
}

// letters returns the letters of a name, in lower case and without its escapes.
func letters(name string) string {
	var word strings.Builder
	word.Grow(len(name))
	for i := 0; i < len(name); i++ {
		char := name[i] | 0x20
		switch {
		case escapeAt(name, i):
			i += 2
		case char >= 'a' && char <= 'z':
			word.WriteByte(char)
		}
	}
	return word.String()
}

// conceal puts a short digest in the place of a secret, so that two of them can still be told apart. What is such a digest already stays,
// and so does "".
func conceal(secret string) string {
	if secret == "" || isConcealed(secret) {
		return secret
	}
	return digestMark + shortDigest("secret", secret, secretDigits)
}

func isConcealed(text string) bool {
	digits, ok := strings.CutPrefix(text, digestMark)
	return ok && len(digits) == secretDigits && strings.Trim(digits, "0123456789abcdef") == ""
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
	const object = "eyJ"
	before, _, found := strings.Cut(text, object)
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
		before, _, found = strings.Cut(text, object)
	}
	concealed.WriteString(text)
	return concealed.String()
}

// escapeAt reports whether a percent escape begins at index i.
func escapeAt(text string, i int) bool {
	return text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2])
}
