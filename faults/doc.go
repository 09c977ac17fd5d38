// Package faults is the model of what goes wrong and the decision when it does.
//
// A Fault is a named, switchable resource: a match (which exchanges it is
// about), a trigger (when it fires), one effect and a lifetime. Validate is
// the one place where faults are checked, whichever door they came through.
// An Engine holds the compiled set and decides every exchange.
//
// Decisions are pure: they depend on the fault set, the seed, the exchange and
// the counters of the set, and on nothing else. The package reads no clock, no
// file and no socket; time comes in as an argument.
//
// # Draws
//
// Draws are keyed, not streamed: a draw is a hash of the seed, what it is
// drawn for, the fingerprint of the call and its place among calls alike. The
// same seed and the same calls give the same faults whatever the concurrency.
//
// All faults with a terminal effect that match an exchange share one draw:
// their shares lie side by side on [0, 1) in the order the faults were
// created. That is what makes 10 % and 5 % come out as 10 % and 5 %. Delays and
// spoils draw on their own and may combine with each other and with a terminal
// fault, as far as that leaves an answer of the upstream for them. Breaks at
// accept are about connections, and share a draw of their own.
//
// # Counting
//
// Whatever counts is exact however many exchanges come at once: first, every,
// limit, the tokens of a quota, and the slots of max_active, which whoever
// carries a decision out gives back with Release.
package faults
