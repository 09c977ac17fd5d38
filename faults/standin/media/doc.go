// Package media makes the sound and the pictures of the stand-in: small files
// of the real formats that say nothing. The same arguments give the same
// bytes.
package media
