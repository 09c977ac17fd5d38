package standin

import (
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

const (
	// previewLength is how long a preview is.
	previewLength = 30 * time.Second
	// grace is how long a stream may be paused before it has to be asked for
	// anew.
	grace = time.Minute
	// Bounds of clientInstanceId, in characters.
	minInstance = 32
	maxInstance = 128
)

// preview answers the preview endpoint.
func (s *Standin) preview(c *call) (any, *problem) {
	if p := c.checkInstance(); p != nil {
		return nil, p
	}
	at, p := c.playable()
	if p != nil {
		return nil, p
	}
	expires := s.options.Now().Add(previewLength + grace)
	return &datacontract.StreamResponse{
		ContentType: mediaTypes[previewFile],
		ExpiresOn:   expiry(expires),
		URL:         c.mediaURL(s.catalog.Tracks[at].ID, previewFile, expires),
	}, nil
}

// stream answers the stream endpoint. The stream is the caller's until it
// expires: the length of the track and a minute more.
func (s *Standin) stream(c *call) (any, *problem) {
	if p := c.checkInstance(); p != nil {
		return nil, p
	}
	at, p := c.playable()
	if p != nil {
		return nil, p
	}
	if !c.caller.subscribed {
		return nil, refuse(groove.CodeNoMusicPassSubscription, "only subscribers hear whole tracks")
	}
	t := &s.catalog.Tracks[at]
	if t.PurchaseOnly {
		return nil, refuse(groove.CodeDelivery3rdPartyCannotStreamPurchases, "the rights of the track are to purchase it alone")
	}
	now := s.options.Now()
	expires := now.Add(lengthOf(t) + grace)
	if !s.streams.Hold(c.caller.user, c.query["clientinstanceid"], now, expires) {
		return nil, refuse(groove.CodeDeliveryConcurrentStreaming, "another clientInstanceId streams")
	}
	return &datacontract.StreamResponse{
		ContentType: mediaTypes[streamFile],
		ExpiresOn:   expiry(expires),
		URL:         c.mediaURL(t.ID, streamFile, expires),
	}, nil
}

func lengthOf(t *catalog.Track) time.Duration { return time.Duration(t.Seconds) * time.Second }

// expiry is a time as URLs carry it: in whole seconds.
func expiry(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

func (c *call) checkInstance() *problem {
	instance, given := c.query["clientinstanceid"]
	switch n := len([]rune(instance)); {
	case !given || n == 0:
		return refuse(groove.CodeMissingInputParameter, "clientInstanceId is missing or empty")
	case n < minInstance || n > maxInstance:
		return refuse(groove.CodeInvalidInputParameter, "clientInstanceId has %d characters, want %d to %d", n, minInstance, maxInstance)
	}
	return nil
}

// playable finds the track of the path, in the catalogue or by the id that it
// has in the user's collection.
func (c *call) playable() (int, *problem) {
	ids, p := readIDs(c.path["id"])
	if p != nil {
		return 0, p
	}
	r, ok := c.standin.catalog.Find(strings.Join(ids, "+"))
	if !ok {
		r, _, ok = c.user.Item(ids[0])
	}
	if !ok || len(ids) > 1 || r.Kind != catalog.KindTrack {
		return 0, refuse(groove.CodeDeliveryUnavailableContent, "there is no such track")
	}
	return r.At, nil
}
