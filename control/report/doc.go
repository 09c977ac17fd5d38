// Package report writes a verdict.Report for its readers: people (Text),
// programs (JSON) and CI servers (JUnit).
//
// # Decisions
//
// Clients, messages and header values come from the wire and may hold
// anything. What is no printable character is written as a visible escape in every
// form, so that a report can neither steer a terminal nor break a document.
//
// Nothing that was not judged looks green: a result that is not known counts
// as inconclusive, and JUnit, which has no such word, gets an error for it.
//
// Each function makes one call of Write and returns its error.
package report
