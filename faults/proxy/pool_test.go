package proxy

import (
	"testing"
	"time"
)

func TestLinkIsLookedAtWhenInDoubt(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	for name, test := range map[string]struct {
		link *link
		idle time.Duration
		want bool
	}{
		"new":                            {&link{}, time.Hour, false},
		"used once":                      {&link{reused: true, steady: true}, 0, true},
		"used twice, just now":           {&link{reused: true, proven: true, steady: true}, 0, false},
		"used twice, a moment ago":       {&link{reused: true, proven: true, steady: true}, moment, true},
		"used twice, more may have come": {&link{reused: true, proven: true}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := test.link
			l.since = now.Add(-test.idle)
			if got := l.doubtful(now); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}
