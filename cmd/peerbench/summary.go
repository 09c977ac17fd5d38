package main

import (
	"fmt"
	"slices"
)

// row is what is told of one peer, over all rounds.
type row struct {
	Peer string `json:"peer"`
	// CPU and Added are in microseconds a request, Peak is in bytes.
	CPU        spread `json:"cpu_us"`
	Throughput spread `json:"requests_per_second"`
	Added      spread `json:"added_p50_us"`
	Peak       spread `json:"peak_bytes"`
	// The ratios are ours/peer, round by round.
	CPURatio        spread `json:"cpu_ratio"`
	ThroughputRatio spread `json:"requests_per_second_ratio"`
	AddedRatio      spread `json:"added_p50_ratio"`
	PeakRatio       spread `json:"peak_ratio"`
}

// delayRow is the same for peers that hold exchanges back.
type delayRow struct {
	Peer string `json:"peer"`
	// The errors are in microseconds.
	Min spread `json:"min_us"`
	P50 spread `json:"p50_us"`
	P99 spread `json:"p99_us"`
	// The timers are the bare ones of the load.
	TimerP50 spread `json:"timer_p50_us"`
	TimerP99 spread `json:"timer_p99_us"`
	// P99Ratio is that of the exchanges to that of the bare timers.
	P99Ratio  spread `json:"p99_ratio"`
	BytesEach spread `json:"bytes_each"`
	CPU       spread `json:"cpu_us"`
}

// figures are those of one peer by round.
type figures map[int]float64

// take collects a figure of one peer from its turns.
func take[T any](turns []T, of func(*T) (peer string, round int, value float64), peer string) figures {
	found := make(figures)
	for i := range turns {
		if name, round, value := of(&turns[i]); name == peer {
			found[round] = value
		}
	}
	return found
}

func (f figures) spread() spread {
	var all []float64
	for _, value := range f {
		all = append(all, value)
	}
	return spreadOf(all)
}

// summarise fills in the rows and what became of the goals.
func (r *report) summarise(c *scenario) {
	for _, p := range append([]string{direct}, allNames()...) {
		if slices.ContainsFunc(r.Turns, func(t turn) bool { return t.Peer == p }) {
			r.Rows = append(r.Rows, r.row(p))
		}
		if slices.ContainsFunc(r.Delays, func(t delayTurn) bool { return t.Peer == p }) {
			r.DelayRows = append(r.DelayRows, r.delayRow(p))
		}
	}
	for _, row := range r.Rows {
		for _, g := range c.goals {
			if g.peer == row.Peer {
				r.reach(fmt.Sprintf("CPU a request at most %g × %s", g.most, g.peer), row.CPURatio.Median, row.CPURatio.Median <= g.most)
			}
		}
	}
	for _, row := range r.DelayRows {
		if row.Peer == ours {
			r.delayGoals(&row)
		}
	}
}

func (r *report) reach(goal string, figure float64, met bool) {
	r.Outcomes = append(r.Outcomes, outcome{goal, figure, met})
}

// The goals of the delays.
const (
	mostP50Micros = 1000
	mostP99Ratio  = 2
	mostBytesEach = 12_000
)

func (r *report) delayGoals(row *delayRow) {
	r.reach("never early, the earliest in µs", row.Min.Min, row.Min.Min >= 0)
	r.reach(fmt.Sprintf("p50 of the error at most %d µs", mostP50Micros), row.P50.Median, row.P50.Median <= mostP50Micros)
	r.reach(fmt.Sprintf("p99 of the error at most %d × that of a bare timer", mostP99Ratio), row.P99Ratio.Median, row.P99Ratio.Median <= mostP99Ratio)
	r.reach(fmt.Sprintf("memory of an exchange at most %d bytes", mostBytesEach), row.BytesEach.Median, row.BytesEach.Median <= mostBytesEach)
}

func (r *report) row(peer string) row {
	at := func(name string, of func(*turn) float64) figures {
		return take(r.Turns, func(t *turn) (string, int, float64) { return t.Peer, t.Round, of(t) }, name)
	}
	cpu := func(t *turn) float64 { return t.UserMicros + t.SystemMicros }
	throughput := func(t *turn) float64 { return float64(t.Requests) / t.Seconds }
	peak := func(t *turn) float64 { return float64(t.PeakBytes) }
	alone := func(t *turn) float64 { return t.AloneMicros }
	bare := at(direct, alone)
	added, our := less(at(peer, alone), bare), less(at(ours, alone), bare)
	compare := func(of func(*turn) float64) spread { return spreadOf(ratios(at(ours, of), at(peer, of))) }
	return row{
		Peer: peer, CPU: at(peer, cpu).spread(), Throughput: at(peer, throughput).spread(), Added: added.spread(), Peak: at(peer, peak).spread(),
		CPURatio: compare(cpu), ThroughputRatio: compare(throughput), AddedRatio: spreadOf(ratios(our, added)), PeakRatio: compare(peak),
	}
}

// less takes one figure from the other in each round that has both.
func less(from, what figures) figures {
	found := make(figures)
	for round, value := range from {
		if other, measured := what[round]; measured {
			found[round] = value - other
		}
	}
	return found
}

func (r *report) delayRow(peer string) delayRow {
	at := func(of func(*delayTurn) float64) figures {
		return take(r.Delays, func(t *delayTurn) (string, int, float64) { return t.Peer, t.Round, of(t) }, peer)
	}
	p99 := at(func(t *delayTurn) float64 { return t.P99Micros })
	timer := at(func(t *delayTurn) float64 { return t.TimerP99Micros })
	return delayRow{
		Peer: peer, P99: p99.spread(), TimerP99: timer.spread(), P99Ratio: spreadOf(ratios(p99, timer)),
		Min:       at(func(t *delayTurn) float64 { return t.MinMicros }).spread(),
		P50:       at(func(t *delayTurn) float64 { return t.P50Micros }).spread(),
		TimerP50:  at(func(t *delayTurn) float64 { return t.TimerP50Micros }).spread(),
		BytesEach: at(func(t *delayTurn) float64 { return t.BytesEach }).spread(),
		CPU:       at(func(t *delayTurn) float64 { return t.CPUMicros }).spread(),
	}
}

// allNames are those of all peers, in the order of the tables.
func allNames() []string {
	var names []string
	for _, p := range known() {
		names = append(names, p.name)
	}
	return names
}
