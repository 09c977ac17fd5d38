package observe

import (
	"strings"
	"time"
)

// RetryAfter is what a Retry-After field asks for.
type RetryAfter struct {
	// Wait is the time to wait from the answer on, at least 0 and at most ten years: beyond
	// that the exact figure makes no difference to anybody.
	Wait time.Duration
	// Date reports the date form, which is exact to a second only.
	Date bool
}

// maxWait bounds what a Retry-After can ask for.
const maxWait = 10 * 365 * 24 * time.Hour

// dateLayouts are the three forms of an HTTP-date (RFC 9110, 5.6.7).
var dateLayouts = []string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC}

// ParseRetryAfter reads the value of a Retry-After field (RFC 9110, 10.2.3): seconds
// or an HTTP-date. It reports false for anything else, and for a date when at, the moment of
// the answer, is the zero time. A date in the past asks for no wait.
func ParseRetryAfter(value string, at time.Time) (RetryAfter, bool) {
	value = strings.Trim(value, " \t")
	if seconds, ok := parseSeconds(value); ok {
		return RetryAfter{Wait: seconds}, true
	}
	if at.IsZero() {
		return RetryAfter{}, false
	}
	for _, layout := range dateLayouts {
		if date, err := time.Parse(layout, value); err == nil {
			return RetryAfter{Wait: min(max(date.Sub(at), 0), maxWait), Date: true}, true
		}
	}
	return RetryAfter{}, false
}

// parseSeconds reads digits and nothing else, however many there are.
func parseSeconds(value string) (time.Duration, bool) {
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return 0, false
	}
	var wait time.Duration
	for _, digit := range value {
		wait = min(wait*10+time.Duration(digit-'0')*time.Second, maxWait)
	}
	return wait, true
}
