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
// Group makes two passes. Learn sums up each client over the whole journal; a Grouper then places the attempts as they come and hands
// calls over in chapters. Neither keeps more than a bounded amount, whatever the number of attempts, and what a chapter says does not
// depend on where it was cut: what is said of a call rests on what Learn found and on attempts that were waited for. A call that had to
// be let go before its end, for want of room, is ambiguous, and so is what may be its rest. Attempts that come too far out of order
// are kept, and all calls for the same are ambiguous. Counts says how many there were of each.
//
// A call identifier or an idempotency key that the client sends decides by itself. A request id (x-request-id and its like) may be made anew for
// each attempt, or stay over a session: it groups a fingerprint only once it was seen to repeat there, and none of the client's ids are
// used once one was on different requests, on two requests at once or came again after a success, or while there is only
// one. Where there is none a trace id (traceparent) serves as one, on each fingerprint by itself: as all requests of one operation share it, it may be on
// different ones. Such a call counts as inferred, and goes on no longer than one that time makes: what comes when the wait for it is over, or after as many attempts
// as the client is known to make, is another call, in doubt like the one before if it comes soon after. A trace of more than 10 attempts whose gaps do not grow is in
// doubt. Most clients send none; then
// attempts are grouped by fingerprint (client, method, target, body) and time: an attempt goes on with the
// call whose failed answer was handed over before it came, not too long ago. Connections
// say nothing, since a retry may come on any.
//
// A wrong group would accuse an innocent client, so whatever could be otherwise is GroupingAmbiguous:
//
//   - several calls wait for their next attempt, and no matching is clearly the best;
//   - the client comes back after a failure just as it does after a success (Call.Polling);
//   - a call ended in failure and the next began, though that might have been a retry too;
//   - calls for the same were under way together, and an attempt comes in under a quarter of the least time in which such a
//     call ever went on: it rather crosses it;
//   - a lone failed attempt waited in vain and the client came back within five minutes more: it may just be slow;
//   - nothing is known of how the client comes back after a success, and a call looks like several: its gaps
//     fall back again and again, or it goes on for more than ten attempts without growing gaps.
//
// The last is a guess at shapes. Two calls that cross once on one target, of a client of which no success was ever
// seen, can look like one call; a healthy baseline before the faults rules that out.
//
// # How likely a repeat is
//
// Call.Posteriors weighs two explanations of each attempt that time and fingerprint bring to a call. One is the client's law of waiting: the
// density of the waits that were seen after as many attempts and the same status, or around Retry-After where one was sent, mixed with a
// prior that is log-uniform from 1 ms to 60 s and stands for four waits. The other is how often the request comes of its own accord: as often
// as it did while no call was under way, and in the client's rhythm where it has one. Only requests that were never under way twice
// at a time teach the law, and only calls the waits of which hardly fall back. The posterior decides little by itself: below 0.05
// the call is ambiguous if the client was seen to come back of its own accord ten times. Who wants figures takes what is 0.95 or more.
//
// Where several calls for the same wait and enough is known of the law, attempts are held back, eight of them or two seconds, and
// matched with the calls so that the likelihood of all waits together is greatest. A pairing is certain if the best matching without it is less than
// a hundredth as likely; all others are ambiguous. Calls that cross in numbers come back after each other's successes, as polling does: of these only a
// call is certain that kept to a Retry-After of a second or more each time, within 250 ms, and succeeded. That is what distinct
// values are for. Where nothing is known of the law, the call that waits longest goes on, and all are ambiguous.
//
// How many calls such a crowd was cannot be told exactly from its attempts: that a request failed and came again is one call that went on, or one that
// gave up and another that began, and both leave the same attempts behind. Attempts, failures and what a user was told stay exact; the calls are
// as many as the likeliest matching has, all of them ambiguous, and no Fail rests on their number. Who wants them counted sends distinct values of Retry-After, a trace id
// for each operation, an identifier, or strikes one call at a time.
//
// A client gives up after a certain number of attempts if five calls or more did so alike after answers with one status, and none ever
// went on longer: such a call is closed, and what follows is another. A fault that strikes one call at a time (Attempt.SingleFlight) makes
// what comes after each failure its repeat, unless something above speaks against it.
//
// # Hedges and bursts
//
// A request by a safe method that comes while one or two like it are unanswered may be a hedge: Call.Hedges. Nobody can
// tell it from a second user's, so that it stays a call of its own unless it is named. Two layers of retries make bursts: Call.Bursts.
//
// # A fresh credential
//
// Under the default rules a client that refreshes its token becomes another. Its calls go on under its first name if a request was refused with
// 401 or a code that says so, and the same request comes again within a minute from the same address and program with a credential never seen
// before; if the old credential sends nothing any more that succeeds; if exactly one client may have sent it, and may have been refused; and
// if a token was asked for in between, where such requests are seen at all. Without an address nothing is joined.
//
// # Several nodes
//
// Each node has its own clock. They are aligned by what their attempts say of the wall clock, and calls give all times on the clock of the
// node whose name comes first. A gap across nodes is Inexact: wall clocks may differ by ClockDoubt.
//
// A node that was started anew numbers its attempts from 1 again, on another clock. By what its attempts say of the wall clock such a process is told from
// the one before, and counts as a node of its own, with a number behind the name: "west", then "west#2".
package observe
