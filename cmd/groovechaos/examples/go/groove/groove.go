// Package groove is a caller of Groove that behaves: it repeats what may pass, leaves alone what must not be repeated,
// waits longer each time and as long as it is told, and hands errors on.
package groove

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const agent = "music-go/1.0"

// Policy says what is repeated, how often, and after how long.
type Policy struct {
	// Attempts are those of one call in all, Timeout bounds each of them.
	Attempts int
	Timeout  time.Duration
	// Repeats says whether to repeat; status is 0 where no answer came.
	Repeats func(method string, status int) bool
	// Wait is the time before repeat k, from 1 on; told is what the answer asked for, nil for nothing.
	Wait func(k int, told *time.Duration) time.Duration
	// Refreshes says whether an error code asks for another token.
	Refreshes func(code string) bool
}

// Sound is the policy of a caller that behaves. A write whose fate is unknown is not sent again; half of each wait is drawn, so
// that many callers do not come back as one.
func Sound() Policy {
	return Policy{
		Attempts: 4,
		Timeout:  30 * time.Second,
		Repeats: func(method string, status int) bool {
			return method == http.MethodGet && slices.Contains([]int{0, 429, 500, 502, 503, 504}, status)
		},
		Wait: func(k int, told *time.Duration) time.Duration {
			if told != nil {
				return *told + rand.N(50*time.Millisecond)
			}
			most := 250 * time.Millisecond << k
			return most/2 + rand.N(most/2)
		},
		Refreshes: func(code string) bool { return code == "ACCESS_TOKEN_EXPIRED" },
	}
}

// Error is what went wrong with a call. The description is for developers.
type Error struct {
	Status            int
	Code, Description string
	// wait is what the answer asked for, nil for nothing.
	wait *time.Duration
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Description) }

// Client calls Groove. Its fields must not change once it is used.
type Client struct {
	Base, UserToken string
	Policy          Policy

	mu    sync.Mutex
	token string
}

// Get asks for something of the catalogue. Trace is a traceparent to pass on.
func (c *Client) Get(ctx context.Context, path, trace string) (map[string]any, error) {
	return c.call(ctx, http.MethodGet, path, nil, trace)
}

// Add adds tracks to the user's collection.
func (c *Client) Add(ctx context.Context, trackIDs []string, trace string) (map[string]any, error) {
	body, err := json.Marshal(map[string]any{"TrackIds": trackIDs})
	if err != nil {
		return nil, err
	}
	return c.call(ctx, http.MethodPost, "/1/content/music/collection/add", body, trace)
}

func (c *Client) call(ctx context.Context, method, path string, body []byte, trace string) (map[string]any, error) {
	refreshed, id := false, crand.Text()
	for k := 1; ; k++ {
		token, err := c.tokenFor(ctx, method)
		if err != nil {
			return nil, err
		}
		header := http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json"}}
		header.Set("X-Groovechaos-Call", id) // The same for all attempts of a call: a short chaos stage need not guess then.
		if trace != "" {
			header.Set("Traceparent", trace)
		}
		document, err := c.send(ctx, method, path, body, header)
		var failed *Error
		switch {
		case !errors.As(err, &failed):
			return document, err
		case !refreshed && method == http.MethodGet && c.Policy.Refreshes(failed.Code):
			refreshed = true
			c.forget(token)
			continue
		case k >= c.Policy.Attempts || !c.Policy.Repeats(method, failed.Status):
			return nil, err
		}
		if err := sleep(ctx, c.Policy.Wait(k, failed.wait)); err != nil {
			return nil, err
		}
	}
}

func (c *Client) send(ctx context.Context, method, path string, body []byte, header http.Header) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Policy.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	request.Header.Set("User-Agent", agent)
	if body != nil && header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, &Error{Description: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, &Error{Description: err.Error()}
	}
	return read(response, text)
}

func read(response *http.Response, text []byte) (map[string]any, error) {
	var document map[string]any
	err := json.Unmarshal(text, &document)
	if response.StatusCode < 300 && err == nil {
		return document, nil
	}
	failed := &Error{Status: response.StatusCode, wait: waitOf(response)}
	if told, ok := document["Error"].(map[string]any); ok { // A load balancer sends no JSON.
		failed.Code, _ = told["ErrorCode"].(string)
		failed.Description, _ = told["Description"].(string)
	}
	return nil, failed
}

// tokenFor is the user's token for writes, else the application's, which is asked for once, however many calls want it.
func (c *Client) tokenFor(ctx context.Context, method string) (string, error) {
	if method == http.MethodPost {
		return c.UserToken, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" {
		return c.token, nil
	}
	token, err := c.issue(ctx)
	c.token = token
	return token, err
}

// issue asks for a token. To ask again is as harmless as with a GET.
func (c *Client) issue(ctx context.Context) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"example"}, "client_secret": {"example"}, "scope": {"app.music.xboxlive.com"}}
	for k := 1; ; k++ {
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		document, err := c.send(ctx, http.MethodPost, "/accesstoken.srf", []byte(form.Encode()), header)
		var failed *Error
		if !errors.As(err, &failed) {
			token, _ := document["access_token"].(string)
			return token, err
		}
		if k >= c.Policy.Attempts || !c.Policy.Repeats(http.MethodGet, failed.Status) {
			return "", err
		}
		if err := sleep(ctx, c.Policy.Wait(k, failed.wait)); err != nil {
			return "", err
		}
	}
}

// forget lets go of a token that has expired, unless there is another one already.
func (c *Client) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == token {
		c.token = ""
	}
}

// waitOf is what an answer asks to wait: seconds or a date, nil for nothing that can be read.
func waitOf(response *http.Response) *time.Duration {
	field := strings.TrimSpace(response.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(field); err == nil && seconds >= 0 {
		wait := time.Duration(seconds) * time.Second
		return &wait
	}
	if date, err := http.ParseTime(field); err == nil {
		wait := max(time.Until(date), 0)
		return &wait
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
