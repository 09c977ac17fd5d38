package datacontract

// Base is what every response type begins with.
type Base struct {
	Error *Error `json:",omitempty" xml:",omitempty"`
}

// Error is an error inside an answer, alone or beside data.
type Error struct {
	Description string
	ErrorCode   string
	Message     string `json:",omitempty" xml:",omitempty"`
}

// List is the contract's PaginatedList.
type List[T any] struct {
	ContinuationToken string `json:",omitempty" xml:",omitempty"`
	Items             Items[T]
	TotalItemCount    int `json:",omitempty" xml:",omitempty"`
}

// ContentResponse answers whatever finds items.
type ContentResponse struct {
	Base
	Albums            *List[Album]       `json:",omitempty" xml:",omitempty"`
	Artists           *List[Artist]      `json:",omitempty" xml:",omitempty"`
	CatalogActivities Items[Activity]    `json:",omitempty" xml:",omitempty"`
	CatalogGenres     Items[Genre]       `json:",omitempty" xml:",omitempty"`
	CatalogMoods      Items[Mood]        `json:",omitempty" xml:",omitempty"`
	Culture           string             `json:",omitempty" xml:",omitempty"`
	Playlists         *List[Playlist]    `json:",omitempty" xml:",omitempty"`
	Radios            *List[Radio]       `json:",omitempty" xml:",omitempty"`
	Results           *List[ContentItem] `json:",omitempty" xml:",omitempty"`
	Tracks            *List[Track]       `json:",omitempty" xml:",omitempty"`
}

// Empty reports whether there is no list of items.
func (r *ContentResponse) Empty() bool {
	return r.Albums == nil && r.Artists == nil && r.Playlists == nil && r.Tracks == nil
}

// StreamResponse says where music is.
type StreamResponse struct {
	Base
	ContentType string
	// ExpiresOn is an xs:dateTime in UTC.
	ExpiresOn string `json:",omitempty" xml:",omitempty"`
	URL       string `json:"Url" xml:"Url"`
}

// UserProfileResponse says what a user, or a country, has.
type UserProfileResponse struct {
	Base
	Collection                         *CollectionState `json:",omitempty" xml:",omitempty"`
	Culture                            string
	HasSubscription                    *bool `json:",omitempty" xml:",omitempty"`
	IsSubscriptionAvailableForPurchase bool
	Subscription                       *SubscriptionState `json:",omitempty" xml:",omitempty"`
}

// CollectionState is how full a user's collection is.
type CollectionState struct {
	PlaylistCount          int
	RemainingPlaylistCount int
	RemainingTrackCount    int
	Token                  string
	TrackCount             int
}

// SubscriptionState is what a user has subscribed to.
type SubscriptionState struct {
	EndDate string
	Region  string
	Type    string
}

// TrackActionResult is what became of one track of a batch.
type TrackActionResult struct {
	Base
	ID      string `json:"Id,omitempty" xml:"Id,omitempty"`
	InputID string `json:"InputId" xml:"InputId"`
}

// TrackActionResponse answers a batch of tracks.
type TrackActionResponse struct {
	Base
	TrackActionResults Items[TrackActionResult]
}

// PlaylistActionResult is a playlist after a write.
type PlaylistActionResult struct {
	ID                 string `json:"Id" xml:"Id"`
	IsPublished        bool
	IsReadOnly         bool
	Name               string
	TrackActionResults Items[TrackActionResult] `json:",omitempty" xml:",omitempty"`
}

// PlaylistActionResponse answers a write to a playlist.
type PlaylistActionResponse struct {
	Base
	PlaylistActionResult PlaylistActionResult
}

// RadioResponse is the next part of a radio.
type RadioResponse struct {
	Base
	SessionID string `json:"SessionId" xml:"SessionId"`
	Tracks    Items[Track]
}
