package ca

import "strings"

// quote makes text one word of a POSIX shell.
func quote(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(safe, r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
