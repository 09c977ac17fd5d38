package wire

import "fmt"

// The most that can be configured.
const (
	// MaxHead is the most bytes a head can have.
	MaxHead = 1<<16 - 1
	// MaxFields is the most fields a head can have.
	MaxFields = 128
)

// What holds where nothing is configured.
const (
	defaultHead   = 32 << 10
	defaultFields = 100
	defaultTarget = 16 << 10
)

const (
	// maxMethod is more than any registered method has; the longest is
	// UPDATEREDIRECTREF with 17.
	maxMethod = 32
	// maxOptions bounds the work that Connection can ask for: each option is
	// compared with every field.
	maxOptions = 32
	// maxExtension is the most bytes of extensions one chunk can have.
	maxExtension = 256
	// maxOverhead is by how much the extensions of a body may outweigh its data.
	maxOverhead = 4 << 10
)

// Limits bound what is read. A zero means the default.
type Limits struct {
	// Head is the most bytes of a head, start line and all, and of a trailer
	// section: up to MaxHead, 32 KiB by default.
	Head int
	// Fields is the most fields of a head, and of a trailer section: up to
	// MaxFields, 100 by default.
	Fields int
	// Target is the most bytes of a request target: 16 KiB by default. RFC 9112
	// §3 recommends at least 8000 for the whole line.
	Target int
}

// Validate says which limit is out of range. Parse takes the nearest one that
// is not.
func (l Limits) Validate() error {
	for _, limit := range []struct {
		name        string
		value, most int
	}{
		{"head", l.Head, MaxHead},
		{"fields", l.Fields, MaxFields},
		{"target", l.Target, MaxHead},
	} {
		if limit.value < 0 || limit.value > limit.most {
			return fmt.Errorf("limit %s: is %d, want 0 to %d", limit.name, limit.value, limit.most)
		}
	}
	return nil
}

// effective are the limits with the defaults put in and nothing out of range.
func (l Limits) effective() Limits {
	return Limits{
		Head:   effective(l.Head, defaultHead, MaxHead),
		Fields: effective(l.Fields, defaultFields, MaxFields),
		Target: effective(l.Target, defaultTarget, MaxHead),
	}
}

func effective(value, otherwise, most int) int {
	if value <= 0 {
		return otherwise
	}
	return min(value, most)
}
