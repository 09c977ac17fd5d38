package groove

import "slices"

// Repeat says what happens when a request to an endpoint is sent twice.
type Repeat int

const (
	// RepeatSafe marks a request that may be repeated freely: every GET.
	RepeatSafe Repeat = iota
	// RepeatHarmless marks a POST that leaves nothing lasting behind (token,
	// radio.create): repeating it costs work but duplicates nothing.
	RepeatHarmless
	// RepeatUnsafe marks a POST that changes the user's collection. It carries
	// no idempotency key, so a repeat after a lost answer does the work twice.
	RepeatUnsafe
)

// UserToken says whether an endpoint needs a token that stands for a user.
type UserToken int

const (
	// UserTokenOptional accepts an application token.
	UserTokenOptional UserToken = iota
	// UserTokenForCollection needs a user token only when the request reaches
	// into the user's collection.
	UserTokenForCollection
	// UserTokenRequired refuses an application token.
	UserTokenRequired
	// UserTokenOrCountry needs a user token unless the query names a country.
	UserTokenOrCountry
)

// Endpoint describes one documented operation of the API.
type Endpoint struct {
	// Name is the word for this endpoint in configuration, API and reports.
	Name string
	// Method is the HTTP method, upper case.
	Method string
	// Template is the path, its variables in braces. Words compare without
	// regard to case, variables keep theirs.
	Template string
	// Aliases are further templates that answer alike.
	Aliases []string
	// Host is the documented host, without a port.
	Host string
	// User says whether a user token is needed.
	User UserToken
	// Repeat says whether a repeat does harm.
	Repeat Repeat
	// Answer names the response type, which is also the XML root element.
	Answer string
	// Categories are the error categories that this endpoint can send.
	Categories []Category
}

// Documented hosts. API calls also arrive at HostSDK, which the official C#
// SDK has compiled in.
const (
	HostAPI   = "music.xboxlive.com"
	HostSDK   = "api.media.microsoft.com"
	HostLogin = "login.live.com"
	HostImage = "musicimage.xboxlive.com"
)

var (
	fitsCatalog    = []Category{CategoryInput, CategoryAuth, CategoryServer, CategoryCatalog}
	fitsCollection = []Category{CategoryInput, CategoryAuth, CategoryServer, CategoryCollection}
	fitsDiscovery  = []Category{CategoryInput, CategoryAuth, CategoryServer, CategoryDiscovery}
	fitsDelivery   = []Category{CategoryInput, CategoryAuth, CategoryServer, CategoryDelivery}
	fitsStream     = []Category{CategoryInput, CategoryAuth, CategoryServer, CategoryDelivery, CategorySubscription}
	fitsProfile    = []Category{CategoryInput, CategoryAuth, CategoryServer, CategoryCollection, CategorySubscription}
	fitsGeneral    = []Category{CategoryInput, CategoryAuth, CategoryServer}
)

// Endpoint names, as used everywhere.
const (
	Search              = "search"
	Lookup              = "lookup"
	CatalogBrowse       = "catalog.browse"
	CollectionBrowse    = "collection.browse"
	Subbrowse           = "subbrowse"
	Genres              = "genres"
	Moods               = "moods"
	Activities          = "activities"
	NewReleases         = "newreleases"
	Spotlight           = "spotlight"
	Preview             = "preview"
	Stream              = "stream"
	Profile             = "profile"
	CollectionAdd       = "collection.add"
	CollectionDelete    = "collection.delete"
	PlaylistsCreate     = "playlists.create"
	PlaylistsUpdate     = "playlists.update"
	PlaylistsDelete     = "playlists.delete"
	RadioCreate         = "radio.create"
	RadioNext           = "radio.next"
	RadioRecentlyPlayed = "radio.recentlyplayed"
	Token               = "token"
	Image               = "image"
)

// endpoints is the reference's table, in its order.
var endpoints = []Endpoint{
	{Name: Search, Method: "GET", Template: "/1/content/{namespace}/search", Host: HostAPI, User: UserTokenForCollection, Answer: "ContentResponse", Categories: fitsCatalog},
	{Name: Lookup, Method: "GET", Template: "/1/content/{ids}/lookup", Host: HostAPI, User: UserTokenForCollection, Answer: "ContentResponse", Categories: fitsCatalog},
	{Name: CatalogBrowse, Method: "GET", Template: "/1/content/{namespace}/catalog/{type}/browse", Host: HostAPI, Answer: "ContentResponse", Categories: fitsCatalog},
	{Name: CollectionBrowse, Method: "GET", Template: "/1/content/{namespace}/collection/{type}/browse", Host: HostAPI, User: UserTokenRequired, Answer: "ContentResponse", Categories: fitsCollection},
	{Name: Subbrowse, Method: "GET", Template: "/1/content/{id}/{source}/{browseType}/{extra}/browse", Host: HostAPI, User: UserTokenForCollection, Answer: "ContentResponse", Categories: fitsCatalog},
	{Name: Genres, Method: "GET", Template: "/1/content/{namespace}/catalog/genres", Aliases: []string{"/3/content/{namespace}/catalog/genres"}, Host: HostAPI, Answer: "ContentResponse", Categories: fitsGeneral},
	{Name: Moods, Method: "GET", Template: "/1/content/{namespace}/catalog/moods", Host: HostAPI, Answer: "ContentResponse", Categories: fitsGeneral},
	{Name: Activities, Method: "GET", Template: "/1/content/{namespace}/catalog/activities", Host: HostAPI, Answer: "ContentResponse", Categories: fitsGeneral},
	{Name: NewReleases, Method: "GET", Template: "/1/content/{namespace}/newreleases", Host: HostAPI, Answer: "ContentResponse", Categories: fitsDiscovery},
	{Name: Spotlight, Method: "GET", Template: "/1/content/{namespace}/spotlight", Host: HostAPI, Answer: "ContentResponse", Categories: fitsDiscovery},
	{Name: Preview, Method: "GET", Template: "/1/content/{id}/preview", Host: HostAPI, Answer: "StreamResponse", Categories: fitsDelivery},
	{Name: Stream, Method: "GET", Template: "/1/content/{id}/stream", Host: HostAPI, User: UserTokenRequired, Answer: "StreamResponse", Categories: fitsStream},
	{Name: Profile, Method: "GET", Template: "/1/user/{namespace}/profile", Host: HostAPI, User: UserTokenOrCountry, Answer: "UserProfileResponse", Categories: fitsProfile},
	{Name: CollectionAdd, Method: "POST", Template: "/1/content/{namespace}/collection/add", Host: HostAPI, User: UserTokenRequired, Repeat: RepeatUnsafe, Answer: "TrackActionResponse", Categories: fitsCollection},
	{Name: CollectionDelete, Method: "POST", Template: "/1/content/{namespace}/collection/delete", Host: HostAPI, User: UserTokenRequired, Repeat: RepeatUnsafe, Answer: "TrackActionResponse", Categories: fitsCollection},
	{Name: PlaylistsCreate, Method: "POST", Template: "/1/content/{namespace}/collection/playlists/create", Host: HostAPI, User: UserTokenRequired, Repeat: RepeatUnsafe, Answer: "PlaylistActionResponse", Categories: fitsCollection},
	{Name: PlaylistsUpdate, Method: "POST", Template: "/1/content/{namespace}/collection/playlists/update", Host: HostAPI, User: UserTokenRequired, Repeat: RepeatUnsafe, Answer: "PlaylistActionResponse", Categories: fitsCollection},
	{Name: PlaylistsDelete, Method: "POST", Template: "/1/content/{namespace}/collection/playlists/delete", Host: HostAPI, User: UserTokenRequired, Repeat: RepeatUnsafe, Answer: "PlaylistActionResponse", Categories: fitsCollection},
	{Name: RadioCreate, Method: "POST", Template: "/1/content/{namespace}/radio/create", Host: HostAPI, User: UserTokenRequired, Repeat: RepeatHarmless, Answer: "RadioResponse", Categories: fitsGeneral},
	{Name: RadioNext, Method: "GET", Template: "/1/content/{namespace}/radio/{id}/next", Host: HostAPI, User: UserTokenRequired, Answer: "RadioResponse", Categories: fitsGeneral},
	{Name: RadioRecentlyPlayed, Method: "GET", Template: "/1/content/{namespace}/radio/recentlyplayed", Host: HostAPI, User: UserTokenRequired, Answer: "ContentResponse", Categories: fitsGeneral},
	{Name: Token, Method: "POST", Template: "/accesstoken.srf", Host: HostLogin, Repeat: RepeatHarmless, Answer: "TokenResponse", Categories: fitsGeneral},
	{Name: Image, Method: "GET", Template: "/content/{id}/image", Aliases: []string{"/catalog/{id}/image"}, Host: HostImage, Answer: "image", Categories: fitsGeneral},
}

// Endpoints returns every documented endpoint in the order of the reference.
// The caller owns the slice but not what its elements point to.
func Endpoints() []Endpoint { return slices.Clone(endpoints) }

// EndpointByName finds an endpoint by its exact name.
func EndpointByName(name string) (Endpoint, bool) {
	i := slices.IndexFunc(endpoints, func(e Endpoint) bool { return e.Name == name })
	if i < 0 {
		return Endpoint{}, false
	}
	return endpoints[i], true
}

// Fits reports whether the reference lets e answer with code.
func (e Endpoint) Fits(code ErrorCode) bool {
	info, ok := ErrorCodeByName(string(code))
	return ok && slices.Contains(e.Categories, info.Category)
}
