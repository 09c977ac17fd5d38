// Package sweep tries the faults that the contract documents on the endpoints that a workload uses, one at a time, each once,
// twice and always. It plans the cases, says which is next, and weighs what came of each. It reads no clock, no file and no
// socket; package sweeper runs the cases.
//
// # What a case rests on
//
// A sweep begins with two runs in peace. What the workload sends in both alike, and as often, is its habit: of such a request
// it is known what it comes to without a fault. One fault alone is different in a case, so what is sent more often in it was
// sent again for the fault's sake, whoever in the workload decided on it: the caller, or something above it. The verdict of a
// case is that of package verdict on the attempts of this case alone. A request that the workload sends exactly once in peace
// is one call there, so its attempts are given to the judge as a call with a name, up to its first success. That is not done
// where other requests came more often as well: then something larger was done again, such as a test by its runner. It is
// not done either for faults whose answer may be right: a soft error, or one that is late.
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
// # Order
//
// First comes what does most harm: lost answers and failed writes, then overload and what is gone with a retry, then
// authorization, then the rest; once before always before twice, and no mode before once. A budget that ends leaves out the
// end of this order.
//
// # What a cell comes to
//
// Fail, if a check of the judge fails. Else the exit status counts, where one repeat would have mended it: after 502 and 503
// once, on an endpoint where repeating is safe, the command must end with 0, or the cell fails by CheckExit; after 429, 500, a
// reset, a lost answer, a hang, a truncated or a late answer once, it warns. A command may fail after twice and always, after
// what is final, and after a failed write, which must not be repeated. An exit status counts only if it is the same in every
// run of the case. A command that does not end within the time of a case is Hung: that fails by CheckTime where the time was
// given on purpose, and is inconclusive where it was not, as some callers wait long.
//
// Pass, if the conduct that is asked for was seen: after what passes, each request came again and succeeded as often as in
// peace, or came again and was given up where the fault stays; after what is final, and after a failed write, none came again.
// Where that cannot be seen, as the requests are others in each run, only the judge's own pass is one.
//
// Info, where the wire can say nothing, as after a soft error. Inconclusive in all other cases; so is a fault that never
// fired.
package sweep
