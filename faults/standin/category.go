package standin

import (
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// genres answers the genres endpoint.
func (s *Standin) genres(c *call) (any, *problem) {
	answer := &datacontract.ContentResponse{Culture: c.culture}
	for _, g := range s.catalog.Genres {
		answer.CatalogGenres = append(answer.CatalogGenres, datacontract.Genre{
			Name: g.Name, HasEditorialPlaylists: g.Editorial, ParentName: g.Parent,
		})
	}
	return answer, nil
}

// moods answers the moods endpoint.
func (s *Standin) moods(c *call) (any, *problem) {
	answer := &datacontract.ContentResponse{Culture: c.culture}
	for _, m := range s.catalog.Moods {
		answer.CatalogMoods = append(answer.CatalogMoods, datacontract.Mood{Category: c.category(moodPrefix, m)})
	}
	return answer, nil
}

// activities answers the activities endpoint.
func (s *Standin) activities(c *call) (any, *problem) {
	answer := &datacontract.ContentResponse{Culture: c.culture}
	for _, a := range s.catalog.Activities {
		answer.CatalogActivities = append(answer.CatalogActivities, datacontract.Activity{Category: c.category(activityPrefix, a)})
	}
	return answer, nil
}

// Namespaces of the pictures of categories.
const (
	moodPrefix     = "music.mood."
	activityPrefix = "music.activity."
)

func (c *call) category(namespace string, of catalog.Category) datacontract.Category {
	return datacontract.Category{
		Description: of.Description,
		ID:          of.ID,
		ImageURL:    "http://musicimage.xboxlive.com/catalog/" + namespace + of.ID + "/image?locale=" + c.culture,
		Name:        of.Name,
	}
}
