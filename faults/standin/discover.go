package standin

import (
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

const (
	// countReleases is how many new releases there are, as in the samples.
	countReleases = 30
	// countSpotlight is how many items the spotlight has.
	countSpotlight = 12
)

// newReleases answers the newreleases endpoint: the latest albums, of a genre
// if one is given.
func (s *Standin) newReleases(c *call) (any, *problem) {
	latest := s.catalog.Ordered(catalog.KindAlbum, catalog.ReleaseDate)
	var albums []int
	if name, given := c.query[byGenre]; given {
		if _, known := s.catalog.GenreNamed(name); !known {
			return nil, refuse(groove.CodeDiscoveryInvalidGenre, "genre is %q", name)
		}
		albums = browsed(latest, func(at int) bool { return s.catalog.InGenre(catalog.Ref{Kind: catalog.KindAlbum, At: at}, name) })
	} else {
		albums = latest
	}
	if len(albums) == 0 {
		return nil, refuse(groove.CodeDiscoveryNoResult, "nothing new in the genre")
	}
	return c.results(each(albums[:min(len(albums), countReleases)], c.resultAlbum)), nil
}

// spotlight answers the spotlight endpoint: well-known albums and artists,
// others in each country.
func (s *Standin) spotlight(c *call) (any, *problem) {
	// A number for each pair of letters.
	_, country, _ := strings.Cut(c.culture, "-")
	from := 26*int(country[0]-'A') + int(country[1]-'A')
	places := make([]int, countSpotlight)
	for i := range places {
		places[i] = from + i
	}
	results := each(places, func(at int) datacontract.ContentItem {
		if at%3 == 2 {
			return datacontract.ContentItem{Type: "Artists", Artist: new(c.view().artist(at % s.catalog.Len(catalog.KindArtist)))}
		}
		return c.resultAlbum(at % s.catalog.Len(catalog.KindAlbum))
	})
	return c.results(results), nil
}

func (c *call) resultAlbum(at int) datacontract.ContentItem {
	return datacontract.ContentItem{Type: "Albums", Album: new(c.view().album(at))}
}

// results makes an answer that is complete on one page.
func (c *call) results(items []datacontract.ContentItem) *datacontract.ContentResponse {
	return &datacontract.ContentResponse{Results: &datacontract.List[datacontract.ContentItem]{Items: items, TotalItemCount: len(items)}}
}
