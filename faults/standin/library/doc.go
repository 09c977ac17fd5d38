// Package library is what the users of the stand-in have: the tracks in their
// collections and their playlists. It is kept in memory, bounded by Options,
// and safe for concurrent use: writes to it are counted one by one, and Read
// sees none of them half done.
//
// A track that is added again is in a collection twice, as a playlist that is
// created again is: that is what makes a repeated write visible.
//
// Whatever a user has is known by ids of its own, which no other user can use.
// They depend on the seed, the user and the order of the user's writes alone,
// so that a run can be repeated with equal targets and bodies.
package library
