package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

func TestAttemptSaysWhatWasSeen(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(429)
		io.WriteString(w, `{"Error":{"ErrorCode":"TOO_MANY_REQUESTS","Description":"d"}}`)
	}))
	const token = "Bearer open-sesame"
	rig.do("POST", addPath+"?accessToken=secret&B=2&a=1", strings.NewReader("tracks"),
		"Authorization", token, "User-Agent", "Caller/1", "X-Groovechaos-Call", "c7", "Idempotency-Key", "key", "X-Request-Id", "r1",
		"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Team", "blue")
	a := rig.wait(1)[0]
	digest := observe.NewDigest()
	_, _ = digest.Write([]byte("tracks"))
	want := observe.Attempt{
		Sequence: 1, Conn: 1, ConnUse: 1,
		UserAgent: "Caller/1", Endpoint: groove.CollectionAdd, Method: "POST", Host: "127.0.0.1",
		Target: addPath + "?a=1&b=2", BodyLength: 6, BodyDigest: digest.Sum(), BodyComplete: true,
		CallID: "c7", CallIDHeader: observe.CallHeader, Counter: observe.NoCounter, RequestID: "r1",
		Status: 429, Class: groove.ClassFailure, ErrorCode: groove.CodeTooManyRequests,
		Origin: observe.OriginUpstream, End: observe.EndComplete, RetryAfter: "3",
		Forwarded: true, UpstreamStatus: 429, Address: "127.0.0.1", Trace: "4bf92f3577b34da6a3ce929d0e0e4736",
		TraceParent: "00f067aa0ba902b7-01",
		Headers:     headers("User-Agent", "Caller/1", "X-Team", "blue"),
	}
	ignore := cmpopts.IgnoreFields(observe.Attempt{}, "Time", "Received", "Answered", "Client", "Credential", "IdempotencyKey")
	if diff := cmp.Diff(want, a, ignore); diff != "" {
		t.Errorf("the record differs (-want +got):\n%s", diff)
	}
	if a.Client == "" || a.Credential == "" || a.IdempotencyKey == "" || strings.Contains(a.Client+a.Credential, "sesame") {
		t.Errorf("got client %q, credential %q, key %q, want digests", a.Client, a.Credential, a.IdempotencyKey)
	}
	if a.Received <= 0 || a.Answered <= a.Received || time.Since(a.Time) > time.Minute {
		t.Errorf("got times %v, %v, %v, want them in order", a.Time, a.Received, a.Answered)
	}
}

// headers is what an attempt is to hold of fields, given by their names in order.
func headers(fields ...string) string {
	var digests []string
	for pair := range slices.Chunk(fields, 2) {
		digests = append(digests, fmt.Sprintf("%s=%016x", strings.ToLower(pair[0]), xxhash.Sum64String(pair[1]))[:len(pair[0])+1+8])
	}
	return strings.Join(digests, ";")
}

// TestHeadersAreRecordedAlike holds that the paths of HTTP/1.1 and HTTP/2 see the same fields.
func TestHeadersAreRecordedAlike(t *testing.T) {
	t.Parallel()
	upstream := newOrigin(t, func(http.ResponseWriter, *http.Request) {})
	for name, rig := range map[string]*rig{"HTTP/1.1": newRig(t, upstream), "HTTP/2": newPlainHTTP2(t, upstream)} {
		rig.do("GET", searchPath, nil, "User-Agent", "Caller/1", "Cookie", "a=b", "X-Team", "blue", "x-a", "1", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		a := rig.wait(1)[0]
		if want := headers("User-Agent", "Caller/1", "X-A", "1", "X-Team", "blue"); a.Headers != want {
			t.Errorf("%s: got fields %q, want %q", name, a.Headers, want)
		}
		if want := "4bf92f3577b34da6a3ce929d0e0e4736"; a.Trace != want || a.Address != "127.0.0.1" {
			t.Errorf("%s: got trace %q from %q, want %q", name, a.Trace, a.Address, want)
		}
	}
}

func TestAnsweredLiesBeforeTheNextAttempt(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "some")
		w.(http.Flusher).Flush() // makes it chunked: the last byte is net/http's own
	}))
	const calls = 100
	for range calls {
		rig.do("GET", searchPath, nil)
	}
	attempts := rig.wait(calls)
	for i, a := range attempts {
		if a.Sequence != uint64(i+1) || a.Answered < a.Received {
			t.Fatalf("attempt %d: sequence %d, received %v, answered %v", i, a.Sequence, a.Received, a.Answered)
		}
		if i > 0 && attempts[i-1].Answered > a.Received {
			t.Fatalf("attempt %d was received at %v, before the answer at %v", i, a.Received, attempts[i-1].Answered)
		}
	}
}

func TestConnectionsAndUsesAreNumbered(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	for conn := range uint64(2) {
		c, r := rig.dial()
		for use := range uint64(3) {
			send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			response, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if a := rig.wait(1)[0]; a.Conn != conn+1 || a.ConnUse != use+1 {
				t.Errorf("got use %d of connection %d, want %d of %d", a.ConnUse, a.Conn, use+1, conn+1)
			}
		}
	}
}

func TestPipelinedRequestsAreAllSeen(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) }))
	c, r := rig.dial()
	send(t, c, strings.Repeat("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", 3))
	for range 3 {
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(response.Body); string(body) != "/a" {
			t.Errorf("got %q, want /a", body)
		}
	}
	rig.wait(3)
}

func TestSoftErrorIsSeen(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"Error":{"ErrorCode":"CATALOG_INVALID_DATA"}}`)
	}))
	rig.do("GET", searchPath, nil)
	if a := rig.wait(1)[0]; a.Class != groove.ClassSoftError || a.ErrorCode != groove.CodeCatalogInvalidData {
		t.Errorf("got %s with %q, want soft_error with CATALOG_INVALID_DATA", a.Class, a.ErrorCode)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ upstream, want string }{
		"another scheme":   {"ftp://a", "upstream: target"},
		"no host":          {"http://", "upstream: target"},
		"user information": {"http://u:hush@a", "upstream: target holds a user"},
		"a path":           {"http://a/b", "upstream: target"},
		"a query":          {"http://a?b", "upstream: target"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := proxy.New(proxy.Options{Upstream: parse(t, test.upstream), Engine: newEngine()})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
	if _, err := proxy.New(proxy.Options{Engine: newEngine()}); err == nil {
		t.Error("got no error without an upstream")
	}
	if _, err := proxy.New(proxy.Options{Upstream: parse(t, "http://a")}); err == nil {
		t.Error("got no error without an engine")
	}
	if _, err := proxy.New(proxy.Options{Upstream: parse(t, "http://a/"), Engine: newEngine()}); err != nil {
		t.Errorf("got %v for a bare upstream, want none", err)
	}
}
