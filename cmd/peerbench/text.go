package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// text is the document for a person.
func (d *document) text() string {
	var b strings.Builder
	m := d.Machine
	fmt.Fprintf(&b, "%s, %d cores, %s, Linux %s\n", m.CPU, m.Cores, m.Memory, m.Kernel)
	for _, v := range d.Versions {
		fmt.Fprintf(&b, "  %-13s %s\n", v.Name, v.Version)
	}
	fmt.Fprintf(&b, "%d rounds of %d s, seed %d; medians, in parentheses the extremes; ratios are ours/peer within a round\n", d.Rounds, d.Seconds, d.Seed)
	for i := range d.Scenarios {
		d.Scenarios[i].text(&b)
	}
	return b.String()
}

func (r *report) text(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s: %s, %d connections\n", r.Name, r.Title, r.Connections)
	if r.Unavailable != "" {
		fmt.Fprintf(b, "  %s\n", r.Unavailable)
		return
	}
	fmt.Fprintf(b, "  load average %s before, %s after\n", r.LoadBefore, r.LoadAfter)
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	if len(r.Rows) > 0 {
		fmt.Fprintln(table, "  PEER\tCPU/REQ\tOURS/PEER\tREQ/S\tOURS/PEER\tADDED P50\tOURS/PEER\tPEAK\tOURS/PEER")
	}
	for _, row := range r.Rows {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Peer,
			figure(row.CPU, "%.1f µs", 1), row.told(row.CPURatio),
			figure(row.Throughput, "%.0f", 1), row.told(row.ThroughputRatio),
			figure(row.Added, "%.0f µs", 1), row.told(row.AddedRatio),
			figure(row.Peak, "%.1f MB", 1<<20), row.told(row.PeakRatio))
	}
	if len(r.DelayRows) > 0 {
		fmt.Fprintln(table, "  PEER\tEARLIEST\tERROR P50\tERROR P99\tTIMER P50\tTIMER P99\tP99/TIMER\tMEMORY EACH\tCPU EACH")
	}
	for _, row := range r.DelayRows {
		fmt.Fprintf(table, "  %s\t%+.0f µs\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Peer, row.Min.Min,
			figure(row.P50, "%.0f µs", 1), figure(row.P99, "%.0f µs", 1), figure(row.TimerP50, "%.0f µs", 1), figure(row.TimerP99, "%.0f µs", 1),
			ratio(row.P99Ratio), figure(row.BytesEach, "%.1f kB", 1000), figure(row.CPU, "%.1f µs", 1))
	}
	_ = table.Flush() // a strings.Builder takes everything
	for _, o := range r.Outcomes {
		fmt.Fprintf(b, "  %s %s: %s\n", map[bool]string{true: "met   ", false: "MISSED"}[o.Met], o.Goal, o.figure())
	}
}

// told is a ratio of this peer; ours has none to itself, and the origin is no peer.
func (r *row) told(s spread) string {
	if r.Peer == ours || r.Peer == direct {
		return ""
	}
	return ratio(s)
}

// figure is the median in a unit of so much.
func figure(s spread, format string, unit float64) string {
	if s.Count == 0 {
		return "–"
	}
	return fmt.Sprintf(format, s.Median/unit)
}

func ratio(s spread) string {
	if s.Count == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", s.Median, s.Min, s.Max)
}
