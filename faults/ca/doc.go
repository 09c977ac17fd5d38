// Package ca is the certificate authority for interception: it makes the
// certificates by which the proxy answers in the name of the hosts it decrypts.
//
// # Two levels
//
// An authority has two certificates. The root is what people trust. Its key
// signs one thing, the issuing certificate, and is forgotten before anything is
// written: it is on no disk. The issuing certificate signs the leaves, is sent
// with each of them, and its key is what the key file holds. Both carry critical
// name constraints (RFC 5280 §4.2.1.10) with the domains of Options.Domains. So
// whoever steals the key file can stand for those hosts and no other, towards
// every client: also towards those, Java's among them, that hold the
// certificates below a root to its constraints but not the root to its own.
//
// The price is that an authority cannot learn a new host. Open refuses one that
// may not sign for all of Options.Domains, and says so: to intercept more hosts
// is to trust a new root. Options.Domains may be "*", which constrains nothing.
//
// # Files
//
// Both files are made on first use, in a directory that only its owner may
// write. The key file holds the key and both certificates and comes into being
// whole, by a link that fails if another process was faster, in which case
// that process's authority is used. The certificate file is a copy of the root
// for people and programs to trust. A file that is broken, expired, readable by
// others or does not match its neighbour is an error that names it; nothing that
// exists is ever overwritten.
package ca
