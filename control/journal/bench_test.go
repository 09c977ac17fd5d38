package journal

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// benchmarked writes a journal of so many attempts to a file.
func benchmarked(b *testing.B, format Format, attempts int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "journal")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	w, err := NewWriter(out, format, header)
	if err != nil {
		b.Fatal(err)
	}
	for i := range attempts {
		a := tried(i)
		if err := w.Attempt(&a); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.End(ending); err != nil {
		b.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkJournal opens a journal and goes through it twice as the judge does, without the judge; and with it.
func BenchmarkJournal(b *testing.B) {
	const attempts = 1_000_000
	for _, format := range []Format{Binary, NDJSON} {
		path := benchmarked(b, format, attempts)
		b.Run(fmt.Sprintf("read twice/%s", format), func(b *testing.B) {
			for b.Loop() {
				j := open(b, []string{path}, "")
				for range 2 {
					count := 0
					for range j.Attempts() {
						count++
					}
					if count != attempts {
						b.Fatalf("got %d attempts, want %d", count, attempts)
					}
				}
			}
		})
		b.Run(fmt.Sprintf("judge/%s", format), func(b *testing.B) {
			for b.Loop() {
				if _, err := open(b, []string{path}, "").Judge(Question{Ended: true}); err != nil {
					b.Fatal(err)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapSys)/1e6, "MB-heap")
		})
	}
}
