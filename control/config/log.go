package config

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// Formats of the log.
const (
	FormatText = "text"
	FormatJSON = "json"
)

// Log is the section [log]: what is said on standard error.
type Log struct {
	// Level is the least level that is written: debug, info, warn or error.
	Level string `toml:"level"`
	// Format is FormatText or FormatJSON.
	Format string `toml:"format"`
}

func defaultLog() Log { return Log{Level: "info", Format: FormatText} }

// Threshold returns Level for package slog, info for one that does not pass
// Validate.
func (l *Log) Threshold() slog.Level {
	var level slog.Level
	if len(l.validate()) > 0 || level.UnmarshalText([]byte(l.Level)) != nil {
		return slog.LevelInfo
	}
	return level
}

func (l *Log) validate() faults.Problems {
	return append(
		oneOf("level", l.Level, []string{"debug", "info", "warn", "error"}),
		oneOf("format", l.Format, []string{FormatText, FormatJSON})...)
}

func oneOf(field, value string, choices []string) faults.Problems {
	if slices.Contains(choices, value) {
		return nil
	}
	return faults.Problems{{Field: field, Text: fmt.Sprintf("is %s, want one of %s", quote(value), strings.Join(choices, ", "))}}
}
