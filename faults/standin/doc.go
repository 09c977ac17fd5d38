// Package standin stands in for the retired Groove Music service: a handler
// that answers the documented requests the way the reference says, from a
// generated catalogue, with tokens that are checked and writes that change
// its state. Nothing in it is a fault: it fails only where the reference does.
//
// All four documented hosts are answered by path on one listener; the paths of
// the reference do not collide.
//
// # What is there
//
// token, search, lookup, genres, collection.add, playlists.create, profile.
//
// # What is not there yet
//
// catalog.browse, collection.browse, subbrowse, moods, activities,
// newreleases, spotlight, preview, stream, collection.delete,
// playlists.update, playlists.delete, radio.create, radio.next,
// radio.recentlyplayed and image answer 403 with an Error whose Message says
// so. Also missing: bodies in XML, look-up by ISRC, ICPN or by the ids of items
// inside a collection, translated names, CORS.
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
//     that finds none 404 CATALOG_NO_RESULT.
//   - A parameter that is given twice, a query that is not correctly encoded,
//     and a q over 1000 bytes answer 400 INVALID_INPUT_PARAMETER.
//   - A body over 1 MB answers 400 INVALID_INPUT_PARAMETER: the status table
//     has no 413.
//   - The token endpoint speaks OAuth (RFC 6749 section 5.2) in its errors, as
//     the login host did: they carry no Error object.
//   - Any client_id with any client_secret is registered.
//   - Users have test tokens: see the constants. Nobody can sign in.
//   - A track that is added again is in the collection twice, as a playlist
//     that is created again is: that is what makes a repeated write visible.
//   - When a request carries both an Authorization field and accessToken, the
//     field counts.
//   - The catalogue does not depend on the country; a country that is not in
//     the table of culture.go answers INVALID_COUNTRY.
//
// XML follows the data contract of the SDK: members of a base type come before
// those of the derived type, each alphabetically. Duration is an xs:duration
// and CompatibleSources is separated by a space there, because that is what a
// .NET data-contract reader takes; JSON has hh:mm:ss and a comma.
//
// # Sameness
//
// The catalogue, the ids of what is written and the continuation tokens depend
// on the seed and on the order of the writes alone, so that a run can be
// repeated with equal targets and bodies. Access tokens are signed with a key
// drawn at start and differ from run to run.
package standin
