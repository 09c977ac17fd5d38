// Package auth says who calls the control API, and what they may do.
//
// A caller is known by a bearer token or by a client certificate; the former has the last word where both are there.
// Of a token only a hash is kept. Its secret has 256 random bits, so that a plain SHA-256 cannot be turned round, and
// nobody finds one by trying: the limit on failures is there to keep load and noise off, and does not look at
// calls that bring a good token. Whoever shares an address with a confused caller is not locked out.
//
// What a method takes is in one table, [Rules], which a test holds against the services that there are. A method that is
// not in it is refused.
//
// REST has no authentication of its own. It hands what its caller sent to the gRPC server over a connection in memory,
// see [Inner], and that connection alone may say where a call came from.
package auth
