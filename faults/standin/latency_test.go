package standin

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLatencyProfile draws many waits: half are below the median, one in a
// hundred is above the 99th percentile, and a seed repeats them.
func TestLatencyProfile(t *testing.T) {
	t.Parallel()
	l := Latency{P50: 20 * time.Millisecond, P99: 200 * time.Millisecond}
	draw := func(seed uint64) (all []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			d := delays{latency: l, seed: seed}
			for range 4000 {
				began := time.Now()
				d.wait(t.Context())
				all = append(all, time.Since(began))
			}
		})
		return all
	}
	first := draw(1)
	if !slices.Equal(first, draw(1)) || slices.Equal(first, draw(2)) {
		t.Error("the same seed gave other waits, or another seed the same")
	}
	below, above := 0, 0
	for _, wait := range first {
		if wait < l.P50 {
			below++
		}
		if wait > l.P99 {
			above++
		}
	}
	// Three and a half standard deviations: the draws are keyed, so that this
	// either holds always or never.
	if below < 1890 || below > 2110 || above < 18 || above > 62 {
		t.Errorf("of 4000 waits %d are below the median and %d above the 99th percentile, want about 2000 and 40", below, above)
	}
}

func TestLatencyHoldsAnswersBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStandin(t, Options{Latency: Latency{P50: time.Second}})
		began := time.Now()
		s.play(ApplicationToken, genresPath, "")
		if took := time.Since(began); took != time.Second {
			t.Errorf("an answer took %v, want 1s", took)
		}
		s.play("", "/__standin/state", "")
		if took := time.Since(began); took != time.Second {
			t.Errorf("the state took %v, want nothing", took-time.Second)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, addPath, strings.NewReader(addBody(getLucky))).WithContext(ctx)
		r.Header.Set("Authorization", "Bearer "+UserTokenFree)
		s.ServeHTTP(w, r)
		if took := time.Since(began); took != time.Second+time.Millisecond || len(s.State().Users) != 0 {
			t.Errorf("a client that left kept it for %v, and wrote %v", took-time.Second, s.State().Users)
		}
	})
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newStandin(t, Options{Requests: slog.New(slog.NewTextHandler(&log, nil)), Now: newClock().read})
	s.play("", genresPath+"?country=fr&AccessToken=Bearer+"+ApplicationToken+"&%61ccesstoken=x", "")
	s.play(ApplicationToken, "/nothing", "")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || strings.Contains(log.String(), ApplicationToken) {
		t.Fatalf("the log is\n%s\nwant two lines without a token", log.String())
	}
	for i, want := range []string{
		`method=GET target="/1/content/music/catalog/genres?country=fr&AccessToken=…&%61ccesstoken=…" status=400 bytes=`,
		"method=GET target=/nothing status=404 bytes=",
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d is %s, want %s", i, lines[i], want)
		}
	}
}
