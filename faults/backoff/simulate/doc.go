// Package simulate plays clients whose back-off law is known, so that a classifier can be held to the truth.
//
// The waits are those of the law and a lateness on top, never less: in some 900 measured gaps with a known nominal wait none was early,
// the least overshoot was 0.5 ms, most were a few milliseconds, and a busy Node or Python process was seconds late. Every
// figure follows from the seed alone.
package simulate
