package demo

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// caller is one example caller.
type caller struct {
	name   string
	token  string
	client *retryablehttp.Client
}

// newCallers makes the three callers.
func newCallers() []caller {
	return []caller{
		{"web-player", "standin-user-subscriber-web", careful()},
		{"importer", "standin-user-subscriber-import", hasty()},
		{"kiosk", "standin-user-subscriber-kiosk", resigned()},
	}
}

// attempts is how often the two callers that repeat try at most.
const attempts = 4

// careful repeats what is safe to repeat: after 0.2, 0.4 and 0.8 s, or as long
// as it is told to wait.
func careful() *retryablehttp.Client {
	c := newClient()
	c.RetryWaitMin = 200 * time.Millisecond
	c.CheckRetry = func(ctx context.Context, response *http.Response, err error) (bool, error) {
		if response != nil && response.Request.Method == http.MethodPost && !strings.HasSuffix(response.Request.URL.Path, "/accesstoken.srf") {
			return false, nil
		}
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	return c
}

// hasty repeats whatever failed, at once.
func hasty() *retryablehttp.Client {
	c := newClient()
	c.Backoff = func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 }
	return c
}

// resigned never repeats anything.
func resigned() *retryablehttp.Client {
	c := newClient()
	c.RetryMax = 0
	return c
}

func newClient() *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax = attempts - 1
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return c
}

// play does the operations side by side and returns when all have ended.
func (c caller) play(ctx context.Context, base string, operations []operation) {
	var wg sync.WaitGroup
	for _, o := range operations {
		wg.Go(func() { c.do(ctx, base, o) })
	}
	wg.Wait()
}

// do is one call. How it ends is the caller's own affair: what it does on the
// way is what the judge looks at.
func (c caller) do(ctx context.Context, base string, o operation) {
	request, err := o.request(ctx, base)
	if err != nil {
		return
	}
	request.Header.Set("X-Client-Name", c.name)
	if o.form == nil {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}

func (o operation) request(ctx context.Context, base string) (*retryablehttp.Request, error) {
	target := base + o.path
	if len(o.query) > 0 {
		target += "?" + o.query.Encode()
	}
	body, contentType := o.body, "application/json"
	if o.form != nil {
		body, contentType = o.form.Encode(), "application/x-www-form-urlencoded"
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, o.method, target, nil)
	if err != nil || body == "" {
		return request, err
	}
	request.Header.Set("Content-Type", contentType)
	return request, request.SetBody([]byte(body))
}
