package backoff_test

import (
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// FuzzClassify has calls of any gaps: it must not panic, and what it gives must be sound and fit to be written.
func FuzzClassify(f *testing.F) {
	seed := func(waits ...int64) {
		var data []byte
		for i, w := range waits {
			data = append(data, byte(i+1))
			data = binary.LittleEndian.AppendUint64(data, uint64(w))
		}
		f.Add(data)
	}
	seed(1e9, 2e9, 4e9)
	seed(0, 0, 0, 0)
	seed(-1, 1<<62, 1<<63-1, -1<<63)
	seed(1, 1e18, 1, 1e18)
	f.Fuzz(func(t *testing.T, data []byte) {
		fit := backoff.Classify(callsOf(data), backoff.Options{})
		if _, err := json.Marshal(fit); err != nil {
			t.Fatalf("got %v, want what can be written", err)
		}
		if fit.String() == "" || len(fit.Laws) > 2 || fit.Lead < 0 || fit.Gaps < 0 {
			t.Fatalf("got %+v, want a sentence, two laws at most and no negative figure", fit)
		}
		for _, l := range fit.Laws {
			for k := range 20 {
				if low, high := l.Window(k, time.Duration(k)); low < 0 || high < low {
					t.Fatalf("%v: got a window of %v to %v, want it rising from 0", l, low, high)
				}
			}
		}
	})
}

// callsOf cuts the data into gaps of nine bytes, the first of which has the index and what else there is to a gap.
func callsOf(data []byte) []backoff.Call {
	var calls []backoff.Call
	for len(data) >= 9 {
		head, wait := data[0], int64(binary.LittleEndian.Uint64(data[1:]))
		data = data[9:]
		if len(calls) == 0 || head&0x80 != 0 {
			calls = append(calls, backoff.Call{GaveUp: head&0x40 != 0})
		}
		last := &calls[len(calls)-1]
		last.Gaps = append(last.Gaps, backoff.Gap{Index: int(head&0x1f) - 1, Wait: time.Duration(wait), AfterRetryAfter: head&0x20 != 0})
	}
	return calls
}
