//go:build e2e

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/groovechaos/groovechaos/faults/standin"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// ordeal is what the known clients go through.
const ordeal = `
[[faults]]
name = "overloaded"
match.endpoints = ["lookup"]
share = 0.5
attempts = 1
answer.status = 503

[[faults]]
name = "down"
match.endpoints = ["genres"]
answer.status = 503

[[faults]]
name = "throttled-2s"
match = { endpoints = ["search"], query = { filters = "artists" } }
attempts = 1
answer = { status = 429, retry_after = { seconds = 2 } }

[[faults]]
name = "throttled-3s"
match = { endpoints = ["search"], query = { filters = "albums" } }
attempts = 1
answer = { status = 429, retry_after = { seconds = 3 } }

[[faults]]
name = "throttled-5s"
match = { endpoints = ["search"], query = { filters = "tracks" } }
attempts = 1
answer = { status = 429, retry_after = { seconds = 5 } }

[[faults]]
name = "missing"
match = { endpoints = ["search"], query = { filters = "playlists" } }
answer.error_code = "CATALOG_NO_RESULT"

[[faults]]
name = "broken"
match.endpoints = ["collection.add"]
attempts = 1
answer.error_code = "INTERNAL_SERVER_ERROR"
`

const (
	track  = "music.2F531400-0200-11DB-89CA-0019B92A3933"
	genres = "/1/content/music/catalog/genres"
	add    = "/1/content/music/collection/add"
)

// request is one call of a known client.
type request struct{ method, target, body string }

// calls are those of the ordeal, each with a target or a body of its own, after
// the peaceful ones.
func calls() (peaceful, others []request) {
	get := func(format string, args ...any) request {
		return request{method: http.MethodGet, target: fmt.Sprintf(format, args...)}
	}
	for i := range 12 {
		peaceful = append(peaceful, get("/1/user/music/profile?call=%d", i))
	}
	for i := range 20 {
		others = append(others, get("/1/content/%s/lookup?call=%d", track, i))
	}
	for _, filter := range []string{"artists", "albums", "tracks", "playlists"} {
		others = append(others, get("/1/content/music/search?filters=%s&q=muse", filter), get("/1/content/music/search?filters=%s&q=madonna", filter))
	}
	for _, id := range []string{track, "music.A83EB907-0100-11DB-89CA-0019B92A3933", "music.C61C0000-0200-11DB-89CA-0019B92A3933"} {
		others = append(others, request{http.MethodPost, add, fmt.Sprintf(`{"TrackIds":[%q]}`, id)})
	}
	// Several that fail to the end, so that the client is known to back off.
	for _, country := range []string{"us", "gb", "de", "fr"} {
		others = append(others, get("%s?country=%s", genres, country))
	}
	return peaceful, append(others, get(genres))
}

// endure sends a client through the ordeal and returns the verdict on it.
func endure(t *testing.T, s *served, send func(request)) verdict.Verdict {
	t.Helper()
	peaceful, others := calls()
	for _, requests := range [][]request{peaceful, others} {
		var wg sync.WaitGroup
		for _, r := range requests {
			wg.Go(func() { send(r) })
		}
		wg.Wait()
	}
	report := s.verdict(t)
	if len(report.Clients) != 1 {
		t.Fatalf("%d clients were seen, want 1", len(report.Clients))
	}
	return report.Clients[0]
}

// sound is what curl and go-retryablehttp have in common: both do everything
// well but for writes.
var sound = map[string]verdict.Result{
	"transient-retried 503": verdict.Pass,
	"transient-retried 429": verdict.Pass,
	"final-not-retried":     verdict.Pass,
	"write-not-repeated":    verdict.Fail,
	"backs-off":             verdict.Pass,
	"retry-after-honoured":  verdict.Pass,
	"retry-after-not-early": verdict.Pass,
	"body-kept":             verdict.Pass,
}

// backsOff checks the gaps of the one call that fails to its end: never early,
// and each longer than the one before.
func backsOff(t *testing.T, attempts []attempt, want ...time.Duration) {
	t.Helper()
	if len(attempts) != len(want)+1 {
		t.Fatalf("it made %d attempts, want %d", len(attempts), len(want)+1)
	}
	var gaps []time.Duration
	for i := range want {
		gap := duration(t, attempts[i+1].Received) - duration(t, attempts[i].Answered)
		if gap < want[i]-10*time.Millisecond {
			t.Errorf("gap %d is %s, want %s or more", i+1, gap, want[i])
		}
		gaps = append(gaps, gap)
	}
	if !slices.IsSorted(gaps) {
		t.Errorf("gaps are %v, want them to grow", gaps)
	}
}

func TestCurl(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	s := serve(t, "", "", ordeal)
	v := endure(t, s, func(r request) {
		args := []string{"-sS", "--retry", "3", "-X", r.method, "-H", "Authorization: Bearer " + standin.UserTokenSubscriber}
		if r.body != "" {
			args = append(args, "-H", "Content-Type: application/json", "--data", r.body)
		}
		if _, log, status := execute(t, nil, "curl", append(args, "http://"+s.Proxy+r.target)...); status != 0 {
			t.Errorf("curl: exit status is %d: %s", status, log)
		}
	})
	if v.Result != verdict.Fail {
		t.Errorf("verdict is %q, want fail: it repeats writes", v.Result)
	}
	holds(t, v, sound)
	backsOff(t, s.attempts(t)["GET "+genres], time.Second, 2*time.Second, 4*time.Second)
}

func TestRetryableHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t, "", "", ordeal)
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	v := endure(t, s, func(r request) {
		if err := sendBy(t.Context(), client, s, r); err != nil {
			t.Error(err)
		}
	})
	client.HTTPClient.CloseIdleConnections()
	if v.Result != verdict.Fail {
		t.Errorf("verdict is %q, want fail: it repeats writes", v.Result)
	}
	holds(t, v, sound)
	backsOff(t, s.attempts(t)["GET "+genres], time.Second, 2*time.Second, 4*time.Second, 8*time.Second)
}

func sendBy(ctx context.Context, client *retryablehttp.Client, s *served, r request) error {
	var body any
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, r.method, "http://"+s.Proxy+r.target, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+standin.UserTokenSubscriber)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// A client without any retry fails what it must, and nothing else.
func TestPlainClient(t *testing.T) {
	t.Parallel()
	s := serve(t, "", "", ordeal)
	client := retryablehttp.NewClient()
	client.Logger, client.RetryMax = nil, 0
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	v := endure(t, s, func(r request) {
		if err := sendBy(t.Context(), client, s, r); err != nil {
			t.Error(err)
		}
	})
	client.HTTPClient.CloseIdleConnections()
	holds(t, v, map[string]verdict.Result{
		"transient-retried 503": verdict.Fail,
		"transient-retried 429": verdict.Fail,
		"final-not-retried":     verdict.Pass,
		"write-not-repeated":    verdict.Pass,
	})
}
