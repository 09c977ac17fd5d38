// Package experiment is the script of a run: a workload, phases with their faults, probes, expectations and guardrails,
// and the machine that plays it. It reads no clock, no file and no socket: what happened and when goes in, what is to be
// done comes out. Package experiment/runner does it.
//
// # Decisions
//
// A phase ends when it has seen its calls and they are over, when nothing has come for its idle time, or with its
// duration, whichever is first. So a run is never longer than its phases, and no faster than the caller. A command that is
// repeated has to start anew: the time until its first attempt in a phase is not the phase's, and no time until the first after
// a start is idle.
//
// Calls are counted here by a rule of thumb: a request like one that failed a moment ago is a repeat. It only says when a
// phase is over. The verdict groups attempts with all the care of faults/observe.
//
// The faults of a phase are in force in it alone. Their names are those of the phase and their own, joined by a dot. Each
// is given a lifetime that ends shortly after the phase must have ended, so that none outlives a run whose runner died.
//
// A run says no more than it saw: a phase that was not reached, or a fault that never fired, makes it inconclusive,
// unless the phase is optional.
package experiment
