package standin

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/media"
)

// Files of a track. A stream's segments are numbered.
const (
	previewFile   = "preview.mp3"
	streamFile    = "stream.m3u8"
	segmentPrefix = "segment-"
	segmentSuffix = ".mp3"
)

// mediaTypes are the documented values of ContentType.
var mediaTypes = map[string]string{
	previewFile: "audio/mpeg",
	streamFile:  "application/vnd.apple.mpegurl",
}

// mediaURL is where a file of a track is until it expires: on the host that
// the caller has reached the stand-in by.
func (c *call) mediaURL(id, file string, expires time.Time) string {
	return c.base() + strings.NewReplacer("{id}", id, "{file}", c.standin.signed(id, file, expires.Unix())).Replace(mediaPath)
}

// signed names a file so that the URL is good until a time.
func (s *Standin) signed(id, file string, expires int64) string {
	return fmt.Sprintf("%s?expires=%d&signature=%s", file, expires, s.mediaSignature(id, expires))
}

func (s *Standin) mediaSignature(id string, expires int64) string {
	return hex.EncodeToString(s.pages.sign(fmt.Appendf(nil, "media %s %d", id, expires)))
}

// base is the URL of the host that a request was sent to. The SDK's host is
// known to it by https alone, though a proxy may have taken that away.
func (c *call) base() string {
	host := c.request.Host
	if host == "" || strings.ContainsFunc(host, notOfHosts) {
		host = groove.HostAPI
	}
	if c.request.TLS != nil || strings.EqualFold(host, groove.HostSDK) {
		return "https://" + host
	}
	return "http://" + host
}

// notOfHosts reports whether r is in no name, address or port.
func notOfHosts(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".-:[]", r)
}

// serveMedia serves the files that streams and previews lead to. Like the
// hosts that they lay on, it wants no token, but a URL that is still good.
func (s *Standin) serveMedia(w http.ResponseWriter, r *http.Request) {
	name, file := mux.Vars(r)["id"], mux.Vars(r)["file"]
	at, ok := s.catalog.FindKind(catalog.KindTrack, name)
	expires, err := strconv.ParseInt(r.URL.Query().Get("expires"), 10, 64)
	if !ok || err != nil || s.options.Now().Unix() >= expires || r.URL.Query().Get("signature") != s.mediaSignature(name, expires) {
		sendProblem(w, wantedBy(r), "", refuse(groove.CodeDeliveryError, "the URL is not good, or not any more"))
		return
	}
	content, kind := s.mediaFile(at, file, expires)
	if content == nil {
		sendProblem(w, wantedBy(r), "", refuse(groove.CodeDeliveryError, "there is no such file"))
		return
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(content))
}

// mediaFile makes a file of a track, nil if the track has none of that name.
func (s *Standin) mediaFile(at int, file string, expires int64) (content []byte, kind string) {
	t := &s.catalog.Tracks[at]
	switch file {
	case previewFile:
		return media.MP3(previewLength), mediaTypes[file]
	case streamFile:
		return media.Playlist(lengthOf(t), func(n int) string {
			return s.signed(t.ID, segmentPrefix+strconv.Itoa(n)+segmentSuffix, expires)
		}), mediaTypes[file]
	}
	number, isSegment := strings.CutPrefix(strings.TrimSuffix(file, segmentSuffix), segmentPrefix)
	n, err := strconv.ParseUint(number, 10, 16)
	if !isSegment || !strings.HasSuffix(file, segmentSuffix) || err != nil || int(n) >= media.Segments(lengthOf(t)) {
		return nil, ""
	}
	start, length := media.Bounds(lengthOf(t), int(n))
	return media.Segment(start, length), mediaTypes[previewFile]
}
