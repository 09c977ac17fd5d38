package main

import (
	"errors"
	"net/http"
	"time"

	"example.com/music/groove"
)

// planted are faults that are planted on purpose, to show what the chaos stage finds: each takes one thing away from the
// sound caller or the honest service. PLANTED=name go test runs with one.
var planted = map[string]func(p *groove.Policy, t *Told){
	"repeats-writes": repeating(func(method string, _ int) bool { return method == http.MethodPost }),
	"repeats-404":    repeating(func(_ string, status int) bool { return status == http.StatusNotFound }),
	"no-backoff": func(p *groove.Policy, _ *Told) {
		sound := p.Wait
		p.Wait = func(k int, told *time.Duration) time.Duration {
			if told == nil {
				return 0
			}
			return sound(k, told)
		}
	},
	"leaks-descriptions": func(_ *groove.Policy, t *Told) {
		honest := t.Error
		t.Error = func(err error) (int, Page) {
			status, page := honest(err)
			if failed := (*groove.Error)(nil); errors.As(err, &failed) {
				page.Error.Message = "Sorry: " + failed.Description
			}
			return status, page
		}
	},
	"misses-soft-errors": func(_ *groove.Policy, t *Told) {
		honest := t.Result
		t.Result = func(document map[string]any) (int, Page) {
			status, page := honest(document)
			page.Partial = false
			return status, page
		}
	},
}

// repeating repeats more than is sound.
func repeating(more func(method string, status int) bool) func(*groove.Policy, *Told) {
	return func(p *groove.Policy, _ *Told) {
		sound := p.Repeats
		p.Repeats = func(method string, status int) bool { return more(method, status) || sound(method, status) }
	}
}
