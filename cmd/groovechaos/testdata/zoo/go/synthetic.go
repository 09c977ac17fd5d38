package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// transient reports whether a call may be made again.
func transient(status int, err error) bool {
	return err != nil || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// waited waits, or returns early with an error.
func waited(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// decorrelated makes up to 6 attempts at a call that is no write, with decorrelated jitter: each delay is drawn
// between 0.1 s and three times the one before, and is 3 s at most.
func decorrelated(s *site) sender {
	const base, limit = 100 * time.Millisecond, 3 * time.Second
	once := plain(s)
	return func(ctx context.Context, c call) (int, error) {
		delay := base
		for attempt := 1; ; attempt++ {
			status, err := once(ctx, c)
			if attempt == 6 || c.Method == http.MethodPost || !transient(status, err) {
				return status, err
			}
			delay = min(limit, base+rand.N(3*delay-base))
			if err := waited(ctx, delay); err != nil {
				return status, err
			}
		}
	}
}

// budget is what all calls of a client may spend on retries: a failure takes a token, a success gives back a tenth of
// one, and at half of the tokens or fewer nothing is retried (gRPC A6).
type budget struct {
	mu     sync.Mutex
	tokens float64
}

const budgetTokens = 10

// grants takes note of how an attempt ended and reports whether the next one is paid for.
func (b *budget) grants(failed bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if failed {
		b.tokens = max(0, b.tokens-1)
	} else {
		b.tokens = min(budgetTokens, b.tokens+0.1)
	}
	return failed && b.tokens > budgetTokens/2
}

// retryBudget makes up to 3 attempts at a call that is no write, 0.1 s and 0.2 s apart, as long as its budget lasts.
func retryBudget(s *site) sender {
	once, b := plain(s), &budget{tokens: budgetTokens}
	return func(ctx context.Context, c call) (int, error) {
		for attempt := 1; ; attempt++ {
			status, err := once(ctx, c)
			if !b.grants(transient(status, err)) || attempt == 3 || c.Method == http.MethodPost {
				return status, err
			}
			if err := waited(ctx, time.Duration(attempt)*100*time.Millisecond); err != nil {
				return status, err
			}
		}
	}
}

// bodyLoser makes up to 3 attempts, 0.3 s and 0.6 s apart, at a write too. It reads every body from the same reader,
// so that all but the first are empty. With the word "named" it names its calls.
func bodyLoser(s *site) sender {
	client := &http.Client{}
	named := len(s.words) > 0 && s.words[0] == "named"
	return func(ctx context.Context, c call) (int, error) {
		body := bytes.NewReader([]byte(c.Body))
		for attempt := 1; ; attempt++ {
			r, err := http.NewRequestWithContext(ctx, c.Method, s.base+c.Path, body)
			if err != nil {
				return 0, err
			}
			r.Header = s.fields(c)
			if named {
				r.Header.Set("X-Groovechaos-Call", c.ID)
			}
			status, err := finish(client.Do(r))
			if attempt == 3 || !transient(status, err) {
				return status, err
			}
			if err := waited(ctx, time.Duration(attempt)*300*time.Millisecond); err != nil {
				return status, err
			}
		}
	}
}

// tokenRefresher makes a call that was answered 401 once more, with a new token.
func tokenRefresher(s *site) sender { return withToken(s, true) }

// tokenKeeper asks for one token and never for another.
func tokenKeeper(s *site) sender { return withToken(s, false) }

func withToken(s *site, refreshes bool) sender {
	client := &http.Client{}
	initial := sync.OnceValues(func() (string, error) { return newToken(client, s) })
	return func(ctx context.Context, c call) (int, error) {
		token, err := initial()
		for attempt := 1; err == nil; attempt++ {
			status, err := bearing(ctx, client, s, c, token)
			if attempt == 2 || !refreshes || err != nil || status != http.StatusUnauthorized {
				return status, err
			}
			if token, err = newToken(client, s); err != nil {
				return status, err
			}
		}
		return 0, err
	}
}

// bearing sends a call once with that token.
func bearing(ctx context.Context, client *http.Client, s *site, c call, token string) (int, error) {
	r, err := s.request(ctx, c)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return finish(client.Do(r))
}

// newToken asks for a token.
func newToken(client *http.Client, s *site) (string, error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {s.identity}, "client_secret": {"secret"},
		"scope": {"app.music.xboxlive.com"},
	}
	r, err := http.NewRequest(http.MethodPost, s.base+"/accesstoken.srf", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Zoo-Client": {s.identity}}
	response, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	err = json.Unmarshal(text, &granted)
	return granted.AccessToken, err
}
