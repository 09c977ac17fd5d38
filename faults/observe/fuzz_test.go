package observe

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// hostile makes attempts of bytes, 16 each: every field may be anything.
func hostile(data []byte) []Attempt {
	texts := []string{"", "a", "b", "\x00\xff", CallHeader, "Retry-Attempt", "x-request-id"}
	pick := func(b byte) string { return texts[int(b)%len(texts)] }
	var attempts []Attempt
	for ; len(data) >= 16; data = data[16:] {
		a := Attempt{
			Sequence: uint64(data[0]) << (data[1] % 60), Received: time.Duration(binary.LittleEndian.Uint16(data[2:])) << (data[1] % 45),
			Conn: uint64(data[5] % 3), ConnUse: uint64(data[5] / 3 % 3), Client: pick(data[6]), Method: []string{"GET", "POST", ""}[data[7]%3],
			Target: pick(data[7] / 3), BodyDigest: pick(data[8]), CallIDHeader: pick(data[9]), CallID: pick(data[9] / 7),
			Counter: int(int8(data[10])), RequestID: pick(data[11]), Status: int(data[12]) * 4, Node: pick(data[13] / 16),
			RetryAfter:   []string{"", "0", "2", "9999999999999999999", "x", "Wed, 21 Oct 2015 07:28:00 GMT"}[data[14]%6],
			SingleFlight: data[14] > 127, Credential: pick(data[8] / 7), Address: pick(data[10] / 16), IdempotencyKey: pick(data[11] / 16),
		}
		if data[4] > 127 {
			a.Received = -a.Received
		}
		a.Answered = a.Received + time.Duration(int8(data[4]))<<(data[5]%40)
		a.Class = []groove.Class{groove.ClassSuccess, groove.ClassFailure, groove.ClassSoftError, ""}[data[13]%4]
		a.End = []End{EndComplete, EndBroken, EndClientLeft, "?"}[data[13]/4%4]
		if data[15] > 200 {
			a.Break, a.SpoiledBy = faults.BreakReset, []string{"x"}
		}
		if data[15]%2 == 0 {
			a.Time = time.Unix(int64(data[15])<<(data[1]%40), 0)
		}
		attempts = append(attempts, a)
	}
	return attempts
}

// Whatever the attempts say, none is lost, and nothing goes wrong.
func FuzzGroup(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdefFEDCBA9876543210"), byte(0))
	f.Add(slices.Repeat([]byte{1, 0, 3, 4, 0, 1, 1, 0, 0, 0, 255, 0, 125, 1, 0, 1}, 40), byte(8))
	f.Add(slices.Repeat([]byte{7, 9, 200, 255, 130, 4, 1, 3, 1, 4, 1, 6, 125, 29, 3, 250}, 30), byte(30))
	f.Fuzz(func(t *testing.T, data []byte, room byte) {
		attempts := hostile(data)
		for _, o := range []Options{{Room: int(room)}, {}} {
			chapters, counts := regroup(attempts, o, room%2 == 0)
			grouped := uint64(0)
			for _, c := range chapters {
				for i := range c.Calls {
					grouped += uint64(len(c.Calls[i].Attempts))
					c.Calls[i].Gaps()
					c.Calls[i].Bursts()
				}
			}
			if grouped != counts.Attempts || counts.Attempts+counts.Duplicates != uint64(len(attempts)) {
				t.Fatalf("got %d attempts in calls and %+v, want %d", grouped, counts, len(attempts))
			}
		}
	})
}
