package standin

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
	"github.com/groovechaos/groovechaos/faults/standin/listening"
)

// sessionLifetime is how long a radio's session can be continued.
const sessionLifetime = 24 * time.Hour

// session is what a session id holds: a radio, and how much of it was played.
type session struct {
	Radio  string
	Played int
}

// createRadio answers the radio.create endpoint.
func (s *Standin) createRadio(c *call) (any, *problem) {
	limit, p := c.query.maxItems()
	if p != nil {
		return nil, p
	}
	var body datacontract.CreateRadioRequest
	if p := c.readBody("CreateRadioRequest", &body); p != nil {
		return nil, p
	}
	radio, p := s.tune(body.Seeds)
	if p != nil {
		return nil, p
	}
	radio.ID = s.radioID(c.caller.user, radio)
	return c.play(radio, 0, limit), nil
}

// tune finds what a radio is to play.
func (s *Standin) tune(seeds []datacontract.RadioSeed) (listening.Radio, *problem) {
	switch {
	case len(seeds) == 0:
		return listening.Radio{}, refuse(groove.CodeMissingInputParameter, "Seeds is missing or empty")
	case len(seeds) > 1:
		return listening.Radio{}, refuse(groove.CodeInvalidInputParameter, "there are %d seeds, want one", len(seeds))
	case seeds[0].ID == "":
		return listening.Radio{}, refuse(groove.CodeMissingInputParameter, "Id is missing or empty")
	case seeds[0].Type == "":
		return listening.Radio{}, refuse(groove.CodeMissingInputParameter, "Type is missing or empty")
	}
	switch seed := seeds[0]; strings.ToLower(seed.Type) {
	case "artist":
		at, ok := s.catalog.FindKind(catalog.KindArtist, seed.ID)
		if !ok {
			return listening.Radio{}, refuse(groove.CodeInvalidInputParameter, "there is no artist %q", seed.ID)
		}
		return listening.Radio{Name: s.catalog.Artists[at].Name, Artist: at}, nil
	case "genre":
		genre, ok := s.catalog.GenreNamed(seed.ID)
		if !ok || len(s.onAir(listening.Radio{Name: genre.Name, Genre: true})) == 0 {
			return listening.Radio{}, refuse(groove.CodeInvalidInputParameter, "there is no genre %q, or nothing of it", seed.ID)
		}
		return listening.Radio{Name: genre.Name, Genre: true}, nil
	default:
		return listening.Radio{}, refuse(groove.CodeInvalidInputParameter, "Type is %q, want Artist or Genre", seed.Type)
	}
}

// radioID depends on the seed, the user and what the radio plays.
func (s *Standin) radioID(user string, r listening.Radio) string {
	text := fmt.Sprintf("%d %t %d %q %q", s.options.Seed, r.Genre, r.Artist, r.Name, user)
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("music.radio.%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// continueRadio answers the radio.next endpoint. A session goes on where it
// was: the same session id gives the same tracks again. A radio id begins a
// new session.
func (s *Standin) continueRadio(c *call) (any, *problem) {
	limit, p := c.query.maxItems()
	if p != nil {
		return nil, p
	}
	at := session{Radio: c.path["id"]}
	isSession := s.pages.open(c.path["id"], &at)
	radio, ok := s.radios.Find(c.caller.user, at.Radio)
	if !ok || at.Played < 0 {
		return nil, refuse(groove.CodeInvalidInputParameter, "the user has no such radio or session")
	}
	if isSession && s.options.Now().Sub(radio.Played) >= sessionLifetime {
		return nil, refuse(groove.CodeInvalidInputParameter, "the session expired, want the id of the radio")
	}
	return c.play(radio, at.Played, limit), nil
}

// play gives the next tracks of a radio, leaving out those that were played.
func (c *call) play(radio listening.Radio, played, limit int) *datacontract.RadioResponse {
	s := c.standin
	radio.Played = s.options.Now()
	s.radios.Play(c.caller.user, radio)
	candidates := s.onAir(radio)
	answer := &datacontract.RadioResponse{SessionID: s.pages.token(session{radio.ID, played + limit})}
	for _, at := range program(radio.ID, candidates, played, limit) {
		answer.Tracks = append(answer.Tracks, c.view().track(at))
	}
	return answer
}

// onAir are the tracks that a radio chooses from: of the genre, or of artists
// who play what the artist plays.
func (s *Standin) onAir(r listening.Radio) []int {
	genre := r.Name
	if !r.Genre {
		genre = s.catalog.Artists[r.Artist].Subgenres[0]
	}
	var tracks []int
	for i := range s.catalog.Artists {
		if !s.catalog.InGenre(catalog.Ref{Kind: catalog.KindArtist, At: i}, genre) {
			continue
		}
		for _, at := range s.catalog.Artists[i].Tracks {
			if !s.catalog.Tracks[at].PurchaseOnly {
				tracks = append(tracks, at)
			}
		}
	}
	return tracks
}

// program is what a radio plays of the candidates, from one place on: each of
// them once before any comes again, in an order that belongs to the radio.
func program(radio string, candidates []int, from, count int) []int {
	sum := sha256.Sum256([]byte(radio))
	tracks := make([]int, 0, count)
	for len(tracks) < count {
		at := from + len(tracks)
		round := uint64(at / len(candidates)) //nolint:gosec // Neither is negative.
		order := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:]), round)).Perm(len(candidates))
		rest := order[at%len(candidates):]
		for _, place := range rest[:min(len(rest), count-len(tracks))] {
			tracks = append(tracks, candidates[place])
		}
	}
	return tracks
}

// recentRadios answers the radio.recentlyplayed endpoint.
func (s *Standin) recentRadios(c *call) (any, *problem) {
	c.from = fromCollection
	w, p := c.paging()
	if p != nil {
		return nil, p
	}
	radios := s.radios.Of(c.caller.user)
	return &datacontract.ContentResponse{
		Radios: listOf(c, "radios", w, len(radios), eachOf(cut(w, radios), c.radio)),
	}, nil
}

func (c *call) radio(r listening.Radio) datacontract.Radio {
	content := c.view().brief(&c.standin.catalog.Artists[r.Artist].Head)
	content.ID, content.Name = r.ID, r.Name
	content.Link = "https://music.microsoft.com/Radio/" + strings.TrimPrefix(r.ID, "music.radio.") + "?partnerID=Standin"
	content.CompatibleSources = datacontract.SourcesCatalog
	return datacontract.Radio{Content: content}
}
