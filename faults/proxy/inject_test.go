package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// untouched is an upstream that must not be asked.
func untouched(t *testing.T) string {
	t.Helper()
	return newOrigin(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the upstream was asked for %s", r.RequestURI)
	})
}

func TestInjectedAnswerIsWhole(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	rig.apply(faults.Fault{Name: "busy", Answer: &faults.Answer{
		Status: 429, Message: "slow down", RetryAfter: &faults.RetryAfter{Seconds: new(uint64(2))},
		Headers: map[string]string{"x-extra": "1", "x-empty": ""},
	}})
	c, r := rig.dial()
	send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
	head := canonical(readHead(t, r))
	var names []string
	for _, line := range head[1:] {
		name, _, _ := strings.Cut(line, ":")
		names = append(names, name)
	}
	want := []string{"content-length", "content-type", "date", "retry-after", "x-empty", "x-extra"}
	if head[0] != "HTTP/1.1 429 Too Many Requests" || !slices.Equal(names, want) {
		t.Errorf("got %q with the fields %v, want 429 with %v", head[0], names, want)
	}
	a := rig.wait(1)[0]
	got := observe.Attempt{
		Status: a.Status, Class: a.Class, ErrorCode: a.ErrorCode, Origin: a.Origin, End: a.End,
		RetryAfter: a.RetryAfter, Fault: a.Fault, Endpoint: a.Endpoint, Reason: a.Reason,
	}
	if diff := cmp.Diff(observe.Attempt{
		Status: 429, Class: groove.ClassFailure, ErrorCode: groove.CodeTooManyRequests, Origin: observe.OriginInjected,
		End: observe.EndComplete, RetryAfter: "2", Fault: "busy", Endpoint: groove.Search, Reason: a.Reason,
	}, got); diff != "" {
		t.Errorf("the record differs (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(a.Reason, "busy: ") {
		t.Errorf("got the reason %q, want that of the decision", a.Reason)
	}
}

func TestInjectedEmptyAnswer(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	rig.apply(answerFault("shed", 503))
	response, body := rig.do("GET", searchPath, nil)
	if response.StatusCode != 503 || body != "" || response.ContentLength != 0 || response.Header.Get("Content-Type") != "" {
		t.Errorf("got %s, %q of type %q, want an empty 503 without a type", response.Status, body, response.Header.Get("Content-Type"))
	}
}

func TestInjectedAnswerFollowsTheClientsWish(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	rig.apply(answerFault("down", 500))
	for name, test := range map[string]struct{ target, accept, begins string }{
		"JSON":  {searchPath, "", "{"},
		"XML":   {searchPath, "application/xml", "<"},
		"JSONP": {searchPath + "&jsonp=tell", "", "tell("},
	} {
		_, body := rig.do("GET", test.target, nil, "Accept", test.accept)
		if !strings.HasPrefix(body, test.begins) {
			t.Errorf("%s: got %q, want it to begin with %q", name, body, test.begins)
		}
		if code := rig.wait(1)[0].ErrorCode; code != groove.CodeInternalServerError {
			t.Errorf("%s: recorded the code %q, want %q", name, code, groove.CodeInternalServerError)
		}
	}
	response, body := rig.do("GET", searchPath, nil, "Accept-Encoding", "gzip")
	if response.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(body, "\x1f\x8b") {
		t.Errorf("got %q coded %q, want gzip", body, response.Header.Get("Content-Encoding"))
	}
	if code := rig.wait(1)[0].ErrorCode; code != groove.CodeInternalServerError {
		t.Errorf("gzip: recorded the code %q, want %q", code, groove.CodeInternalServerError)
	}
}

func TestInjectedAnswerToHead(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	rig.apply(answerFault("down", 500))
	full, _ := rig.do("GET", searchPath, nil)
	head, body := rig.do("HEAD", searchPath, nil)
	if body != "" || head.ContentLength != full.ContentLength || full.ContentLength <= 0 {
		t.Errorf("got %q and length %d for HEAD, want nothing and the %d of GET", body, head.ContentLength, full.ContentLength)
	}
}

// A client's stack repeats by itself what met a dying connection, so the
// connection must survive any injected answer.
func TestInjectedAnswersKeepTheConnection(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	rig.apply(answerFault("down", 500))
	const calls = 1000
	c, r := rig.dial()
	for i := range calls {
		size := 10
		if i%100 == 0 {
			size = 600 << 10 // more than net/http would read on its own
		}
		var request bytes.Buffer
		if i%2 == 0 {
			fmt.Fprintf(&request, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", addPath, size, strings.Repeat("x", size))
		} else {
			fmt.Fprintf(&request, "POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", addPath, size, strings.Repeat("x", size))
		}
		send(t, c, request.String())
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if response.Close || response.StatusCode != 500 {
			t.Fatalf("answer %d: got %s, close %t, want 500 on a kept connection", i, response.Status, response.Close)
		}
	}
	for i, a := range rig.wait(calls) {
		if a.Conn != 1 || a.ConnUse != uint64(i+1) || !a.BodyComplete {
			t.Fatalf("attempt %d: got use %d of connection %d, body complete %t", i, a.ConnUse, a.Conn, a.BodyComplete)
		}
	}
}

func TestFirstStrikesExactly(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	fault := answerFault("thrice", 503)
	fault.Trigger.First = 3
	rig.apply(fault)
	var (
		wg     sync.WaitGroup
		struck atomic.Int64
	)
	for range 50 {
		wg.Go(func() {
			response, err := rig.client.Get(rig.url + searchPath)
			if err != nil {
				t.Error(err)
				return
			}
			response.Body.Close()
			if response.StatusCode == 503 {
				struck.Add(1)
			}
		})
	}
	wg.Wait()
	if got := struck.Load(); got != 3 {
		t.Errorf("got %d of 50 parallel calls struck, want exactly 3", got)
	}
	if use := rig.engine.Uses()[0]; use.Matched != 50 || use.Fired != 3 {
		t.Errorf("got matched %d, fired %d, want 50 and 3", use.Matched, use.Fired)
	}
}

// A client that repeats the moment it has read a status must be seen as
// repeating, whichever connection it takes.
func TestAttemptsCountAcrossConnections(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	fault := answerFault("twice", 503)
	fault.Trigger.Attempts = 2
	rig.apply(fault)
	for call := range 200 {
		target := searchPath + strconv.Itoa(call)
		for attempt, want := range []string{"503", "503", "200"} {
			c, r := rig.dial()
			send(t, c, "GET "+target+" HTTP/1.1\r\nHost: a\r\n\r\n")
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Fields(line)[1]; got != want {
				t.Fatalf("call %d, attempt %d: got %s, want %s", call, attempt+1, got, want)
			}
		}
	}
}

func TestSameSeedStrikesTheSameCalls(t *testing.T) {
	t.Parallel()
	const calls = 300
	strikes := func(concurrency int) []int {
		rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
		fault := answerFault("some", 500)
		fault.Trigger.Share = new(0.2)
		rig.apply(fault)
		var (
			wg     sync.WaitGroup
			mu     sync.Mutex
			struck []int
			next   atomic.Int64
		)
		for range concurrency {
			wg.Go(func() {
				for i := next.Add(1); i <= calls; i = next.Add(1) {
					// A credential that differs must make no difference.
					request, err := http.NewRequest("POST", rig.url+addPath, strings.NewReader(fmt.Sprintf("body %d", i)))
					if err != nil {
						t.Error(err)
						return
					}
					request.Header.Set("Authorization", fmt.Sprintf("Bearer %d", time.Now().UnixNano()))
					response, err := rig.client.Do(request)
					if err != nil {
						t.Error(err)
						return
					}
					response.Body.Close()
					if response.StatusCode == 500 {
						mu.Lock()
						struck = append(struck, int(i))
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		slices.Sort(struck)
		return struck
	}
	one, many := strikes(1), strikes(16)
	if diff := cmp.Diff(one, many); diff != "" {
		t.Errorf("the calls that were struck differ between 1 and 16 at a time:\n%s", diff)
	}
	if len(one) < calls/10 || len(one) > calls*3/10 {
		t.Errorf("got %d of %d struck, want about a fifth", len(one), calls)
	}
}

func TestFaultGoneWhileHeldDoesNotAnswer(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	rig.apply(
		faults.Fault{Name: "slow", Delay: &faults.Delay{Fixed: new(time.Minute)}},
		answerFault("down", 500),
	)
	statuses := make(chan int, 1)
	go func() {
		response, _ := rig.do("GET", searchPath, nil)
		statuses <- response.StatusCode
	}()
	for rig.engine.Uses()[0].Held == 0 {
		time.Sleep(time.Millisecond) // until the exchange is held
	}
	rig.engine.Brake(true)
	if got := <-statuses; got != 200 {
		t.Errorf("got %d after the brake, want the upstream's 200", got)
	}
	a := rig.wait(1)[0]
	if a.Fault != "" || a.Origin != observe.OriginUpstream || !slices.Equal(a.DelayedBy, []string{"slow"}) || a.Delay <= 0 {
		t.Errorf("got fault %q, origin %s, delayed %v by %v, want the upstream's after a delay by slow", a.Fault, a.Origin, a.Delay, a.DelayedBy)
	}
}
