package catalog

// Kind is the type of an item.
type Kind int

// The kinds of items, in the order of their slices in a Catalog.
const (
	KindArtist Kind = iota
	KindAlbum
	KindTrack
	KindPlaylist
)

// KindCount is how many kinds there are.
const KindCount = 4

var kindNames = [KindCount]string{"artists", "albums", "tracks", "playlists"}

// String returns the word of the API for many of a kind, in lower case.
func (k Kind) String() string { return kindNames[k] }

// Ref names one item: its kind and its place.
type Ref struct {
	Kind Kind
	At   int
}

// Head is what every item has.
type Head struct {
	// ID begins with the namespace, as in answers.
	ID, Name string
	// Image is the URL of the picture without the culture at its end; Link is
	// the page of the item.
	Image, Link string
	// AMG is the item's id in the namespace music.amg, "" for playlists.
	AMG string
	// plays is how often the item was played.
	plays uint32
}

// Artist is somebody who plays.
type Artist struct {
	Head
	// Genres and Subgenres are names, the latter of children of the former.
	Genres, Subgenres []string
	// Albums are places, latest first; Tracks are places, best known first.
	Albums, Tracks []int
}

// Album is a recording of several tracks.
type Album struct {
	Head
	// Label published it.
	Label string
	// Subtitle is "" for most.
	Subtitle string
	// Released is an xs:dateTime in UTC.
	Released string
	// ICPN is the item's id in the namespace music.icpn.
	ICPN string
	// Artist is a place, Tracks are places in the order of the album.
	Artist int
	Tracks []int
	// Seconds is how long its tracks last together.
	Seconds  int
	Explicit bool
}

// Track is one piece of music.
type Track struct {
	Head
	// Subtitle is "" for most.
	Subtitle string
	// ISRC is the item's id in the namespace music.isrc.
	ISRC string
	// Album is a place, Number counts from 1 within it.
	Album, Number int
	Seconds       int
	// PurchaseOnly says that the track can be bought but not streamed.
	PurchaseOnly bool
}

// Playlist is a list of tracks that everybody can read.
type Playlist struct {
	Head
	Description string
	// Genre is the name of an editorial genre.
	Genre string
	// Moods and Activities are the ids of the categories it is in.
	Moods, Activities []string
	// Tracks are places, in order.
	Tracks []int
}

// Genre is a kind of music.
type Genre struct {
	// Name identifies it, Parent is the name of the genre above it or "".
	Name, Parent string
	// Editorial says that there are playlists of it.
	Editorial bool
}

// Category is a mood or an activity, by which playlists are found.
type Category struct {
	ID, Name, Description string
}
