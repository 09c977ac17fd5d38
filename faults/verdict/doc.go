// Package verdict judges callers: every check is a pure function over calls,
// reads no clock and can be run again on a recorded journal.
//
// A check never accuses a client that can be proved innocent, and never passes
// one of which too little was seen: that is what Inconclusive is for.
//
// # What counts
//
// Answers count that a fault injected or the upstream gave, and that reached the client whole. An answer of our own making
// never counts, nor does what a client did after it. A gap runs from the last byte of an answer to the arrival of the
// next attempt. Early is proof and late is nothing: no client fails for being slow.
// A call that was still waiting when watching ended is no evidence that it was left alone, nor is any where attempts were lost on their way from other nodes.
//
// An answer that a fault slowed down, cut short or corrupted on its way neither succeeded nor failed: nobody knows what the client
// made of it. To ask again after one is no return after a success, and it settles nothing. A soft error alone is read by what it says.
// A connection that a fault broke is a failure; a hang ends when the client leaves, which is its own timeout.
// Neither is an answer, so no back-off is read from the gap that follows.
//
// The clocks of two processes may be a second apart, so a wait that two of them saw is no evidence of one that was too short; nor is it where one node was started anew in
// between. Each process numbers its connections from 1: equal numbers of two are two connections. All else goes across a restart: client and request
// have the same names, a call goes on, and calls, attempts and requests are counted once.
//
// # When a repeat is a repeat
//
// Most checks rest on the claim that one request is the repeat of another. An identifier that the
// client sends proves it, as long as the attempts that carry it ask for the same thing and none follows a success.
// Where attempts were brought together by their looks, a poller, a loop or a second
// user could have made them. Such a call counts only if
//
//   - the client is known by a healthy baseline of 10 calls that succeeded at once; or
//   - no request of it came as two calls, and that it comes back after first failures and leaves alone what is
//     settled is a thousand times likelier than that it comes back regardless; or
//   - no request of it came as two calls, the gaps of its calls rise so often that chance is out
//     of the question, and they rise in this call as well; or
//   - it is a write that came as one call only: nobody polls by writing.
//
// So a short run can fail a client without a baseline. Even then the call does not count if
//
//   - the same request was under way twice at a time;
//   - the client comes back to this request after a success too, unless no gap of the call is like that habit, and that
//     the gaps after failures of that kind have another source is a thousand times likelier;
//   - the request never succeeded, and the client came back to a fifth or more of those that did;
//   - its attempts came within 20 ms of each other on connections of their own, or on one that carries several exchanges at a time (HTTP/2, or one that was seen to), from a client that
//     has several requests under way at a time, and no other request shows the same: then it may be a crowd of like calls;
//   - they came so and nothing shows that they waited for the answers: quick ones are over before the next part of a page asks for the same. It shows where some answers took longer
//     than other attempts left them, so that chance is out of the question; or the client is known from 10 calls to the endpoint that came alone where Groove was well; or it
//     gave up after as many attempts on 3 other requests, where it waits.
//
// That a call was not repeated needs none of this: absence cannot be mistaken for polling. But repeats that may be
// repeats speak for the client there, as do ambiguous calls. An ambiguous call never counts against a client; it can keep
// a check from passing. Repeats of a final answer want more, see below.
//
// # What it takes to fail
//
// One request that came again is never enough, whatever is known of the client: it may have been polled, or been sent by the next user,
// process or test case. A Fail rests on the same conduct on 3 different requests, for the repeat of a write on 2, or on calls that
// the client named: by X-Groovechaos-Call, the invocation id of an SDK, an idempotency key or a counter of attempts. A request
// id that was seen to repeat is no such name, as a session or a page may share it. With fewer the finding is Inconclusive and says
// so, and that on a write is a Warn. Beyond that, where calls are not named:
//
//   - final-not-retried wants repeats whose gaps rise, each by a fifth, 3 of them or just those of other calls; or that come within 250 ms with no other request of the client
//     in between; and the baseline, or 3 gaps that rise. Equal gaps of seconds are polling.
//     Two requests are enough if each was repeated three times or more at waits that rise, and 3 other requests at the very same but for the first.
//   - attempts-capped wants gaps that never fall back by more than a fifth, as those of several callers do, and rise by a half
//     in all, or lie under 20 ms throughout: a poller's are equal.
//   - retry-after-honoured and retry-after-not-early leave out an attempt that came early if the same request
//     came again when Retry-After was over and at most 3 s later, or if it came so after an answer further back: one caller of two
//     may have honoured it. This leaves out the clients that go by a schedule of their own which happens to fit.
//   - write-not-repeated wants a client that never made a write again after it had succeeded: that one may mean it after a failure too.
//     Repeats after 0.9 s or more, now sooner and now later, may be a person's who tried again: two must be a program's, or all
//     at the same moment: within 45 ms, 20 ms where there are only two. That the client backs off elsewhere says nothing of who pressed here.
//   - amplification fails by calls that are named or whose gaps rise three times and never fall back, half of all at least: attempts of several callers cross, and parts of
//     a page that ask for the same one after the other come at equal gaps or in bursts, as one caller's would. Nor by calls that a key alone names and that pause for a
//     minute or more, and then no longer: a queue runs a job anew under its key.
//   - transient-retried leaves calls open, 5 or more at an endpoint, that failed within a second before the endpoint fell silent for 5 s or more, and those after
//     which it fell silent again: a circuit breaker that opens before the first repeat is due looks like this. A client that has one request under way at a time
//     would have repeated the first before it sent the second, and where it came no more at all no breaker is needed for that. Ten or more that failed each at once after the
//     other may have been sent side by side though none overlap, if nothing shows that they waited for the answers.
//   - transient-retried warns of a client that repeated one call and abandoned the others: its retry budget may be empty. It does not
//     fail one of which the same request came again in any way. Where the client comes back to a request after a success too, what comes within 10 minutes
//     of a failure leaves open whether that was repeated.
//
// A round speaks for nobody and against nobody: requests, 3 or more, that come again one after the other in the order in which they
// came first, after all of them had come. A loop does that, and the next user of the same pages. Its repeats count if they have 3 gaps that
// rise, or rise at all in a client that is known for it; transient-retried also takes those that came to the point
// of a Retry-After.
//
// Repeats are a program's if they came within 250 ms, in a call with 3 gaps that rise, or at the moment at which 2 other requests or more came again. That tells
// something only if those are half at least of all that came again anywhere near, and more than chance would put there: where a program draws its waits
// from a range, some of them lie near whatever a person does. Of the repeats that count against a client half must be such, as one in 50 of people's is by accident.
//
// # Where the catalogue leaves room
//
// backs-off: three gaps under 20 ms fail a client unless some calls contradict them. Full jitter on a base of 25 ms
// gives such gaps too, in one call of sixteen; then the calls must be so many, or so quick, that it would do so less than once in a hundred
// times. In a lone call the three gaps must lie within 5 ms of each other. Otherwise the delay is called tiny, which fails nobody.
//
// retry-after-honoured: a client that waits 1 s of its own and is told to wait 2 s fails neither by a correlation nor
// by half of the time. It is seen by comparison: 3 calls that came early, when 3 calls without the field came back just so
// (wget, in the recordings). Dates count for a client and not against it, as reading only seconds is another
// check's matter, and so is a Retry-After of more than 30 s, at which to give up is sound.
//
// An early attempt that may be another caller's who was told before is left out (see above), but not in a call that keeps the client's own schedule: three
// waits or more that grow, just those of 3 other requests that were told nothing. Nor in a call that one caller made by its length: it was given up
// after just as many attempts as every other call of the client that met 429 or 503 to its end, 5 at least were told nothing and have waits that rise beyond chance, nothing came more
// often, no request came as two calls, the waits of the call grow by half in all and none falls back, or nobody waited at any, and the client was watched until another
// attempt was due at the latest. Two callers would have gone on for twice as long, unless they have less time when they are told to wait. So a call counts for nothing of which
// the attempts could be dealt out among callers, two attempts each at least, who take turns and come when they were told to. A client that is found to ignore Retry-After does
// not also come early. In backs-off a wait that ended at once in spite of a Retry-After counts as none: nothing drove it.
//
// The shape of the waits (grows, jitters, delay-capped, delay-state) is read from waits that are certain to be the client's own, and from
// the shortest of them, as late is nothing: that half of them lie within 45 ms of the shortest shows that nothing is drawn, whatever
// the longer half does. A wait still grows beyond 60 s if two calls say so, or two steps of one. Later calls are compared with the first one only if
// they met the same status at the same endpoint and began when it was over: calls under way together are late together. In Node and
// Python a first wait that is longer than the second is never held against the client. All of these are warnings.
//
// retry-after-long: who gives up leaves it to people to ask again, now sooner and now later. So an early return counts
// if it came within 250 ms, at the same moment for 3 requests, or in a call that climbs. That the client did not come back passes once the workload has ended.
//
// retry-after-zero: to keep a wait of one's own takes 3 of them without one at once; a busy process may be late with some.
//
// retry-budget looks at calls with one status, that with which most failed, and not at those that were told to wait for more than 30 s: a
// client leaves some alone for another reason than an empty budget.
//
// calm-after-recovery counts arrivals, whoever made them, and says nothing of a part of what a client did. A rate that fades in the last 10 of
// the 30 s is queued work.
//
// no-herd is about all clients together and runs once a report, which holds its finding if something happened that it is about, or if it was asked
// for. Rules of a policy that name clients or endpoints do not reach it. The first own return of each client counts. The time over which an even
// spread is reckoned ends when nine in ten are back, as stragglers would make a herd of every jitter; and what the fullest tenth of a second
// holds must be out of the question by chance, over all such moments.
//
// # Laws
//
// The law of a client is that of the waits that it chose by itself, in all calls that are certain; a status has one of its own if that is certain and of another
// family. What the client does about Retry-After is what retry-after-honoured and retry-after-not-early say.
//
// In flight at the first 429 are repeats of a 429, not what followed another failure before.
//
// write-not-repeated: a break before the upstream had seen the write counts like one after it, as no client can tell them apart; the
// summary says which it was. A 429 or 503 after which Groove had done the work is still a warning, for the same reason. A
// repeat after more than a minute counts if it came within 250 ms of what Retry-After asked for; else it may be meant, and keeps the check from passing. A
// repeat within 20 ms of the death of a reused connection may be the HTTP stack's own and counts neither way.
// A client that left before its answer and came back fails only if it names its calls. Otherwise a
// person may have pressed twice, and it is warned.
//
// final-not-retried and transient-retried go by the limits of the policy. What is listed as transient fails a client, but for a 429 without
// Retry-After, which is a warning always; 500 is one unless it is listed. What is listed as both is final.
//
// After a 401 the credential counts, not what it is sent as: two signatures of one signer are the same, and of a scheme that nobody
// knows nothing is known. A request for a token carries none, so that it may come under another name, and from a program of its own: one from the same
// address excuses whoever comes back after it, one from elsewhere makes it uncertain.
//
// token-refreshed says nothing of a client from whose address nobody ever asked for a token: it may do so where the proxy cannot see it. If a token was asked for
// within the minute, a call that seems abandoned may have come back under a name that could not be joined to the old one. A client that refreshed
// for some calls and not for others is warned.
//
// conflict-not-blind takes any look at what may show the collection for a read of it. write-applied-once counts what Groove itself answered, and only over
// repeats that the client decided on: not those of its HTTP stack, nor two that overlap. A fault that strikes one call at a time makes the
// grouping certain, and not that no person pressed again who was told that it had failed: one such write is enough if the repeat came within 250 ms, or with waits that rise or are
// the same for several requests, and else a warning, as with other writes.
//
// key-not-reused compares what came under one key by one method on one path: where keys are scoped by endpoint, as by several APIs, one may stand for something else on
// another.
//
// body-kept and key-not-reused cannot look into a body: two of the same length that are multipart by their header fields may differ in nothing but their boundaries.
//
// headers-kept: users behind one credential have languages and programs of their own. Where calls are not named, a field counts only if it is the
// same in all calls to the endpoint, 3 at least; where they are, one that is gone counts always, and one that differs unless it does so from call to call
// as well. Fields whose names speak of identifiers, counters, times, signatures, ranges or conditions are each attempt's own.
//
// target-kept, stops-after-success and no-overlap want a call id: only the last takes an idempotency key too. An id is taken for that of something larger if it goes on with another request
// after a success, or has three. One that comes after a success three times and waits each time may be a poller's, unless it counts; a success that took more than a second may
// have come when the client had left. An attempt that the client left before the next came is its own timeout, however late the proxy was told, and reads
// that overlap are hedges. A write that comes again more than a second after the first, still unanswered, may be one given up behind an intermediary, which hides that
// from the proxy.
//
// attempts-capped: a key may name a job that a queue runs anew, minutes later. Where a pause of a minute or more is followed by no longer wait, no run may have too many attempts.
//
// retry-after-not-early: the waits must depend on Retry-After by more than accident, at most once in 200 for each sign of it: that they rise with it (6 calls never show
// that, 8 just do); that they lie within a quarter of it, or at it, where the client's own do not; or that all of them are longer than its own. Without that the early
// ones are left open. Waits that rise with it by accident fail retry-after-honoured if four in five came early and where the client's own
// lie. That early ones lie in the range of its own shows that they are no person's, if people's, drawn from 2 s at least, would not be there once in 200 times. A client
// whose clock is fast misses every date by as much. Dates alone fail it only if it misses them by more the further ahead they are.
//
// key-stable: a key names its call, so that a repeat with another key comes as another call. It is taken for a repeat if it comes within 250 ms with nothing else in
// between, on 3 different requests. Later it may be a person who means it.
//
// error-surfaced and code-mapped are about calls none of whose attempts the client could show: a hedge is let go when the one beside it succeeds, and an answer that
// was still under way when the last attempt came may have ended the call. A client that answers with what it has in a cache when Groove fails (stale-if-error, RFC 5861)
// reports that as partial, as it may be stale: no proxy can tell a cache from an error that was swallowed.
//
// An outcome that fits calls of two clients, or two calls of one, is about none of them.
//
// recovers: the user still gets errors if there are some after the time and no success since the last failure. Errors that follow a success have another cause, and
// keep the check open.
//
// # Verdicts
//
// A finding that is Inconclusive makes the verdict so if its check was asked for. A check that was asked for and saw nothing of any client, as one that the policy has switched
// off, is named among the reasons of the report. A client that met no failure is Inconclusive too, but
// does not weigh on the report as long as another one did meet some: it may be the same
// program under another credential.
package verdict
