package standin

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/groovechaos/groovechaos/faults/groove"
)

const (
	// maxBatch bounds the tracks of one write.
	maxBatch = 100
	// maxName bounds the name of a playlist, in characters.
	maxName = 256
)

// addTracks answers the collection.add endpoint.
func (s *Standin) addTracks(c *call) (any, *problem) {
	if p := c.needUser(); p != nil {
		return nil, p
	}
	var body struct {
		TrackIDs []string `json:"TrackIds"`
	}
	if p := readBody(c.request, &body); p != nil {
		return nil, p
	}
	if len(body.TrackIDs) == 0 {
		return nil, refuse(groove.CodeMissingInputParameter, "TrackIds is missing or empty")
	}
	if p := checkBatch(len(body.TrackIDs)); p != nil {
		return nil, p
	}
	batch := make([]trackInput, len(body.TrackIDs))
	for i, id := range body.TrackIDs {
		batch[i] = s.trackInput(id)
	}
	results, p := s.collections.add(c.caller.user, batch)
	if p != nil {
		return nil, p
	}
	return &trackActionResponse{base{partial(results)}, results}, nil
}

// createPlaylist answers the playlists.create endpoint.
func (s *Standin) createPlaylist(c *call) (any, *problem) {
	if p := c.needUser(); p != nil {
		return nil, p
	}
	var body struct {
		Name         string
		IsPublished  bool
		TrackActions []struct{ ID, Action string }
	}
	if p := readBody(c.request, &body); p != nil {
		return nil, p
	}
	if p := checkName(body.Name); p != nil {
		return nil, p
	}
	if p := checkBatch(len(body.TrackActions)); p != nil {
		return nil, p
	}
	batch := make([]trackInput, len(body.TrackActions))
	for i, action := range body.TrackActions {
		batch[i] = s.trackInput(action.ID)
		if !strings.EqualFold(action.Action, "Add") {
			batch[i].problem = refuse(groove.CodeCollectionInvalidOperation, "Action is %q, a new playlist takes Add", action.Action)
		}
	}
	made, results, p := s.collections.create(c.caller.user, playlist{name: body.Name, published: body.IsPublished}, batch)
	if p != nil {
		return nil, p
	}
	return &playlistActionResponse{base{partial(results)}, playlistActionResult{
		ID: made.id, IsPublished: made.published, Name: made.name, TrackActionResults: results,
	}}, nil
}

func checkBatch(size int) *problem {
	if size > maxBatch {
		return refuse(groove.CodeCollectionInvalidOperation, "there are %d tracks, want %d at most", size, maxBatch)
	}
	return nil
}

func checkName(name string) *problem {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return refuse(groove.CodeCollectionInvalidPlaylistInfo, "Name is missing or empty")
	case n > maxName:
		return refuse(groove.CodeInvalidInputParameter, "Name has %d characters, want %d at most", n, maxName)
	}
	return nil
}

// trackInput finds the track of an id that a batch names.
func (s *Standin) trackInput(id string) trackInput {
	at, ok := s.catalogue.findTrack(id)
	if !ok {
		return trackInput{id: id, problem: refuse(groove.CodeCollectionInvalidID, "no such track")}
	}
	return trackInput{id: id, at: at}
}

// partial is the Error on top of a batch some of whose items failed, or nil.
func partial(results []trackActionResult) *errorObject {
	failed := 0
	for _, result := range results {
		if result.Error != nil {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return refuse(groove.CodeCollectionSomeOperationsFailed, "%d of %d failed", failed, len(results)).object()
}

// readBody decodes a body in JSON, which must be one value and nothing more.
// Content-Type counts only when it announces XML.
func readBody(r *http.Request, into any) *problem {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); strings.HasSuffix(media, "xml") {
		return refuse(groove.CodeInvalidInputParameter, "the stand-in does not take %s yet, want application/json", media)
	}
	body, err := io.ReadAll(r.Body)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return refuse(groove.CodeInvalidInputParameter, "the body is over %d bytes", tooLong.Limit)
	case err != nil:
		return refuse(groove.CodeInvalidInputParameter, "the body cannot be read")
	case len(body) == 0:
		return refuse(groove.CodeMissingInputParameter, "the body is empty")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return refuse(groove.CodeInvalidInputParameter, "the body: %v", err)
	}
	return nil
}
