package standin

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// contractOrder is the order in which a reader of the SDK's data contract
// takes the members of each type; one that comes late is silently lost.
var contractOrder = map[string]string{
	"ContentResponse":      "Error Albums Artists CatalogActivities CatalogGenres CatalogMoods Culture Playlists Radios Results Tracks",
	"Artist":               "CompatibleSources Id ImageUrl Link Name OtherIds Source Albums Biography Genres RelatedArtists Subgenres TopTracks",
	"Album":                "CompatibleSources Id ImageUrl Link Name OtherIds Source Duration TrackCount Tracks AlbumType Artists Genres IsExplicit LabelName ReleaseDate Subgenres Subtitle",
	"Track":                "CompatibleSources Id ImageUrl Link Name OtherIds Source Album Artists ContentType Duration Genres IsExplicit ReleaseDate Rights Subgenres Subtitle TrackNumber",
	"Playlist":             "CompatibleSources Id ImageUrl Link Name OtherIds Source Duration TrackCount Tracks CollectionStateToken Description IsPublished IsReadOnly UserIsOwner",
	"Contributor":          "Artist Role",
	"OtherId":              "Namespace Id",
	"Error":                "Description ErrorCode Message",
	"UserProfileResponse":  "Error Collection Culture HasSubscription IsSubscriptionAvailableForPurchase Subscription",
	"Collection":           "PlaylistCount RemainingPlaylistCount RemainingTrackCount Token TrackCount",
	"Subscription":         "EndDate Region Type",
	"TrackActionResponse":  "Error TrackActionResults",
	"TrackActionResult":    "Error Id InputId",
	"PlaylistActionResult": "Id IsPublished IsReadOnly Name TrackActionResults",
	"TopTracks":            "ContinuationToken Items TotalItemCount",
}

type node struct {
	XMLName  xml.Name
	Children []node `xml:",any"`
	Text     string `xml:",chardata"`
}

// check reports members that are unknown or out of order, here and below. A
// genre with members is a Genre of CatalogGenres.
func (n node) check(problems *[]string) {
	order, known := contractOrder[n.XMLName.Local]
	if n.XMLName.Local == "Genre" && len(n.Children) > 0 {
		order, known = "Description Id ImageUrl Name ParentId HasEditorialPlaylists ParentName", true
	}
	last := -1
	for _, child := range n.Children {
		if child.XMLName.Space != groove.XMLNamespace {
			*problems = append(*problems, fmt.Sprintf("%s is in the namespace %q", child.XMLName.Local, child.XMLName.Space))
		}
		if known {
			at := slices.Index(strings.Fields(order), child.XMLName.Local)
			if at <= last {
				*problems = append(*problems, fmt.Sprintf("%s in %s is unknown, twice or late", child.XMLName.Local, n.XMLName.Local))
			}
			last = at
		}
		child.check(problems)
	}
}

func TestXMLFollowsTheDataContract(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	id := s.create(t, UserTokenSubscriber, `{"Name":"x","TrackActions":[{"Id":"`+getLucky+`","Action":"Add"}]}`)
	for name, c := range map[string]struct{ target, body, root string }{
		"search":           {searchPath + "q=daft&filters=artists+albums+tracks+playlists&", "", "ContentResponse"},
		"lookup":           {"/1/content/" + getLucky + "+" + daftPunk + "+" + accessMem + "+" + unknownID + "+" + sharedList + "/lookup?extras=albums+topTracks+tracks+albumDetails+artistDetails&", "", "ContentResponse"},
		"own playlist":     {"/1/content/" + id + "/lookup?", "", "ContentResponse"},
		"genres":           {genresPath + "?", "", "ContentResponse"},
		"profile":          {"/1/user/music/profile?", "", "UserProfileResponse"},
		"collection.add":   {addPath + "?", addBody(getLucky, unknownID), "TrackActionResponse"},
		"playlists.create": {createPath + "?", `{"Name":"a\u0000b","TrackActions":[{"Id":"` + unknownID + `","Action":"Add"}]}`, "PlaylistActionResponse"},
		"an error":         {"/1/content/" + unknownID + "/lookup?", "", "ContentResponse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.play(UserTokenSubscriber, c.target+"contentType=xml", c.body)
			var root node
			if err := xml.Unmarshal(r.body, &root); err != nil {
				t.Fatalf("read %s: %v", r.body, err)
			}
			if root.XMLName != (xml.Name{Space: groove.XMLNamespace, Local: c.root}) || len(root.Children) == 0 {
				t.Errorf("root is %v with %d members, want %s", root.XMLName, len(root.Children), c.root)
			}
			var problems []string
			root.check(&problems)
			if len(problems) > 0 {
				t.Errorf("%v in %s", problems, r.body)
			}
		})
	}
}

func TestXMLValuesDifferFromJSON(t *testing.T) {
	t.Parallel()
	r := newStandin(t, Options{}).play(ApplicationToken, "/1/content/"+getLucky+"/lookup?contentType=xml", "")
	for _, want := range []string{
		"<Duration>PT6M9S</Duration>",
		"<CompatibleSources>Catalog Collection</CompatibleSources>",
		"<OtherIds><OtherId><Namespace>music.amg</Namespace><Id>T ",
		"<Rights><Right>Purchase</Right><Right>Stream</Right><Right>FreeStream</Right></Rights>",
		"<Artists><Contributor><Artist>",
		"<Tracks><Items><Track>",
	} {
		if !strings.Contains(string(r.body), want) {
			t.Errorf("%s is not in %s", want, r.body)
		}
	}
}

func TestDurationInXML(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]string{
		0: "PT0S", 5: "PT5S", 60: "PT1M", 369: "PT6M9S", 3600: "PT1H", 4464: "PT1H14M24S",
	} {
		got, err := xml.Marshal(newDuration(seconds))
		if err != nil || string(got) != "<duration>"+want+"</duration>" {
			t.Errorf("%d s are %s, %v, want %s", seconds, got, err, want)
		}
	}
}
