package journal

import (
	"iter"
	"runtime"
)

// ordered does work on what comes, on all processors at once, and gives the results in the order of what came. It ends what it
// started before it returns.
func ordered[T, R any](tasks iter.Seq[T], work func(T) R) iter.Seq[R] {
	return func(yield func(R) bool) {
		results := make(chan chan R, 2*runtime.GOMAXPROCS(0))
		stop := make(chan struct{})
		go spread(tasks, work, results, stop)
		defer func() {
			close(stop)
			for range results {
				// Until the last has ended.
			}
		}()
		for result := range results {
			if !yield(<-result) {
				return
			}
		}
	}
}

// spread starts the work, as much of it at a time as results has room.
func spread[T, R any](tasks iter.Seq[T], work func(T) R, results chan<- chan R, stop <-chan struct{}) {
	defer close(results)
	for task := range tasks {
		result := make(chan R, 1)
		select {
		case <-stop:
			return
		case results <- result:
		}
		go func() { result <- work(task) }()
	}
}
