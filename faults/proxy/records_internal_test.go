package proxy

import "testing"

// TestRecordsAreCounted cuts a stream of records anywhere.
func TestRecordsAreCounted(t *testing.T) {
	t.Parallel()
	stream := []byte{23, 3, 3, 0, 2, 'a', 'b', 22, 3, 3, 0, 0, 23, 3, 3, 1, 0}
	stream = append(stream, make([]byte, 256)...)
	ends := []int{7, 12, 273}
	for first := range len(stream) + 1 {
		for second := first; second <= len(stream); second++ {
			var r records
			from := 0
			for _, to := range []int{first, second, len(stream)} {
				r.pass(stream[from:to])
				ended, atEnd := 0, to == 0
				for _, end := range ends {
					if from < end && end <= to {
						ended++
					}
					atEnd = atEnd || to == end
				}
				if want := atEnd && ended <= 1; r.ended != ended || r.settled() != want {
					t.Fatalf("bytes %d to %d: %d records ended, settled is %t; want %d and %t", from, to, r.ended, r.settled(), ended, want)
				}
				from = to
			}
		}
	}
}
