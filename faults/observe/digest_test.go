package observe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestDigest(t *testing.T) {
	t.Parallel()
	d := NewDigest()
	if got := d.Sum(); got != "" {
		t.Errorf("nothing written: got %q, want none", got)
	}
	for _, part := range []string{"a", "", "bc"} {
		if n, err := io.WriteString(d, part); n != len(part) || err != nil {
			t.Fatalf("write %q: got %d, %v", part, n, err)
		}
	}
	// The digits are those of FIPS 180's example for "abc".
	const abc = "ba7816bf8f01cfea"
	if got := d.Sum(); got != abc || d.Sum() != abc {
		t.Errorf("got %q, then %q, want %q twice", got, d.Sum(), abc)
	}
	if d.Length() != 3 {
		t.Errorf("got length %d, want 3", d.Length())
	}
	d.Reset()
	if d.Sum() != "" || d.Length() != 0 {
		t.Errorf("after a reset: got %q of %d bytes, want nothing", d.Sum(), d.Length())
	}
	_, _ = io.Copy(d, strings.NewReader("abc"))
	if got := d.Sum(); got != abc {
		t.Errorf("used again: got %q, want %q", got, abc)
	}
}

// TestDigestOfALongBody holds that every byte and the order count, however the body is cut.
func TestDigestOfALongBody(t *testing.T) {
	t.Parallel()
	body := []byte(strings.Repeat("0123456789abcde\n", 3*wholeDigest/16))
	sum := func(body []byte, cuts ...int) string {
		var d Digest
		_, _ = d.Write([]byte("what was before"))
		d.Reset()
		from := 0
		for _, to := range append(cuts, len(body)) {
			_, _ = d.Write(body[from:to])
			if got := d.View(); got != d.Sum() || got != string(d.AppendSum(nil)) {
				t.Errorf("after %d bytes: View says %s, Sum %s, AppendSum %s", to, got, d.Sum(), d.AppendSum(nil))
			}
			from = to
		}
		return d.Sum()
	}
	want := sum(body)
	for _, cuts := range [][]int{{1}, {wholeDigest}, {wholeDigest - 1}, {wholeDigest + 1}, {wholeDigest, wholeDigest + 1, 2 * wholeDigest}, {5, 2*wholeDigest + 5}} {
		if got := sum(body, cuts...); got != want {
			t.Errorf("cut at %v: got %s, want %s", cuts, got, want)
		}
	}
	seen := map[string]int{want: -1, sum(body[:len(body)-1]): -2, sum(body[:wholeDigest]): -3}
	for _, at := range []int{0, wholeDigest - 1, wholeDigest, wholeDigest + 1, len(body) - 1} {
		other := bytes.Clone(body)
		other[at] ^= 1
		got := sum(other)
		if before, ok := seen[got]; ok {
			t.Errorf("a change at %d has the digest of %d", at, before)
		}
		seen[got] = at
	}
}

// TestDigestUpToTheBound is the SHA-256 of the whole body, so that short bodies keep their digest.
func TestDigestUpToTheBound(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 1000, wholeDigest} {
		body := bytes.Repeat([]byte("x"), length)
		sum := sha256.Sum256(body)
		d := NewDigest()
		_, _ = d.Write(body)
		if got, want := d.Sum(), hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("of %d bytes: got %s, want %s", length, got, want)
		}
	}
}

func TestDigestAllocatesNothing(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	var used, empty Digest
	body, room := bytes.Repeat([]byte("x"), 2*wholeDigest), make([]byte, 0, 64)
	got := testing.AllocsPerRun(10, func() {
		used.Reset()
		_, _ = used.Write(body)
		_ = used.View()
		_ = used.AppendSum(room)
	})
	if got != 0 {
		t.Errorf("got %v allocations when used again, want none", got)
	}
	got = testing.AllocsPerRun(10, func() {
		_, _ = empty.Write(nil)
		_ = empty.View()
	})
	if got != 0 {
		t.Errorf("got %v allocations for an empty body, want none", got)
	}
}

func BenchmarkDigest(b *testing.B) {
	for _, length := range []int{0, 200, 1 << 20} {
		b.Run(fmt.Sprintf("%d bytes", length), func(b *testing.B) {
			var d Digest
			body := make([]byte, length)
			b.SetBytes(int64(length))
			b.ReportAllocs()
			for b.Loop() {
				d.Reset()
				_, _ = d.Write(body)
				_ = d.View()
			}
		})
	}
}
