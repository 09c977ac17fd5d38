package proxy_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestHTTP2Injects(t *testing.T) {
	t.Parallel()
	for name, rig := range http2Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 10)
			origin := newOrigin(t, func(w http.ResponseWriter, _ *http.Request) { asked <- struct{}{} })
			r := rig(t, origin)
			for _, at := range []faults.Side{faults.SideBefore, faults.SideAfter} {
				fault := answerFault("busy", 429)
				seconds := uint64(7)
				fault.Answer.At, fault.Answer.RetryAfter = at, &faults.RetryAfter{Seconds: &seconds}
				r.apply(fault)
				response, body := r.do("POST", addPath, strings.NewReader("x"))
				if response.StatusCode != 429 || response.Header.Get("Retry-After") != "7" || !strings.Contains(body, "TOO_MANY_REQUESTS") {
					t.Errorf("%s: got %d %v %q, want the injected 429", at, response.StatusCode, response.Header, body)
				}
				a := r.wait(1)[0]
				late := at == faults.SideAfter
				if a.Fault != "busy" || a.Origin != observe.OriginInjected || a.Forwarded != late || len(asked) != map[bool]int{true: 1}[late] {
					t.Errorf("%s: recorded %+v with %d requests to the origin", at, a, len(asked))
				}
			}
		})
	}
}

func TestHTTP2Quota(t *testing.T) {
	t.Parallel()
	r := newPlainHTTP2(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	r.apply(faults.Fault{Name: "quota", Trigger: faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: time.Hour}}})
	if response, _ := r.do("GET", searchPath, nil); response.StatusCode != 200 {
		t.Errorf("the first got %d, want 200", response.StatusCode)
	}
	response, _ := r.do("GET", searchPath, nil)
	if wait := response.Header.Get("Retry-After"); response.StatusCode != 429 || wait == "" || wait == "0" {
		t.Errorf("the second got %d with Retry-After %q, want 429 and a wait", response.StatusCode, wait)
	}
}

func TestHTTP2Breaks(t *testing.T) {
	t.Parallel()
	const text = "0123456789"
	for _, how := range []faults.BreakKind{faults.BreakReset, faults.BreakClose} {
		for at, want := range map[faults.BreakPoint]struct {
			status, upstream int
			body             string
		}{
			faults.BreakBefore:    {0, 0, ""},
			faults.BreakAfter:     {0, 200, ""},
			faults.BreakAfterHead: {200, 200, ""},
			faults.BreakMidBody:   {200, 200, "01234"},
		} {
			t.Run(fmt.Sprint(how, " ", at), func(t *testing.T) {
				t.Parallel()
				r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
				r.apply(faults.Fault{Name: "snap", Break: &faults.Break{How: how, At: at}})
				status, body, err := fetchHTTP2(t, r, searchPath)
				if status != want.status || body != want.body || err == nil {
					t.Errorf("client got %d %q, %v; want %d %q and an error", status, body, err, want.status, want.body)
				}
				if err != nil && !strings.Contains(err.Error(), "INTERNAL_ERROR") {
					t.Errorf("client got %v, want a reset of the stream", err)
				}
				a := r.wait(1)[0]
				if a.Break != how || a.BreakAt != at || a.Fault != "snap" || a.End != observe.EndBroken || a.Status != want.status || a.UpstreamStatus != want.upstream {
					t.Errorf("recorded %+v", a)
				}
				if fired := usesOf(r, "snap").Fired; fired != 1 {
					t.Errorf("fired %d times, want 1", fired)
				}
			})
		}
	}
}

// fetchHTTP2 gets a target, which may fail at any place.
func fetchHTTP2(t *testing.T, r *rig, target string) (status int, body string, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// usesOf is what a fault did so far.
func usesOf(r *rig, name string) faults.Use {
	for _, use := range r.engine.Uses() {
		if use.Name == name {
			return use
		}
	}
	return faults.Use{}
}

func TestHTTP2Spoils(t *testing.T) {
	t.Parallel()
	whole := `{"Tracks":{"Items":[{"Id":"1"}]}}`
	five := uint64(5)
	for name, test := range map[string]struct {
		fault  faults.Fault
		body   func(body string) bool
		broken bool
		end    observe.End
	}{
		"a soft error": {
			fault: faults.Fault{SoftError: &faults.SoftError{ErrorCode: "CATALOG_NO_RESULT"}},
			body:  func(b string) bool { return strings.Contains(b, "CATALOG_NO_RESULT") },
			end:   observe.EndComplete,
		},
		"invalid JSON": {
			fault: faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptJSON}},
			body:  func(b string) bool { return b == whole[:len(whole)-1]+"]" },
			end:   observe.EndComplete,
		},
		"bits": {
			fault: faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptBits}},
			body:  func(b string) bool { return len(b) == len(whole) && b != whole },
			end:   observe.EndComplete,
		},
		"a short length leaves the rest out": {
			fault: faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptLength}},
			body:  func(b string) bool { return b != "" && len(b) < len(whole) && strings.HasPrefix(whole, b) },
			end:   observe.EndBroken,
		},
		"a cut": {
			fault:  faults.Fault{Truncate: &faults.Truncate{Bytes: &five}},
			body:   func(b string) bool { return b == whole[:5] },
			broken: true, end: observe.EndBroken,
		},
		"a throttle": {
			fault: faults.Fault{Throttle: &faults.Throttle{BytesPerSecond: 1000, Chunk: 8}},
			body:  func(b string) bool { return b == whole },
			end:   observe.EndComplete,
		},
	} {
		for _, framing := range []string{"with a length", "in chunks"} {
			t.Run(name+" "+framing, func(t *testing.T) {
				t.Parallel()
				r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					if framing == "in chunks" {
						_ = http.NewResponseController(w).Flush()
					}
					fmt.Fprint(w, whole)
				}))
				fault := test.fault
				fault.Name = "spoil"
				r.apply(fault)
				status, body, err := fetchHTTP2(t, r, searchPath)
				if status != 200 || !test.body(body) || (err != nil) != test.broken {
					t.Errorf("client got %d %q, %v", status, body, err)
				}
				a := r.wait(1)[0]
				if !slices.Equal(a.SpoiledBy, []string{"spoil"}) || a.End != test.end || usesOf(r, "spoil").Fired != 1 {
					t.Errorf("recorded %+v with %d firings", a, usesOf(r, "spoil").Fired)
				}
			})
		}
	}
}

func TestHTTP2FaultsGo(t *testing.T) {
	t.Parallel()
	const streams = 500
	for name, set := range map[string][]faults.Fault{
		"a delay before":  {{Name: "f", Delay: delayAt(faults.SideBefore)}},
		"a delay after":   {{Name: "f", Delay: delayAt(faults.SideAfter)}},
		"a hang":          {{Name: "f", Break: &faults.Break{How: faults.BreakHang}}},
		"a hang mid body": {{Name: "f", Break: &faults.Break{How: faults.BreakHang, At: faults.BreakMidBody}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "whole") }))
			r.apply(set...)
			results := make(chan error, streams)
			for i := range streams {
				go func() {
					status, body, err := fetchHTTP2(t, r, fmt.Sprint("/1/content/", i))
					if err == nil && (status != 200 || body != "whole") {
						err = fmt.Errorf("got %d %q", status, body)
					}
					results <- err
				}()
			}
			eventually(t, func() bool { return usesOf(r, "f").Held == streams })
			start := time.Now()
			r.engine.Brake(true)
			eventually(t, func() bool { return usesOf(r, "f").Held == 0 })
			// On a machine that may be busy; the delays last a minute.
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("released after %v, want a second or so", took)
			}
			for range streams {
				if err := <-results; err != nil {
					t.Fatal(err)
				}
			}
			for _, a := range r.wait(streams) {
				if a.End != observe.EndComplete || a.Delay <= 0 || !slices.Equal(a.DelayedBy, []string{"f"}) {
					t.Fatalf("recorded %+v, want a delay", a)
				}
			}
		})
	}
}

// delayAt is a delay of a minute on one side of the upstream.
func delayAt(at faults.Side) *faults.Delay {
	minute := time.Minute
	return &faults.Delay{Fixed: &minute, At: at}
}

func TestHTTP2DecidesAsTheWirePathDoes(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t, func(http.ResponseWriter, *http.Request) {})
	share := 0.5
	statuses := func(r *rig) map[string]int {
		r.apply(faults.Fault{Name: "half", Answer: &faults.Answer{Status: 503}, Trigger: faults.Trigger{Share: &share}})
		out := make(map[string]int)
		for i := range 60 {
			target := fmt.Sprint("/1/content/music/search?q=", i)
			response, _ := r.do("POST", target, strings.NewReader(fmt.Sprint("body ", i)), "User-Agent", "caller/1")
			out[target] = response.StatusCode
		}
		return out
	}
	wire, h2 := statuses(newRig(t, origin)), statuses(newPlainHTTP2(t, origin))
	if diff := cmp.Diff(wire, h2); diff != "" {
		t.Errorf("decisions differ (-wire +h2):\n%s", diff)
	}
	if values := slices.Collect(maps.Values(h2)); !slices.Contains(values, 200) || !slices.Contains(values, 503) {
		t.Errorf("got %v, want both kinds", values)
	}
}
