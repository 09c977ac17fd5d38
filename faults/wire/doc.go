// Package wire reads HTTP/1.1 heads and follows the framing of bodies, on
// bytes that the caller owns. It has no socket, no goroutine and no clock, and
// nothing that accepts or refuses a message allocates.
//
// A relay reads into its buffer and calls Parse with what is there until the
// head is complete; it then forwards the bytes as they came, or has AppendHead
// write them without the fields that belong to the connection. A Body is told
// how the body ends and says of every slice how much of it belongs there.
// Heads keep offsets and the slice of the last Parse, so all they return
// points into the caller's buffer.
//
// # Strictness
//
// Two readers that understand the same bytes differently are what request
// smuggling is made of (RFC 9112 §11.2). The original bytes go to an upstream
// nobody here wrote, so whatever another reader is known to read differently
// is refused, even where a standard lets a recipient repair it:
//
//   - lines end in CRLF alone: no bare LF, no bare CR, no folded lines, no
//     control characters but the tab;
//   - one space on each side of the target, none before a colon, no field line
//     that begins with white space;
//   - one Content-Length at most, digits only, no leading zero, below 2^63, with
//     at most one space before it and none after; equal repetitions are refused;
//   - one Transfer-Encoding at most, "chunked" and nothing else, with the same
//     rule for space, never beside Content-Length and never in HTTP/1.0;
//   - Content_Length and Transfer_Encoding, which gateways turn into the fields
//     they look like, are refused;
//   - one Host in HTTP/1.1, not empty, a name or an address with an optional
//     port;
//   - Connection may not name Host, Content-Length or Transfer-Encoding, as that
//     would take the framing or the route out of the message on its way;
//   - trailers may not carry fields of framing, routing or connections.
//
// Accepted on purpose: one empty line before a request line (RFC 9112 §2.2),
// which is not forwarded; a status line without a reason and its space; any
// method that is a token; percent signs, quotes, braces and bytes above 0x7f in
// targets, for the target is the caller's and passes as sent; a Content-Length
// or Transfer-Encoding on a response whose status or request allows no body,
// where both are ignored (RFC 9112 §6.3).
//
// # Cutting
//
// How a message is cut into reads changes nothing: the same bytes give the
// same head, the same ranges and the same error.
package wire
