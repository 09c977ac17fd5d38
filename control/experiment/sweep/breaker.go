package sweep

import "time"

// leastTrips is how many failures open a circuit breaker at the least, tripWithin in what time they come: before a repeat of the first
// was due. It is what package verdict has.
const leastTrips, tripWithin = 5, time.Second

// tripped reports that in a run so many attempts failed together that a circuit breaker may have kept all of them from being repeated.
func (w *weighing) tripped() bool {
	for i := range w.runs {
		if w.runs[i].trips(w.bar.Fault) {
			return true
		}
	}
	return false
}

// trips reports that enough attempts that the fault struck came together.
func (r *Ran) trips(fault string) bool {
	var ended []time.Duration
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if !strikes(a, fault) {
			continue
		}
		ended = append(ended, a.Answered)
		if n := len(ended); n >= leastTrips && a.Received-ended[n-leastTrips] <= tripWithin {
			return true
		}
	}
	return false
}
