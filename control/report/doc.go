// Package report writes a verdict.Report for its readers: people (Text, HTML), pull requests (Markdown), programs (JSON) and CI servers
// (JUnit). What a page shows beside the verdict is a Content, which Collect makes of the attempts. Compare says what became of the callers
// from one report to the next.
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
// A page is one file without script, address or font from elsewhere, and its policy refuses them. Drawings are SVG whose places are percent
// of the width, so that words keep their size on a phone. Nothing is told by colour alone: results have a symbol and a word, attempts their
// status, and each drawing a table.
//
// Its size is bounded by what is chosen to be shown: clients with the worst results, calls that findings against them rest on, then calls that met
// trouble, drawn by a hash of their names and so the same each time. The page says how much is left out.
//
// Each function makes one call of Write and returns its error.
package report
