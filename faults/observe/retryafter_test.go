package observe

import (
	"testing"
	"time"
)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 12, 31, 23, 59, 58, 500_000_000, time.UTC)
	tests := map[string]struct {
		value string
		want  RetryAfter
		ok    bool
	}{
		"seconds":              {"2", RetryAfter{Wait: 2 * time.Second}, true},
		"zero":                 {"0", RetryAfter{}, true},
		"leading zeros":        {"007", RetryAfter{Wait: 7 * time.Second}, true},
		"space around":         {" 3\t", RetryAfter{Wait: 3 * time.Second}, true},
		"huge":                 {"99999999999999999999999", RetryAfter{Wait: maxWait}, true},
		"date":                 {"Mon, 01 Jan 2018 00:00:01 GMT", RetryAfter{Wait: 2500 * time.Millisecond, Date: true}, true},
		"date of RFC 850":      {"Monday, 01-Jan-18 00:00:01 GMT", RetryAfter{Wait: 2500 * time.Millisecond, Date: true}, true},
		"date of asctime":      {"Mon Jan  1 00:00:01 2018", RetryAfter{Wait: 2500 * time.Millisecond, Date: true}, true},
		"date in the past":     {"Sun, 31 Dec 2017 23:59:58 GMT", RetryAfter{Date: true}, true},
		"date far ahead":       {"Fri, 31 Dec 9999 23:59:59 GMT", RetryAfter{Wait: maxWait, Date: true}, true},
		"empty":                {"", RetryAfter{}, false},
		"negative":             {"-1", RetryAfter{}, false},
		"signed":               {"+1", RetryAfter{}, false},
		"fraction":             {"1.5", RetryAfter{}, false},
		"unit":                 {"5s", RetryAfter{}, false},
		"words":                {"soon", RetryAfter{}, false},
		"date of another zone": {"Mon, 01 Jan 2018 00:00:01 CET", RetryAfter{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := ParseRetryAfter(test.value, at)
			if got != test.want || ok != test.ok {
				t.Errorf("got %+v, %t, want %+v, %t", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestParseRetryAfterNeedsTheTimeForADate(t *testing.T) {
	t.Parallel()
	if got, ok := ParseRetryAfter("Mon, 01 Jan 2018 00:00:01 GMT", time.Time{}); ok {
		t.Errorf("got %+v, want nothing", got)
	}
	if _, ok := ParseRetryAfter("1", time.Time{}); !ok {
		t.Error("seconds need no time, got nothing")
	}
}

func TestAttemptWaitCountsFromTheAnswer(t *testing.T) {
	t.Parallel()
	a := Attempt{
		Time: time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC), Received: time.Minute, Answered: time.Minute + 2*time.Second,
		RetryAfter: "Mon, 01 Jan 2018 00:00:05 GMT",
	}
	if got, ok := a.Wait(); !ok || got.Wait != 3*time.Second {
		t.Errorf("got %v, %t, want 3s", got.Wait, ok)
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "Mon, 01 Jan 2018 00:00:01 GMT", "99999999999999999999", "-0", "Mon Jan  1 00:00:01 2018"} {
		f.Add(seed, int64(1514764800))
	}
	f.Fuzz(func(t *testing.T, value string, at int64) {
		got, ok := ParseRetryAfter(value, time.Unix(at%(1<<35), 0))
		if got.Wait < 0 || got.Wait > maxWait {
			t.Fatalf("%q: got %v, want 0 to %v", value, got.Wait, maxWait)
		}
		if !ok && got != (RetryAfter{}) {
			t.Fatalf("%q: got %+v with no answer", value, got)
		}
	})
}
