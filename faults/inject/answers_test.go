package inject_test

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
)

// written is what Append has to write, by what Answer says.
func written(response inject.Response, connection string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", response.Status, response.Phrase)
	for _, field := range response.Header {
		fmt.Fprintf(&out, "%s: %s\r\n", field.Name, field.Value)
	}
	out.WriteString(connection + "\r\n")
	out.Write(response.Body)
	return out.Bytes()
}

func drawAnswer(t *rapid.T) faults.Answer {
	codes := []groove.ErrorCode{"", groove.CodeTooManyRequests, groove.CodeCatalogInvalidData, groove.CodeInternalServerError}
	a := faults.Answer{
		Status:    rapid.SampledFrom([]int{0, 200, 401, 429, 500, 503}).Draw(t, "status"),
		ErrorCode: rapid.SampledFrom(codes).Draw(t, "code"),
		Message:   rapid.SampledFrom([]string{"", "spilt <milk>"}).Draw(t, "message"),
		Headers:   map[string]string{},
	}
	switch rapid.IntRange(0, 4).Draw(t, "retry after") {
	case 0:
		a.RetryAfter = &faults.RetryAfter{Seconds: new(rapid.Uint64().Draw(t, "seconds"))}
	case 1:
		a.RetryAfter = &faults.RetryAfter{DateIn: new(time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "date in")))}
	case 2:
		a.RetryAfter = &faults.RetryAfter{Raw: new("soon")}
	}
	if rapid.Bool().Draw(t, "own body") {
		a.Body = new(rapid.SampledFrom([]string{"", "<html>", `{"Error":{"ErrorCode":"X"}}`}).Draw(t, "body"))
	}
	names := []string{"date", "retry-after", "Content-Type", "X-A", "content-encoding"}
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(t, "headers") {
		a.Headers[name] = rapid.SampledFrom([]string{"", "value"}).Draw(t, "value")
	}
	return a
}

func drawRequest(t *rapid.T) inject.Request {
	return inject.Request{
		Method:   rapid.SampledFrom([]string{"GET", "HEAD", "POST"}).Draw(t, "method"),
		Endpoint: rapid.SampledFrom(append(groove.Endpoints(), groove.Endpoint{})).Draw(t, "endpoint"),
		Wanted: groove.Wanted{
			Format:   rapid.SampledFrom([]groove.Format{"", groove.FormatJSON, groove.FormatXML, groove.FormatJSONP}).Draw(t, "format"),
			Callback: rapid.SampledFrom([]string{"a", "b.c"}).Draw(t, "callback"),
			Gzip:     rapid.Bool().Draw(t, "gzip"),
		},
		Now:        noon.Add(time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(t, "later"))),
		RetryAfter: time.Duration(rapid.SampledFrom([]int64{0, 1, 1e9, 1e9 + 1, 3e12}).Draw(t, "quota")),
		Connection: rapid.SampledFrom([]string{"", "Connection: close\r\n"}).Draw(t, "connection"),
	}
}

func TestAppendSaysWhatAnswerSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var answers inject.Answers
		a := drawAnswer(t)
		for range 4 {
			r := drawRequest(t)
			response := inject.Answer(a, r)
			want := append([]byte("before"), written(response, r.Connection)...)
			got, info := answers.Append([]byte("before"), &a, &r)
			if !bytes.Equal(got, want) {
				t.Fatalf("got\n%q, want\n%q", got, want)
			}
			if info.Status != response.Status || info.RetryAfter != response.Value("Retry-After") {
				t.Fatalf("got %+v, want status and Retry-After of\n%q", info, want)
			}
			again, same := answers.Answer(&a, r)
			if same.Body = info.Body; same != info || !bytes.Equal(written(again, r.Connection), want[len("before"):]) {
				t.Fatalf("got %+v, %+v, want the same as\n%q", again, same, want)
			}
			if !bytes.Equal(got[info.Body:], response.Body) {
				t.Fatalf("got a body at %d, which is %q, want %q", info.Body, got[info.Body:], response.Body)
			}
			body := response.Body
			if bytes.HasPrefix(body, []byte("\x1f\x8b")) {
				body = unpacked(t, body)
			}
			if class := groove.Classify(response.Status, body); class.Class != info.Class || class.Code != info.Code {
				t.Fatalf("got %s %q, want %+v", info.Class, info.Code, class)
			}
		}
	})
}

func TestAppendOfAChangedFaultIsNew(t *testing.T) {
	t.Parallel()
	var answers inject.Answers
	r := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon}
	for _, message := range []string{"first", "second", "first"} {
		got, _ := answers.Append(nil, &faults.Answer{Status: 500, Message: message}, &r)
		if !strings.Contains(string(got), message) {
			t.Errorf("got %q, want the message %q", got, message)
		}
	}
}

func TestAppendCallsTheCallbackOfTheRequest(t *testing.T) {
	t.Parallel()
	var answers inject.Answers
	a := faults.Answer{Status: 500}
	for _, callback := range []string{"one", "other", "one"} {
		r := inject.Request{Method: "GET", Now: noon, Wanted: groove.Wanted{Format: groove.FormatJSONP, Callback: callback}}
		got, info := answers.Append(nil, &a, &r)
		if !strings.HasPrefix(string(got[info.Body:]), callback+"(") {
			t.Errorf("got %q, want a call of %s", got[info.Body:], callback)
		}
	}
	if kept := answers.Kept(); kept != 0 {
		t.Errorf("got %d answers kept, want none: there is no end of callbacks", kept)
	}
}

// Each fault is asked several times, so that what is kept passes its bounds.
func TestAppendBeyondWhatIsKept(t *testing.T) {
	t.Parallel()
	var answers inject.Answers
	r := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon}
	list := make([]faults.Answer, 5000)
	for i := range list {
		list[i] = faults.Answer{Status: 500, Body: new(strconv.Itoa(i))}
	}
	for round := range 2 {
		for i := range list {
			got, info := answers.Append(nil, &list[i], &r)
			if string(got[info.Body:]) != strconv.Itoa(i) {
				t.Fatalf("round %d: got %q for fault %d", round, got[info.Body:], i)
			}
		}
		if kept := answers.Kept(); kept == 0 || kept > 4096 {
			t.Errorf("round %d: got %d answers kept, want some and at most 4096", round, kept)
		}
	}
}

func TestAppendFromManySides(t *testing.T) {
	t.Parallel()
	var answers inject.Answers
	a := faults.Answer{Status: 500}
	var wg sync.WaitGroup
	for _, e := range groove.Endpoints() {
		for range 4 {
			wg.Go(func() {
				r := inject.Request{Method: "GET", Endpoint: e, Now: noon}
				want := written(inject.Answer(a, r), "")
				if got, _ := answers.Append(nil, &a, &r); !bytes.Equal(got, want) {
					t.Errorf("%s: got %q, want %q", e.Name, got, want)
				}
			})
		}
	}
	wg.Wait()
}

func TestAnswerOfQuota(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer *faults.Answer
		wait   time.Duration
		status int
		code   groove.ErrorCode
		after  string
	}{
		"no answer of its own":         {nil, time.Second, 429, groove.CodeTooManyRequests, "1"},
		"an answer that says nothing":  {&faults.Answer{Message: "slow"}, time.Second, 429, groove.CodeTooManyRequests, "1"},
		"a wait is rounded up":         {nil, 2*time.Second + 1, 429, groove.CodeTooManyRequests, "3"},
		"a wait is never 0":            {nil, 1, 429, groove.CodeTooManyRequests, "1"},
		"the longest wait":             {nil, math.MaxInt64, 429, groove.CodeTooManyRequests, "9223372037"},
		"another status":               {&faults.Answer{Status: 503}, 5 * time.Second, 503, "", "5"},
		"another code":                 {&faults.Answer{ErrorCode: groove.CodeUnauthorizedAPIMethod}, 5 * time.Second, 403, groove.CodeUnauthorizedAPIMethod, "5"},
		"a Retry-After of its own":     {&faults.Answer{RetryAfter: &faults.RetryAfter{Seconds: new(uint64(0))}}, time.Minute, 429, groove.CodeTooManyRequests, "0"},
		"a Retry-After among its own":  {&faults.Answer{Headers: map[string]string{"Retry-After": "9"}}, time.Minute, 429, groove.CodeTooManyRequests, "9"},
		"a status that no quota asked": {&faults.Answer{Status: 429}, 0, 429, groove.CodeTooManyRequests, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := faults.Fault{Answer: test.answer, Trigger: faults.Trigger{Quota: &faults.Quota{Requests: 1}}}
			r := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon, RetryAfter: test.wait}
			got := inject.Answer(*inject.AnswerOf(&fault), r)
			if got.Status != test.status || got.Value("Retry-After") != test.after {
				t.Errorf("got %d with Retry-After %q, want %d with %q", got.Status, got.Value("Retry-After"), test.status, test.after)
			}
			if code := groove.Classify(got.Status, got.Body).Code; code != test.code {
				t.Errorf("got the code %q, want %q", code, test.code)
			}
			var answers inject.Answers
			if raw, _ := answers.Append(nil, test.answer, &r); !bytes.Equal(raw, written(got, "")) {
				t.Errorf("got %q on the wire, want %q", raw, written(got, ""))
			}
		})
	}
}

func TestAppendDoesNotAllocateOnceWarm(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	for name, a := range map[string]*faults.Answer{
		"503":   {Status: http.StatusServiceUnavailable},
		"429":   {Status: 429, RetryAfter: &faults.RetryAfter{Seconds: new(uint64(120))}},
		"quota": nil,
	} {
		var answers inject.Answers
		r := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon, RetryAfter: 3 * time.Second}
		buffer := make([]byte, 0, 4096)
		if got := testing.AllocsPerRun(100, func() { answers.Append(buffer, a, &r) }); got != 0 {
			t.Errorf("%s: got %v allocations, want none", name, got)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	for name, a := range benchmarkAnswers() {
		b.Run(name, func(b *testing.B) {
			r := benchmarkRequest()
			b.ReportAllocs()
			for b.Loop() {
				inject.Answer(*a, r)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for name, a := range benchmarkAnswers() {
		b.Run(name, func(b *testing.B) {
			r := benchmarkRequest()
			var answers inject.Answers
			buffer := make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				answers.Append(buffer, a, &r)
			}
		})
	}
}

func benchmarkRequest() inject.Request {
	e, _ := groove.EndpointByName(groove.Search)
	return inject.Request{Method: "GET", Endpoint: e, Wanted: groove.Wanted{Format: groove.FormatJSON, Gzip: true}, Now: noon, RetryAfter: time.Second}
}

func benchmarkAnswers() map[string]*faults.Answer {
	return map[string]*faults.Answer{"503": {Status: 503}, "429": {Status: 429}}
}
