package standin

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

const (
	getLucky   = "music.A83EB907-0100-11DB-89CA-0019B92A3933"
	daftPunk   = "music.C61C0000-0200-11DB-89CA-0019B92A3933"
	accessMem  = "music.B13EB907-0100-11DB-89CA-0019B92A3933"
	discovery  = "music.3E362806-0100-11DB-89CA-0019B92A3933"
	sharedList = "music.playlist.0016e20b-80c0-00fe-fac0-1a47365516d1"
	unknownID  = "music.00000000-0000-0000-0000-000000000000"
)

// usual is the catalogue of seed 0, which most tests share: it does not
// change.
var usual = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.New(0, catalog.Full()) })

// newStandin makes a Standin of seed 0.
func newStandin(t testing.TB, o Options) *Standin {
	t.Helper()
	all, err := usual()
	if err != nil {
		t.Fatal(err)
	}
	if o, err = o.defaults(); err != nil || o.Seed != 0 {
		t.Fatalf("options are %+v: %v, want sound ones and seed 0", o, err)
	}
	return newWith(o, all)
}

// reply is an answer as a test looks at it.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// code is the ErrorCode that the answer carries, "" for none.
func (r reply) code() string { return string(groove.Classify(r.status, r.body).Code) }

// send plays one request with a token; a body makes it a POST.
func (s *Standin) play(token, target, body string, fields ...string) reply {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.Bytes()}
}

// content decodes a ContentResponse and fails on members it does not know.
func (r reply) content(t testing.TB) datacontract.ContentResponse {
	t.Helper()
	var c datacontract.ContentResponse
	decodeStrictly(t, r, &c)
	return c
}

func decodeStrictly(t testing.TB, r reply, into any) {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("status is %d, want 200: %s", r.status, r.body)
	}
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
}

// expectError checks for a documented error at its documented status.
func expectError(t *testing.T, r reply, want groove.ErrorCode) {
	t.Helper()
	info, ok := groove.ErrorCodeByName(string(want))
	if !ok {
		t.Fatalf("%s is not documented", want)
	}
	if r.status != info.Status || r.code() != string(want) {
		t.Errorf("got %d %s, want %d %s: %s", r.status, r.code(), info.Status, want, r.body)
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"negative lifetime":   {TokenLifetime: -time.Second},
		"part of a second":    {TokenLifetime: 1500 * time.Millisecond},
		"negative tracks":     {MaxTracks: -1},
		"negative playlists":  {MaxPlaylists: -1},
		"negative list size":  {MaxPlaylistTracks: -1},
		"negative user count": {MaxUsers: -1},
		"negative latency":    {Latency: Latency{P50: -1}},
		"endless latency":     {Latency: Latency{P50: time.Hour}},
		"99 % below median":   {Latency: Latency{P50: 2, P99: 1}},
		"99 % without median": {Latency: Latency{P99: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := New(o); err == nil {
				t.Errorf("New(%+v) gave no error", o)
			}
		})
	}
}

// TestOverHTTP holds what a client on a socket sees, in every representation.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newStandin(t, Options{}))
	t.Cleanup(server.Close)
	const path = "/1/content/music/search?q=daft+punk&accessToken=Bearer+" + ApplicationToken
	for name, c := range map[string]struct {
		query, accept, media, begins string
	}{
		"json":                   {"", "", "application/json; charset=utf-8", `{"Albums":{`},
		"xml by field":           {"", "application/xml", "application/xml; charset=utf-8", `<ContentResponse xmlns="http://schemas.microsoft.com/groovemusic/2016/09/api"`},
		"xml by parameter":       {"&contentType=xml", "", "application/xml; charset=utf-8", "<ContentResponse "},
		"jsonp":                  {"&jsonp=cb", "", "application/javascript; charset=utf-8", `cb({"Albums":{`},
		"parameters in capitals": {"&CONTENTTYPE=XML&MAXITEMS=1", "", "application/xml; charset=utf-8", "<ContentResponse "},
	} {
		for _, encoding := range []string{"", "gzip"} {
			t.Run(name+" "+encoding, func(t *testing.T) {
				t.Parallel()
				r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path+c.query, nil)
				r.Header.Set("Accept", c.accept)
				// Naming the encoding keeps the transport from unpacking.
				r.Header.Set("Accept-Encoding", encoding)
				answer, err := server.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				var body io.Reader = answer.Body
				if got := answer.Header.Get("Content-Encoding"); got != encoding {
					t.Fatalf("Content-Encoding is %q, want %q", got, encoding)
				}
				if encoding == "gzip" {
					if body, err = gzip.NewReader(answer.Body); err != nil {
						t.Fatal(err)
					}
				}
				text, err := io.ReadAll(body)
				if err != nil {
					t.Fatal(err)
				}
				if answer.StatusCode != http.StatusOK || !strings.HasPrefix(string(text), c.begins) {
					t.Errorf("got %d %.200s, want 200 and a body that begins with %s", answer.StatusCode, text, c.begins)
				}
				if got := answer.Header.Get("Content-Type"); got != c.media {
					t.Errorf("Content-Type is %q, want %q", got, c.media)
				}
			})
		}
	}
}
