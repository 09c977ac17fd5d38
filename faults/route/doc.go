// Package route decides where an exchange may go and takes it there. It reads
// no HTTP but the answer of an upstream proxy to CONNECT.
//
// # Targets
//
// An exchange goes to the target of its host: a fixed one, the URL of a
// service that the operator named, or its origin, which is where the client
// wanted to go. A client of the reverse mode only ever reaches fixed targets.
// In the forward and transparent modes the hosts on the intercept list and
// those with a target of their own are served; what becomes of all others is
// Options.Others, and they are refused unless it says otherwise.
//
// # Never an open proxy
//
// A client must not reach through the proxy what it could not reach without,
// nor borrow the proxy's place in the network. So whatever a client names, for
// a tunnel or as the origin of an exchange, is held to these rules:
//
//   - hosts are names or addresses in their usual spelling; numbers that some
//     resolvers take for addresses (2130706433, 0x7f.1, 127.1) and zones are
//     refused;
//   - hosts that are neither intercepted nor listed go to ports 80 and 443 alone;
//   - only public addresses are dialled. Refused are loopback, link-local (where
//     clouds keep their metadata), private and shared networks, and whatever
//     else is not handed out for public use, also when it comes as IPv6
//     (mapped, compatible, NAT64, 6to4, Teredo). Options.Allow lifts this for
//     what it lists; addresses that are unspecified, multicast or reserved are
//     never dialled;
//   - the proxy's own listeners are never dialled, listed or not, for that would
//     be a loop.
//
// A name is resolved once for a connection, all its addresses are checked, and
// one of those is dialled: a name that means another address a moment later
// changes nothing. If one address of a name is refused, the name is.
//
// Fixed targets and the upstream proxy are the operator's own words and only
// held to the last rule. Behind an upstream proxy names are the proxy's to
// resolve and to judge; addresses and localhost are still refused here. Fixed
// targets on loopback are dialled directly even if there is an upstream proxy.
package route
