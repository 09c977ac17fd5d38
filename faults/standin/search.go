package standin

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// maxQuery bounds q, in bytes; the reference names no bound.
const maxQuery = 1000

// search answers the search endpoint.
func (s *Standin) search(c *call) (any, *problem) {
	if token, given := c.query["continuationtoken"]; given {
		return s.continueSearch(c, token)
	}
	limit, p := c.query.maxItems()
	if p != nil {
		return nil, p
	}
	if p := checkQuery(c.query); p != nil {
		return nil, p
	}
	from, p := c.source()
	if p != nil {
		return nil, p
	}
	filters, p := c.query.words("filters", kindNames[:]...)
	if p != nil {
		return nil, p
	}
	if len(filters) == 0 {
		filters = map[string]bool{"artists": true, "albums": true, "tracks": true}
	}
	answer := &contentResponse{}
	for k := range kind(kindCount) {
		if filters[kindNames[k]] {
			s.searchKind(c.caller, answer, k, continuation{
				Endpoint: groove.Search, List: kindNames[k], Key: c.query["q"],
				Source: string(from), Culture: c.culture, Limit: limit,
			})
		}
	}
	if answer.empty() {
		return nil, refuse(groove.CodeCatalogNoResult, "nothing matches")
	}
	return answer, nil
}

func checkQuery(query parameters) *problem {
	q := query["q"]
	if strings.TrimSpace(q) == "" {
		return refuse(groove.CodeMissingInputParameter, "q is missing or empty")
	}
	if len(q) > maxQuery {
		return refuse(groove.CodeInvalidInputParameter, "q has %d bytes, want %d at most", len(q), maxQuery)
	}
	return nil
}

// continueSearch gives the next page of one list of an earlier search.
func (s *Standin) continueSearch(c *call, token string) (any, *problem) {
	rest, p := s.pages.read(groove.Search, token)
	if p != nil {
		return nil, p
	}
	if q, given := c.query["q"]; given && q != rest.Key {
		return nil, refuse(groove.CodeContinuationTokenInvalidError, "the token belongs to another q")
	}
	if source(rest.Source).collection() {
		if p := c.needUser(); p != nil {
			return nil, p
		}
	}
	answer := &contentResponse{}
	s.searchKind(c.caller, answer, kind(slices.Index(kindNames[:], rest.List)), rest)
	return answer, nil
}

// searchKind adds one list of matches to an answer, unless there are none.
func (s *Standin) searchKind(who caller, answer *contentResponse, k kind, c continuation) {
	v := s.view(who, source(c.Source), c.Culture)
	switch k {
	case kindArtist:
		answer.Artists = matches(s, v, k, c, v.artist)
	case kindAlbum:
		answer.Albums = matches(s, v, k, c, v.album)
	case kindTrack:
		answer.Tracks = matches(s, v, k, c, v.track)
	case kindPlaylist:
		answer.Playlists = s.matchingPlaylists(who, v, c)
	}
}

// matches renders a page of the items of one kind that match, nil for none.
func matches[T any](s *Standin, v *view, k kind, c continuation, one func(int) T) *list[T] {
	found := s.catalogue.index[k].find(wordsOf(c.Key))
	if !v.from.catalogue() {
		found.keep(v.owned[k])
	}
	total := found.count()
	if total == 0 {
		return nil
	}
	return listOf(found.window(c.Offset, c.Limit), s.pages.token(c.next(), total), total, one)
}

// matchingPlaylists is matches for playlists: the caller's own, then public
// ones.
func (s *Standin) matchingPlaylists(who caller, v *view, c continuation) *list[playlistItem] {
	terms := wordsOf(c.Key)
	var found items[playlistItem]
	if v.from.collection() {
		own, state := s.collections.named(who.user, terms)
		for i := range own {
			found = append(found, v.playlist(&own[i], state))
		}
	}
	if v.from.catalogue() {
		matching := s.catalogue.index[kindPlaylist].find(terms)
		for _, at := range matching.window(0, matching.count()) {
			found = append(found, v.publicPlaylist(at))
		}
	}
	total := len(found)
	if total == 0 {
		return nil
	}
	return &list[playlistItem]{s.pages.token(c.next(), total), cut(c.page(), found), total}
}

// listOf renders the items at some places as a list.
func listOf[T any](at []int, token string, total int, one func(int) T) *list[T] {
	l := &list[T]{ContinuationToken: token, Items: make(items[T], len(at)), TotalItemCount: total}
	for i, place := range at {
		l.Items[i] = one(place)
	}
	return l
}
