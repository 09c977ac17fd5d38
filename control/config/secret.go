package config

import "log/slog"

// Secret is a text that is never printed: formatted, logged or marshalled it
// only says whether there is one.
type Secret string

const hidden = "(secret)"

// String says that there is a secret, or "".
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String in quotes.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText writes String, also into JSON and TOML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
