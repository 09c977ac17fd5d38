package standin

import (
	"bytes"
	"image"
	_ "image/png" // for DecodeConfig
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2017, 10, 2, 12, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time { return c.now }

func streamTarget(id, instance string) string {
	return "/1/content/" + id + "/stream?clientInstanceId=" + instance
}

// fetch gets what a URL of an answer leads to.
func (s *Standin) fetch(t *testing.T, address string) reply {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Host != "example.com" {
		t.Fatalf("the URL is %s: %v, want one of the host that was asked", address, err)
	}
	return s.play("", u.RequestURI(), "")
}

// TestStreamLeadsToSound follows a stream to its last segment.
func TestStreamLeadsToSound(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newStandin(t, Options{Now: c.read})
	var got datacontract.StreamResponse
	decodeStrictly(t, s.play(UserTokenSubscriber, streamTarget(getLucky, clientInstance), ""), &got)
	if got.ContentType != "application/vnd.apple.mpegurl" || got.ExpiresOn != "2017-10-02T12:07:09Z" {
		t.Errorf("got %+v, want a playlist for 6:09 and a minute", got)
	}
	list := s.fetch(t, got.URL)
	if list.header.Get("Content-Type") != got.ContentType || !strings.HasPrefix(string(list.body), "#EXTM3U\n") {
		t.Fatalf("the playlist is %s %s", list.header, list.body)
	}
	base, _ := url.Parse(got.URL)
	segments := 0
	for line := range strings.Lines(string(list.body)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		segments++
		at, err := base.Parse(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		if r := s.fetch(t, at.String()); r.status != http.StatusOK || r.header.Get("Content-Type") != "audio/mpeg" || !bytes.HasPrefix(r.body, []byte("ID3")) {
			t.Errorf("segment %s: got %d %s", line, r.status, r.header)
		}
	}
	if segments != 37 {
		t.Errorf("there are %d segments, want 37 for 6:09", segments)
	}
	expectError(t, s.fetch(t, strings.Replace(got.URL, "stream.m3u8", "segment-37.mp3", 1)), groove.CodeDeliveryError)
	expectError(t, s.fetch(t, strings.Replace(got.URL, "stream.m3u8", "other", 1)), groove.CodeDeliveryError)
	expectError(t, s.fetch(t, strings.Replace(got.URL, getLucky, accessMem, 1)), groove.CodeDeliveryError)
	expectError(t, s.fetch(t, got.URL[:len(got.URL)-1]), groove.CodeDeliveryError)
	c.now = c.now.Add(7*time.Minute + 9*time.Second)
	expectError(t, s.fetch(t, got.URL), groove.CodeDeliveryError)
}

func TestPreviewLeadsToSound(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for _, token := range []string{ApplicationToken, UserTokenFree} {
		var got datacontract.StreamResponse
		decodeStrictly(t, s.play(token, "/1/content/"+strings.ToLower(getLucky)+"/preview?clientInstanceId="+clientInstance, ""), &got)
		r := s.fetch(t, got.URL)
		if got.ContentType != "audio/mpeg" || r.header.Get("Content-Type") != "audio/mpeg" || !bytes.HasPrefix(r.body, []byte{0xFF, 0xFB}) {
			t.Errorf("got %+v, which leads to %d %s", got, r.status, r.header)
		}
	}
}

// TestOneStreamEach holds that a user streams on one device at a time.
func TestOneStreamEach(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newStandin(t, Options{Now: c.read})
	other := strings.Repeat("o", maxInstance)
	ok := func(token, instance string) {
		t.Helper()
		if r := s.play(token, streamTarget(getLucky, instance), ""); r.status != http.StatusOK {
			t.Errorf("got %d %s, want 200", r.status, r.body)
		}
	}
	ok(UserTokenSubscriber, clientInstance)
	ok(UserTokenSubscriber, clientInstance)
	expectError(t, s.play(UserTokenSubscriber, streamTarget(getLucky, other), ""), groove.CodeDeliveryConcurrentStreaming)
	ok(UserTokenSubscriber+"-ann", other)
	c.now = c.now.Add(10 * time.Minute)
	ok(UserTokenSubscriber, other)
	expectError(t, s.play(UserTokenSubscriber, streamTarget(getLucky, clientInstance), ""), groove.CodeDeliveryConcurrentStreaming)
	s.Reset("subscriber")
	ok(UserTokenSubscriber, clientInstance)
}

func TestStreamRights(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	var bought string
	for _, track := range s.catalog.Tracks {
		if track.PurchaseOnly {
			bought = track.ID
		}
	}
	expectError(t, s.play(UserTokenSubscriber, streamTarget(bought, clientInstance), ""), groove.CodeDelivery3rdPartyCannotStreamPurchases)
	if got := s.play(ApplicationToken, "/1/content/"+bought+"/lookup", "").content(t).Tracks.Items[0].Rights; len(got) != 1 || got[0] != "Purchase" {
		t.Errorf("its rights are %v, want Purchase", got)
	}
	expectError(t, s.play(UserTokenFree, streamTarget(getLucky, clientInstance), ""), groove.CodeNoMusicPassSubscription)
	expectError(t, s.play(ApplicationToken, streamTarget(getLucky, clientInstance), ""), groove.CodeInvalidAuthorizationHeader)
	var added datacontract.TrackActionResponse
	decodeStrictly(t, s.play(UserTokenSubscriber, addPath, addBody(getLucky)), &added)
	if r := s.play(UserTokenSubscriber, streamTarget(added.TrackActionResults[0].ID, clientInstance), ""); r.status != http.StatusOK {
		t.Errorf("by the id in the collection: got %d %s", r.status, r.body)
	}
}

// TestMediaURLs holds which host answers name.
func TestMediaURLs(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	for host, want := range map[string]string{
		"127.0.0.1:7710":          "http://127.0.0.1:7710/",
		"music.xboxlive.com":      "http://music.xboxlive.com/",
		"API.media.microsoft.com": "https://API.media.microsoft.com/",
		"[::1]:80":                "http://[::1]:80/",
		`a"b`:                     "http://music.xboxlive.com/",
		"x/y":                     "http://music.xboxlive.com/",
		"u@x":                     "http://music.xboxlive.com/",
		"":                        "http://music.xboxlive.com/",
	} {
		r := httptest.NewRequest(http.MethodGet, "/1/content/"+getLucky+"/preview?clientInstanceId="+clientInstance, nil)
		r.Host = host
		r.Header.Set("Authorization", "Bearer "+ApplicationToken)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var got datacontract.StreamResponse
		decodeStrictly(t, reply{w.Code, w.Header(), w.Body.Bytes()}, &got)
		if !strings.HasPrefix(got.URL, want) {
			t.Errorf("Host %q: the URL is %s, want one at %s", host, got.URL, want)
		}
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	id := s.create(t, UserTokenFree, `{"Name":"x"}`)
	for target, want := range map[string]image.Point{
		"/content/" + getLucky + "/image":                                                               {usualSide, usualSide},
		"/content/" + strings.ToLower(daftPunk) + "/image?locale=en-US&w=200&h=100":                     {200, 100},
		"/Content/" + accessMem + "/Image?locale=en-US&w=240&h=200&mode=letterbox&background=%23ff00ff": {240, 200},
		"/content/" + sharedList + "/image?w=240&h=200&mode=scale":                                      {200, 200},
		"/content/" + id + "/image?w=1&h=1":                                                             {1, 1},
		"/catalog/music.mood.Happy/image?locale=en-GB&w=7&h=2048":                                       {7, 2048},
		"/catalog/music.activity.roadtrip/image":                                                        {usualSide, usualSide},
	} {
		r := s.play("", target, "")
		config, kind, err := image.DecodeConfig(bytes.NewReader(r.body))
		if err != nil || kind != "png" || r.header.Get("Content-Type") != "image/png" || config.Width != want.X || config.Height != want.Y {
			t.Errorf("%s: got %d, %s of %d × %d, %v, want png of %v", target, r.status, kind, config.Width, config.Height, err, want)
		}
	}
	for target, want := range map[string]groove.ErrorCode{
		"/content/" + unknownID + "/image":                               groove.CodeCatalogNoResult,
		"/content/music.mood.Happy/image":                                groove.CodeCatalogNoResult,
		"/catalog/" + getLucky + "/image":                                groove.CodeCatalogNoResult,
		"/content/" + getLucky + "/image?w=200":                          groove.CodeIncompatibleInputParameters,
		"/content/" + getLucky + "/image?h=200":                          groove.CodeIncompatibleInputParameters,
		"/content/" + getLucky + "/image?w=0&h=1":                        groove.CodeInvalidInputParameter,
		"/content/" + getLucky + "/image?w=1&h=2049":                     groove.CodeInvalidInputParameter,
		"/content/" + getLucky + "/image?w=1&h=x":                        groove.CodeInvalidInputParameter,
		"/content/" + getLucky + "/image?mode=stretch":                   groove.CodeInvalidInputParameter,
		"/content/" + getLucky + "/image?background=%23fff":              groove.CodeIncompatibleInputParameters,
		"/content/" + getLucky + "/image?mode=letterbox&background=pink": groove.CodeInvalidInputParameter,
		"/content/" + getLucky + "/image?locale=english":                 groove.CodeInvalidInputParameter,
		"/content/" + getLucky + "/image?w=1&W=1&h=1":                    groove.CodeInvalidInputParameter,
	} {
		expectError(t, s.play("", target, "", "Accept", "image/png, */*"), want)
	}
}
