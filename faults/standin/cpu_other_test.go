//go:build !unix

package standin

import (
	"testing"
	"time"
)

// start is where the clock stands in for CPU time, which is not measured here.
var start = time.Now()

func cpuTime(testing.TB) time.Duration { return time.Since(start) }
