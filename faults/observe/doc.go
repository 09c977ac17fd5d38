// Package observe turns what the proxy saw into attempts and calls: who the
// client is, what makes two requests the same, which attempts belong to one
// call, and what must never be written down.
//
// It reads no clock, no file and no socket. Times are offsets on the proxy's
// monotonic clock, so that a journal can be judged again anywhere.
//
// # What it costs
//
// Scratch looks at the requests of one connection, Digest takes in a body, Tracker places the exchange, Attempt.AppendBinary writes
// it down: none of them allocates once it is warm. What a Scratch and a Digest give holds only for a while; an Attempt that is to be
// kept is cloned or written.
//
// # Secrets
//
// An Attempt holds no credential, no idempotency key and no body, only digests of them,
// and what looks like one in its target, its identifiers and its names is a short digest too. A digest shows that two things are equal, and lets
// somebody who can guess the thing test the guess; it gives nothing back.
//
// # Grouping
//
// A call identifier or an idempotency key that the client sends decides by itself. A request id (x-request-id and its like) may be made anew for
// each attempt, or stay over a session: it groups a fingerprint only once it was seen to repeat there, and none of the client's ids are
// used once one was on different requests, on two requests at once or came again after a success, or while there is only
// one. Such a call counts as inferred. Most clients send none; then
// attempts are grouped by fingerprint (client, method, target, body) and time: an attempt goes on with the
// call whose failed answer was handed over before it came, not too long ago. Connections
// say nothing, since a retry may come on any.
//
// A wrong group would accuse an innocent client, so whatever could be otherwise is GroupingAmbiguous:
//
//   - several calls wait for their next attempt;
//   - the client comes back after a failure just as it does after a success (Call.Polling);
//   - a call ended in failure and the next began, though that might have been a retry too;
//   - a lone failed attempt waited in vain and the client came back within five minutes more: it may just be slow;
//   - nothing is known of how the client comes back after a success, and a call looks like several: its gaps
//     fall back again and again, or it goes on for more than ten attempts without growing gaps.
//
// The last is a guess at shapes. Two calls that cross once on one target, of a client of which no success was ever
// seen, can look like one call; a healthy baseline before the faults rules that out.
package observe
