// Package standin stands in for the retired Groove Music service: a handler
// that answers the documented requests the way the reference says, from a
// generated catalogue, with tokens that are checked and writes that change
// its state. Nothing in it is a fault: it fails only where the reference does.
//
// All four documented hosts are answered by path on one listener; the paths of
// the reference do not collide. What is not of the reference is below
// /__standin/: the state, and the media that streams and previews lead to.
//
// The parts are packages of their own: catalog is what there is, library what
// users have, listening what they hear, media how it sounds and looks, and
// datacontract how answers are written and requests read. This package reads
// requests and puts the answers together.
//
// # Decisions
//
// Where the reference is silent the stand-in decides, and these choices are
// ours:
//
//   - A documented path with another method answers 403 and that it is not for
//     this caller, a path that the reference does not have 404
//     CATALOG_NO_RESULT: the status table has no 405.
//   - A search without any match answers 404 CATALOG_NO_RESULT. A look-up
//     that finds some of its ids answers 200 with CATALOG_INVALID_DATA, one
//     that finds none 404 CATALOG_NO_RESULT. A page past the end of a list is
//     empty, a list that has no pages at all is not there: 404.
//   - A parameter that is given twice, a query that is not correctly encoded,
//     and a q over 1000 bytes answer 400 INVALID_INPUT_PARAMETER. Parameters
//     that an endpoint does not have are passed over.
//   - A body over 1 MB, and XML that declares a document type, answer 400
//     INVALID_INPUT_PARAMETER: the status table has no 413. Whatever is wrong
//     with a request, up to 65 MB of its body are taken before it is answered.
//   - What net/http cannot read never gets here, and is answered in plain text,
//     without an Error object: 400 to a path that is not correctly encoded and to
//     a Host field that names no host, 431 to a head over 1 MB.
//   - A continuation token belongs to the path and to the parameters that decide
//     what is in the list. Those may be left out, or given in other words
//     (source=Catalog+Collection after collection+catalog); others may change.
//   - The token endpoint speaks OAuth (RFC 6749 section 5.2) in its errors, as
//     the login host did: they carry no Error object.
//   - Any client_id with any client_secret is registered.
//   - Users have test tokens: see the constants. Nobody can sign in.
//   - When a request carries both an Authorization field and accessToken, the
//     field counts. A token that is not known is an invalid application token,
//     but INVALID_AUTHORIZATION_HEADER where a user's token is mandatory.
//   - The catalogue does not depend on the country, only the spotlight does; a
//     country that is not in the table of culture.go answers INVALID_COUNTRY.
//     Names are not translated.
//   - Playlists are browsed by mood and activity, and have no orderBy in the
//     catalogue. A mood or an activity that there is not answers 404.
//   - What is in a collection has ids of its own there, and is found by those of
//     the catalogue too. Only its own id deletes a track. A playlist shows its
//     tracks to its owner under ids that they have in it alone, to others as the
//     catalogue does; so are albums and artists that are not in the collection.
//   - A playlist that is not the caller's answers a write with 400
//     COLLECTION_INVALID_ID, one without an id, a name or anything to change
//     with COLLECTION_INVALID_PLAYLIST_INFO. A published one can be looked up by
//     everybody.
//   - One in forty of the tracks can be purchased but not streamed.
//   - A user's stream is held until its URL expires, the length of the track and
//     a minute after it was asked for.
//   - A radio session gives the same tracks when it is asked for them again, and
//     a new id to go on with.
//   - Pictures are 480 by 480 pixels unless w and h say otherwise, 2048 at most.
//   - Beyond 1000 users who own something, further ones are told that the
//     collection is full; of those who listen the quietest are forgotten.
//
// XML follows the data contract of the SDK: members of a base type come before
// those of the derived type, each alphabetically.
//
// # Sameness
//
// The catalogue, the ids of what is written, continuation tokens and radios
// depend on the seed and on the order of the writes alone, so that a run can be
// repeated with equal targets and bodies. Access tokens are signed with a key
// drawn at start and differ from run to run; times are those of the clock.
package standin
