package standin

// The types below are the service's data contract. Their fields stand in the
// order in which a data-contract reader wants them in XML: embedded base types
// first, each alphabetically. JSON carries the same members in that order.

// base is what every response type begins with.
type base struct {
	Error *errorObject `json:",omitempty" xml:",omitempty"`
}

// errorObject is an Error inside an answer that carries data too.
type errorObject struct {
	Description string
	ErrorCode   string
	Message     string `json:",omitempty" xml:",omitempty"`
}

type contentResponse struct {
	base
	Albums        *list[albumItem]    `json:",omitempty" xml:",omitempty"`
	Artists       *list[artistItem]   `json:",omitempty" xml:",omitempty"`
	CatalogGenres items[genreItem]    `json:",omitempty" xml:",omitempty"`
	Culture       string              `json:",omitempty" xml:",omitempty"`
	Playlists     *list[playlistItem] `json:",omitempty" xml:",omitempty"`
	Tracks        *list[trackItem]    `json:",omitempty" xml:",omitempty"`
}

// empty reports whether nothing was found.
func (r *contentResponse) empty() bool {
	return r.Albums == nil && r.Artists == nil && r.Playlists == nil && r.Tracks == nil
}

// list is the contract's PaginatedList.
type list[T any] struct {
	ContinuationToken string `json:",omitempty" xml:",omitempty"`
	Items             items[T]
	TotalItemCount    int `json:",omitempty" xml:",omitempty"`
}

// item holds the members of every content item.
type item struct {
	CompatibleSources sources `json:",omitempty" xml:",omitempty"`
	ID                string  `json:"Id" xml:"Id"`
	ImageURL          string  `json:"ImageUrl,omitempty" xml:"ImageUrl,omitempty"`
	Link              string  `json:",omitempty" xml:",omitempty"`
	Name              string
	OtherIDs          otherIDs `json:"OtherIds,omitempty" xml:"OtherIds,omitempty"`
	Source            string
}

type artistItem struct {
	item
	Albums    *list[albumItem] `json:",omitempty" xml:",omitempty"`
	Genres    genreNames       `json:",omitempty" xml:",omitempty"`
	Subgenres genreNames       `json:",omitempty" xml:",omitempty"`
	TopTracks *list[trackItem] `json:",omitempty" xml:",omitempty"`
}

// trackContainer is the base of albums and playlists.
type trackContainer struct {
	item
	Duration   duration         `json:",omitempty" xml:",omitempty"`
	TrackCount *int             `json:",omitempty" xml:",omitempty"`
	Tracks     *list[trackItem] `json:",omitempty" xml:",omitempty"`
}

type albumItem struct {
	trackContainer
	AlbumType   string             `json:",omitempty" xml:",omitempty"`
	Artists     items[contributor] `json:",omitempty" xml:",omitempty"`
	Genres      genreNames         `json:",omitempty" xml:",omitempty"`
	IsExplicit  *bool              `json:",omitempty" xml:",omitempty"`
	LabelName   string             `json:",omitempty" xml:",omitempty"`
	ReleaseDate string             `json:",omitempty" xml:",omitempty"`
	Subgenres   genreNames         `json:",omitempty" xml:",omitempty"`
}

type trackItem struct {
	item
	Album       *albumItem         `json:",omitempty" xml:",omitempty"`
	Artists     items[contributor] `json:",omitempty" xml:",omitempty"`
	Duration    duration           `json:",omitempty" xml:",omitempty"`
	Genres      genreNames         `json:",omitempty" xml:",omitempty"`
	IsExplicit  *bool              `json:",omitempty" xml:",omitempty"`
	ReleaseDate string             `json:",omitempty" xml:",omitempty"`
	Rights      rightNames         `json:",omitempty" xml:",omitempty"`
	Subgenres   genreNames         `json:",omitempty" xml:",omitempty"`
	TrackNumber int                `json:",omitempty" xml:",omitempty"`
}

type playlistItem struct {
	trackContainer
	CollectionStateToken string `json:",omitempty" xml:",omitempty"`
	Description          string `json:",omitempty" xml:",omitempty"`
	IsPublished          bool
	IsReadOnly           bool
	UserIsOwner          bool
}

type contributor struct {
	Artist artistItem
	Role   string
}

type genreItem struct {
	Name                  string
	HasEditorialPlaylists bool
	ParentName            string `json:",omitempty" xml:",omitempty"`
}

type userProfileResponse struct {
	base
	Collection                         *collectionState `json:",omitempty" xml:",omitempty"`
	Culture                            string
	HasSubscription                    *bool `json:",omitempty" xml:",omitempty"`
	IsSubscriptionAvailableForPurchase bool
	Subscription                       *subscriptionState `json:",omitempty" xml:",omitempty"`
}

type collectionState struct {
	PlaylistCount          int
	RemainingPlaylistCount int
	RemainingTrackCount    int
	Token                  string
	TrackCount             int
}

type subscriptionState struct {
	EndDate string
	Region  string
	Type    string
}

// trackActionResult is what became of one track of a batch.
type trackActionResult struct {
	base
	ID      string `json:"Id,omitempty" xml:"Id,omitempty"`
	InputID string `json:"InputId" xml:"InputId"`
}

type trackActionResponse struct {
	base
	TrackActionResults items[trackActionResult]
}

type playlistActionResult struct {
	ID                 string `json:"Id" xml:"Id"`
	IsPublished        bool
	IsReadOnly         bool
	Name               string
	TrackActionResults items[trackActionResult] `json:",omitempty" xml:",omitempty"`
}

type playlistActionResponse struct {
	base
	PlaylistActionResult playlistActionResult
}
