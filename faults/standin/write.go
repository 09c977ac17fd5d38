package standin

import (
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// maxBatch bounds the tracks of one write.
const maxBatch = 100

// addTracks answers the collection.add endpoint.
func (s *Standin) addTracks(c *call) (any, *problem) { return c.writeTracks(s.library.Add) }

// deleteTracks answers the collection.delete endpoint.
func (s *Standin) deleteTracks(c *call) (any, *problem) { return c.writeTracks(s.library.Delete) }

// writeTracks reads a batch and does with it what write does.
func (c *call) writeTracks(write func(user string, ids []string) ([]library.Result, *problem)) (any, *problem) {
	var body datacontract.TrackActionRequest
	if p := c.readBody("TrackActionRequest", &body); p != nil {
		return nil, p
	}
	if len(body.TrackIDs) == 0 {
		return nil, refuse(groove.CodeMissingInputParameter, "TrackIds is missing or empty")
	}
	if p := checkBatch(len(body.TrackIDs)); p != nil {
		return nil, p
	}
	results, p := write(c.caller.user, body.TrackIDs)
	if p != nil {
		return nil, p
	}
	return &datacontract.TrackActionResponse{Base: datacontract.Base{Error: partial(results)}, TrackActionResults: actionResults(results)}, nil
}

// createPlaylist answers the playlists.create endpoint.
func (s *Standin) createPlaylist(c *call) (any, *problem) {
	return c.writePlaylist(s.library.CreatePlaylist)
}

// updatePlaylist answers the playlists.update endpoint.
func (s *Standin) updatePlaylist(c *call) (any, *problem) {
	return c.writePlaylist(s.library.UpdatePlaylist)
}

// deletePlaylist answers the playlists.delete endpoint.
func (s *Standin) deletePlaylist(c *call) (any, *problem) {
	return c.writePlaylist(s.library.DeletePlaylist)
}

// writePlaylist reads an action and does with it what write does.
func (c *call) writePlaylist(write func(user string, a *datacontract.PlaylistAction) (library.Written, *problem)) (any, *problem) {
	var body datacontract.PlaylistAction
	if p := c.readBody("PlaylistAction", &body); p != nil {
		return nil, p
	}
	if p := checkBatch(len(body.TrackActions)); p != nil {
		return nil, p
	}
	written, p := write(c.caller.user, &body)
	if p != nil {
		return nil, p
	}
	return &datacontract.PlaylistActionResponse{
		Base: datacontract.Base{Error: partial(written.Results)},
		PlaylistActionResult: datacontract.PlaylistActionResult{
			ID: written.ID, IsPublished: written.Published, Name: written.Name, TrackActionResults: actionResults(written.Results),
		},
	}, nil
}

func checkBatch(size int) *problem {
	if size > maxBatch {
		return refuse(groove.CodeCollectionInvalidOperation, "there are %d tracks, want %d at most", size, maxBatch)
	}
	return nil
}

func actionResults(results []library.Result) []datacontract.TrackActionResult {
	rendered := make([]datacontract.TrackActionResult, len(results))
	for i, r := range results {
		rendered[i] = datacontract.TrackActionResult{ID: r.ID, InputID: r.InputID}
		if r.Problem != nil {
			rendered[i].Error = r.Problem.Object()
		}
	}
	return rendered
}

// partial is the Error on top of a batch some of whose items failed, or nil.
func partial(results []library.Result) *datacontract.Error {
	failed := 0
	for _, result := range results {
		if result.Problem != nil {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return refuse(groove.CodeCollectionSomeOperationsFailed, "%d of %d failed", failed, len(results)).Object()
}

// readBody decodes the body of a request: XML whose root is root if the
// Content-Type announces XML, else JSON.
func (c *call) readBody(root string, into any) *problem {
	body, err := io.ReadAll(c.request.Body)
	switch {
	case errors.Is(err, errTooLong):
		return refuse(groove.CodeInvalidInputParameter, "%v", err)
	case err != nil:
		return refuse(groove.CodeInvalidInputParameter, "the body cannot be read")
	case len(body) == 0:
		return refuse(groove.CodeMissingInputParameter, "the body is empty")
	}
	if media, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type")); strings.HasSuffix(media, "xml") {
		return datacontract.ReadXML(body, root, into)
	}
	return datacontract.ReadJSON(body, into)
}
