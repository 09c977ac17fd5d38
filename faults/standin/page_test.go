package standin

import "testing"

// A seed is no secret, so that a token can be made by hand.
func TestForgedOffsetsAreRefused(t *testing.T) {
	t.Parallel()
	key := newPageKey(1)
	for offset, want := range map[int]bool{-1: false, 0: true, 25: true} {
		if _, got := key.read(key.token(continuation{Offset: offset, Limit: 25})); got != want {
			t.Errorf("a token with offset %d is taken: %t, want %t", offset, got, want)
		}
	}
}
