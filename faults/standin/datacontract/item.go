package datacontract

// Content holds the members of every content item.
type Content struct {
	CompatibleSources Sources `json:",omitempty" xml:",omitempty"`
	ID                string  `json:"Id" xml:"Id"`
	ImageURL          string  `json:"ImageUrl,omitempty" xml:"ImageUrl,omitempty"`
	Link              string  `json:",omitempty" xml:",omitempty"`
	Name              string
	OtherIDs          OtherIDs `json:"OtherIds,omitempty" xml:"OtherIds,omitempty"`
	Source            string
}

// Values of Source.
const (
	SourceCatalog    = "Catalog"
	SourceCollection = "Collection"
)

// Artist is somebody who plays.
type Artist struct {
	Content
	Albums    *List[Album] `json:",omitempty" xml:",omitempty"`
	Biography string       `json:",omitempty" xml:",omitempty"`
	Genres    GenreNames   `json:",omitempty" xml:",omitempty"`
	Subgenres GenreNames   `json:",omitempty" xml:",omitempty"`
	TopTracks *List[Track] `json:",omitempty" xml:",omitempty"`
}

// TrackContainer is the base of albums and playlists.
type TrackContainer struct {
	Content
	Duration   Duration     `json:",omitempty" xml:",omitempty"`
	TrackCount *int         `json:",omitempty" xml:",omitempty"`
	Tracks     *List[Track] `json:",omitempty" xml:",omitempty"`
}

// Album is a recording of several tracks.
type Album struct {
	TrackContainer
	AlbumType   string             `json:",omitempty" xml:",omitempty"`
	Artists     Items[Contributor] `json:",omitempty" xml:",omitempty"`
	Genres      GenreNames         `json:",omitempty" xml:",omitempty"`
	IsExplicit  *bool              `json:",omitempty" xml:",omitempty"`
	LabelName   string             `json:",omitempty" xml:",omitempty"`
	ReleaseDate string             `json:",omitempty" xml:",omitempty"`
	Subgenres   GenreNames         `json:",omitempty" xml:",omitempty"`
	Subtitle    string             `json:",omitempty" xml:",omitempty"`
}

// Track is one piece of music.
type Track struct {
	Content
	Album       *Album             `json:",omitempty" xml:",omitempty"`
	Artists     Items[Contributor] `json:",omitempty" xml:",omitempty"`
	Duration    Duration           `json:",omitempty" xml:",omitempty"`
	Genres      GenreNames         `json:",omitempty" xml:",omitempty"`
	IsExplicit  *bool              `json:",omitempty" xml:",omitempty"`
	ReleaseDate string             `json:",omitempty" xml:",omitempty"`
	Rights      RightNames         `json:",omitempty" xml:",omitempty"`
	Subgenres   GenreNames         `json:",omitempty" xml:",omitempty"`
	Subtitle    string             `json:",omitempty" xml:",omitempty"`
	TrackNumber int                `json:",omitempty" xml:",omitempty"`
}

// Playlist is a list of tracks, a user's or a public one.
type Playlist struct {
	TrackContainer
	CollectionStateToken string `json:",omitempty" xml:",omitempty"`
	Description          string `json:",omitempty" xml:",omitempty"`
	IsPublished          bool
	IsReadOnly           bool
	UserIsOwner          bool
}

// Contributor is an artist in a role.
type Contributor struct {
	Artist Artist
	Role   string
}

// Radio is a station that was played.
type Radio struct{ Content }

// Genre is a kind of music.
type Genre struct {
	Name                  string
	HasEditorialPlaylists bool
	ParentName            string `json:",omitempty" xml:",omitempty"`
}

// Mood is a category of playlists.
type Mood struct{ Category }

// Activity is a category of playlists.
type Activity struct{ Category }

// Category is the base of moods and activities.
type Category struct {
	Description string `json:",omitempty" xml:",omitempty"`
	ID          string `json:"Id" xml:"Id"`
	ImageURL    string `json:"ImageUrl,omitempty" xml:"ImageUrl,omitempty"`
	Name        string
}

// ContentItem is an album or an artist among results of both kinds.
type ContentItem struct {
	Album  *Album  `json:",omitempty" xml:",omitempty"`
	Artist *Artist `json:",omitempty" xml:",omitempty"`
	// Type is "Albums" or "Artists".
	Type string
}
