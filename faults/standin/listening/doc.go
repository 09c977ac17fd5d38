// Package listening is what the users of the stand-in are hearing: who streams
// on which device, and which radios were played. It is kept in memory, bounded
// and safe for concurrent use.
package listening
