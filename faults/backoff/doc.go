// Package backoff names the law by which a client waits before it asks again: "exponential ×2 from 1 s, capped at 30 s, no jitter".
//
// It works on gaps, reads no clock and draws nothing: the same gaps give the same Fit in whatever order their calls came. Gaps
// collects them in bounded memory, Classify takes a few milliseconds. Package simulate plays clients whose law is known.
//
// # What is left out
//
// Gaps after an answer with Retry-After, which are not the client's own law. Gaps beyond five medians of their index, where there are
// four or more: the process stood still. Of a call the gaps after the sixteenth, and of a client's calls all but 256, picked by a
// checksum of their waits so that neither order nor length of watching sways the choice. The likelihoods are made of the first 96 gaps of
// these, whole calls at a time; more would cost more and say the same.
//
// # How a law is found
//
// Every law that a client may follow is weighed: the likelihood of the gaps under it, averaged over what is not known of it (base, factor,
// how much is added, cap), times how common it is. The average is what keeps a law with more to choose from behind one
// that fits as well with less. A family is named alone if it is e^4.6 likelier than the next, a hundred times; two are named if they
// lead the third by as much; else none is. What no law explains better than waits of which each index has its own is not named either.
// Fit.Lead ends at 12, beyond which theories are dropped half weighed.
//
// Growing laws with jitter of one kind are one family, whatever their curve: in full jitter ×2 is hardly told from linear with a
// dozen calls. The likelier curve is a figure of the law that is named, like its factor. Without jitter the curve is the name.
//
// The rules that a person would go by follow from the likelihoods, and tests hold them to it. Full jitter is refused where (1 − ratio)^(n−1)
// is below 1 %, ratio being the least wait of an index over the greatest. A ratio that rises to 1 is additive jitter, and a minimum
// that stays while the maximum grows is decorrelated. Linear and exponential are both named when only two gaps were seen. One rule
// stands by itself: where p90 − min is within 45 ms or 3 % of the median at every index (of 7 gaps or more), Fit.Jitters is never yes. And
// one is stricter: waits that grow by less than 1.12 from index to index are constant only if they do not grow beyond what timers do;
// else nothing is named.
//
// # How late a wait is
//
// Early is proof and late is nothing. Of 900 measured gaps with a known nominal wait none was early. Lateness is a mixture of
// exponential distributions with means of 4, 30, 150 ms and 1 s, in three levels: calm, loaded, swamped. The level may differ from
// index to index, for the recorded clients on Node and Python were up to 2.6 s late with their first two waits and within milliseconds
// from the third on. That, and that the base is read from the least waits, is how k = 1 is kept apart: a start that was slow sways nothing. If
// the first retry comes at once (lower quartile below 20 ms) and the second does not, the law may begin at the second, as that of urllib3 does.
//
// Half a thousandth of a second of earliness is allowed for timers that cut off, and one gap in a thousand may be a stray one, as an attempt
// that was taken for a repeat is.
//
// # What is common
//
// Of the fourteen clients that were measured and wait, nine have no jitter, five of them ×2, two linear; of the others one each has equal jitter,
// additive, ± 25 %, ± 50 %, and the 2^k − 1 of the Azure SDKs. Full jitter, decorrelated and constant full are in the literature and in
// use. So the laws that the classifier is held to start about alike, ×2 without jitter with twice as much, and what libraries do not have by default
// (± 30 %, a factor of 1.7, full jitter on a linear wait) with a hundredth to a tenth. Without those the eleven laws would be told apart with fewer
// calls, and a twelfth would be misnamed.
//
// # What it cannot do
//
// Calls that waited side by side in one process that stood still are all late alike, which looks like a law of its own. In the
// recordings that left ky without a name in one run and misnamed nothing, but a run in which every call is late by the same time
// may be misread: what is said of growth and jitter can be a warning, not proof.
//
// How right it is, anyone can see with
//
//	go test ./faults/backoff -run TestAccuracy -v -trials=60
package backoff
