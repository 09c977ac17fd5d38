// Package runner does what the machine of package experiment says: it puts faults in force and takes them away, starts and
// ends the workload, sends probes, and keeps runs for those who look on.
//
// # Decisions
//
// Whatever ends a run, its faults are taken away before Do returns, the workload is ended and no goroutine is left. Where
// the process dies, the faults' lifetimes end them.
//
// A probe's answer is an outcome for the judge. It is tied to the call by the trace id that the probe sent, if any attempt
// carried it, else by the request that the probe says it causes.
package runner
