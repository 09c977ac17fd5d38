// Package coverage says which errors a caller was really exposed to, on which endpoints of those that it uses. A verdict of
// "pass" is worth as much as what was tried.
//
// It reads no clock, no file and no socket: attempts go in, a Matrix comes out.
//
// # What is to be covered
//
// For each endpoint that a caller used, all that the contract lets it answer: each error code of the categories that the endpoint
// can send, as a failure or, where its status is 200, as a soft error; each status that one of these codes comes with; and 503, which
// has no code. Beside that, what befalls any service though no reference lists it: six kinds of trouble on the way. An endpoint that
// no caller used is not counted, so that a caller of three endpoints can reach 100 %.
//
// # What counts as exposure
//
// An answer that reached the caller whole, whether a fault or the upstream made it: what matters is that the caller had to cope with it.
// An answer of the proxy's own making counts for nothing, nor does one that the caller did not wait for. Trouble on the way counts where
// a fault made it. A status is met through any of its codes; a code that the contract does not list for the endpoint, or not with
// that kind of answer, is kept apart and is no part of the share.
package coverage
