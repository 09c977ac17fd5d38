// Package tracing tells an OpenTelemetry collector of attempts: a span for each, which continues the trace that the caller
// named in its traceparent field.
//
// It stands beside the data path and not in it. Attempts are read from the journal after they were recorded, as whoever
// watches them reads them; the ring of the journal is the queue. What it has forgotten before the collector took it is
// counted as dropped. The traceparent that the upstream gets is the caller's, untouched: to be transparent, our span is beside
// those of the upstream and not above them.
//
// Spans say no more than the journal does: targets come without secrets, credentials not at all. The attributes
// are those of the semantic conventions for HTTP servers, but for url.scheme, which an attempt does not have; ours begin with
// "groovechaos.".
package tracing
