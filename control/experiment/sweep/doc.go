// Package sweep tries the faults that the contract documents on the endpoints that a workload uses, one at a time, each once,
// twice and always. It plans the cases, says which is next, and weighs what came of each. It reads no clock, no file and no
// socket; package sweeper runs the cases.
//
// # What a case rests on
//
// A sweep begins with two runs in peace. What the workload sends in both alike, and as often, is its habit: of such a request
// it is known what it comes to without a fault. The verdict of a case is that of package verdict on the attempts of this case alone.
//
// What is sent more often under a fault than in peace need not be a repeat. Something larger may have been done again, such as a test
// by its runner; each of several operations may have fetched for itself what is kept only on success, such as a token; or something
// is polled until it is there. So a request that the workload sends exactly once in peace is given to the judge as one call with a
// name, up to its first success, only where little else can be: its waits rise as those of a back-off, three at least; or each send
// follows the one before within 250 ms, with nothing else begun and ended between, and it came more often by more than is missing of
// the rest of the workload. It is not done where other requests came more often as well, nor for faults whose answer may be right: a
// soft error, or one that is late. All else is judged as any caller's attempts are that bear no name.
//
// A test of one request that its runner runs again at once cannot be told on the wire from a caller that repeats without waiting. So a
// check that rests on such repeats warns, and fails only by waits that rise, by an id of the caller's own, or by more repeats than the
// workload can have tests: over 10, and over twice all that it sends in peace. What a check finds in peace too is held against no
// case.
//
// # Alike cases
//
// Two errors of an endpoint are alike if they have the same status and the judge asks the same of a caller for them. So all
// codes of 400 are one fault, and those of 403, 404, 429, 500 and 502; of 401 those that a new token mends are one and all
// others another; the two codes of 409 are two; those in a 200 are one, but for failed items of a batch. A connection that is
// closed is like one that is reset. Of those that are alike the likeliest stands for all. Options.EveryCode tries each code.
//
// A mode that can make no difference is not run: if once struck every exchange of the endpoint, as nothing came again, then
// twice and always would strike the same ones. Such a cell is that of once, and weighs nothing.
//
// # Retry-After
//
// An answer of 429 and 503 is tried without the field, with seconds, with a date and with an hour; with the field it strikes once, as
// whoever comes back then has done what was asked. If nothing came again after the answer without the field, and nothing after that with
// seconds, then the other forms can make no difference either, and are not run. Told to stay away for an hour a caller is watched for three
// times its own wait, 2 s at the least, and passes if it is away: that it gave up looks like that it waits.
//
// # Services
//
// A service that stays up is driven by probes, a round a case. The answers to the probes stand for the exit status. What it did in a case may come
// out later: by breakers that are open, caches, budgets that are spent, and repeats that are still to come. So
//
//   - each round under a fault is followed by rounds in peace until one is well: its probes are right, and nothing comes that peace does not
//     know. A case before which there is none is not tried, and inconclusive;
//   - an attempt that carries the trace of an earlier round's probe belongs to that round, whenever it comes. Of a service that passes none on a fail
//     must not rest on any one run: without that it must be found as well;
//   - the service goes on, so that what it has not sent again is never held against it: only what it answered is;
//   - a service that ends under the fault in every run fails by CheckExit, one that is not well within the time of the check "recovers" by that.
//     Both are started anew, if they can be.
//
// # Order
//
// First comes what does most harm: lost answers and failed writes, then overload and what is gone with a retry, then
// authorization, then the rest, and last what takes long: late and slow answers, dates and hours; once before always before twice, and no mode before once. A budget that ends leaves out the
// end of this order.
//
// # What a cell comes to
//
// Fail, if a check of the judge fails. Else the exit status counts, where one repeat would have mended it: after 502 and 503
// once, on a GET, the command must end with 0, or the cell fails by CheckExit; but it warns
// unless it is known of each request that was struck that it did not come again, or that it did and succeeded, as some repeat only
// within a budget. After 429, 500, a reset, a lost answer, a hang, a truncated or a late answer once, and after any fault of a POST,
// it warns. A command may fail after twice and always, after
// what is final, and after a failed write, which must not be repeated. An exit status counts only if it is the same in every
// run of the case. A command that does not end within the time of a case is Hung: that fails by CheckTime where the time was
// given on purpose, and is inconclusive where it was not, as some callers wait long.
//
// Pass, if the conduct that is asked for was seen: after what passes, each request came again and succeeded as often as in
// peace, or came again and was given up where the fault stays; after what is final, and after a failed write, none came again, nor
// another with the same path that peace does not know; after an expired token or a conflict, what mends it came between.
// Where that cannot be seen, as the requests are others in each run, only the judge's own pass is one.
//
// Info, where the wire can say nothing, as after a soft error. Inconclusive in all other cases; so is a fault that never
// fired.
package sweep
