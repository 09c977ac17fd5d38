package observe

import "testing"

func TestFingerprintKeepsPartsApart(t *testing.T) {
	t.Parallel()
	lists := [][4]string{
		{"c", "GET", "/a", ""},
		{"c", "GET", "/", "a"},
		{"c", "GE", "T/a", ""},
		{"cG", "ET", "/a", ""},
		{"", "cGET", "/a", ""},
		{"c", "GET", "", "/a"},
		{"d", "GET", "/a", ""},
		{"c", "POST", "/a", ""},
	}
	seen := map[uint64][4]string{}
	for _, l := range lists {
		fingerprint := Fingerprint(l[0], l[1], l[2], l[3])
		if other, ok := seen[fingerprint]; ok {
			t.Errorf("%q and %q have one fingerprint", other, l)
		}
		seen[fingerprint] = l
	}
	a := Attempt{Client: "c", Method: "GET", Target: "/a", Sequence: 7, Status: 503}
	if want := Fingerprint("c", "GET", "/a", ""); a.Fingerprint() != want {
		t.Errorf("got %x for the attempt, want %x", a.Fingerprint(), want)
	}
}

// The value keys draws and stands in journals: it must not change from version to version.
func TestFingerprintIsFixed(t *testing.T) {
	t.Parallel()
	if got, want := Fingerprint("curl/7.88.1@127.0.0.1", "GET", "/1/content/music/search?q=x", ""), uint64(0x2c5d49485f9e9de9); got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Fingerprint("curl/7.88.1@127.0.0.1", "GET", "/1/content/music/search?q=daft+punk&maxitems=5", "ba7816bf8f01cfea")
	}
}
