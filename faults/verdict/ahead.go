package verdict

import (
	"iter"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// aheadBatch is how many attempts are handed over at a time, mostAhead how many batches wait at most.
const aheadBatch, mostAhead = 256, 4

// ahead gives what seq gives, which runs ahead in a goroutine of its own: reading attempts costs as much as looking at them. It has ended
// when ahead has.
func ahead(seq iter.Seq[*observe.Attempt]) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		batches, stop := make(chan []*observe.Attempt, mostAhead), make(chan struct{})
		go fetch(seq, batches, stop)
		defer func() {
			close(stop)
			for range batches {
				// Until it has ended.
			}
		}()
		for batch := range batches {
			for _, a := range batch {
				if !yield(a) {
					return
				}
			}
		}
	}
}

// fetch fills batches until there is nothing more or nobody wants it.
func fetch(seq iter.Seq[*observe.Attempt], batches chan<- []*observe.Attempt, stop <-chan struct{}) {
	defer close(batches)
	batch := make([]*observe.Attempt, 0, aheadBatch)
	for a := range seq {
		if batch = append(batch, a); len(batch) < aheadBatch {
			continue
		}
		select {
		case <-stop:
			return
		case batches <- batch:
		}
		batch = make([]*observe.Attempt, 0, aheadBatch)
	}
	select {
	case <-stop:
	case batches <- batch:
	}
}
