package proxy

import "testing"

// TestLateReleaseEndsNoOtherWait: a callback may begin when its wait has ended.
func TestLateReleaseEndsNoOtherWait(t *testing.T) {
	t.Parallel()
	var w wake
	first := w.arm(true)
	w.disarm()
	second := w.arm(true)
	signal := w.watching()
	w.fire(first)
	select {
	case <-signal:
		t.Error("the release of the first wait ended the second")
	default:
	}
	w.fire(second)
	select {
	case <-signal:
	default:
		t.Error("the release of the second wait did not end it")
	}
}
