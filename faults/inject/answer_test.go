package inject_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
)

// noon lies 0.4 s behind a whole second.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 400_000_000, time.UTC)

func TestAnswerStatusAndCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer   faults.Answer
		endpoint string
		status   int
		phrase   string
		code     groove.ErrorCode
	}{
		"a status takes the code that the endpoint sends": {
			answer: faults.Answer{Status: 429}, endpoint: groove.Search,
			status: 429, phrase: "Too Many Requests", code: groove.CodeTooManyRequests,
		},
		"a code takes its default status": {
			answer: faults.Answer{ErrorCode: groove.CodeCatalogUnavailable}, endpoint: groove.Search,
			status: 502, phrase: "Bad Gateway", code: groove.CodeCatalogUnavailable,
		},
		"a code with another status keeps both": {
			answer: faults.Answer{Status: 500, ErrorCode: groove.CodeCatalogUnavailable}, endpoint: groove.Search,
			status: 500, phrase: "Internal Server Error", code: groove.CodeCatalogUnavailable,
		},
		"a soft error is a 200 with an Error": {
			answer: faults.Answer{ErrorCode: groove.CodeCatalogInvalidData}, endpoint: groove.Search,
			status: 200, phrase: "OK", code: groove.CodeCatalogInvalidData,
		},
		"503 with a code has a body after all": {
			answer: faults.Answer{Status: 503, ErrorCode: groove.CodeInternalServerError}, endpoint: groove.Search,
			status: 503, phrase: "Service Unavailable", code: groove.CodeInternalServerError,
		},
		"a target outside the contract gets an Error as well": {
			answer: faults.Answer{Status: 500},
			status: 500, phrase: "Internal Server Error", code: groove.CodeInternalServerError,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := inject.Request{Method: "GET", Now: noon}
			if test.endpoint != "" {
				request.Endpoint = endpoint(t, test.endpoint)
			}
			got := inject.Answer(test.answer, request)
			if got.Status != test.status || got.Phrase != test.phrase {
				t.Errorf("got %d %q, want %d %q", got.Status, got.Phrase, test.status, test.phrase)
			}
			if code := groove.Classify(got.Status, got.Body).Code; code != test.code {
				t.Errorf("got the code %q in %q, want %q", code, got.Body, test.code)
			}
			info, _ := groove.ErrorCodeByName(string(test.code))
			if !strings.Contains(string(got.Body), info.Description) {
				t.Errorf("got %q, want the description %q in it", got.Body, info.Description)
			}
			if length := got.Value("content-length"); length != strconv.Itoa(len(got.Body)) {
				t.Errorf("got Content-Length %s, want %d", length, len(got.Body))
			}
		})
	}
}

func TestAnswerWithoutCodeIsEmpty(t *testing.T) {
	t.Parallel()
	got := inject.Answer(faults.Answer{Status: 503, Message: "unused"}, inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon})
	want := inject.Response{Status: 503, Phrase: "Service Unavailable", Header: []inject.Field{
		{Name: "Date", Value: "Sun, 01 Mar 2026 12:00:00 GMT"},
		{Name: "Content-Length", Value: "0"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a 503 of a front end differs (-want +got):\n%s", diff)
	}
}

func TestAnswerRetryAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after *faults.RetryAfter
		want  string
	}{
		"absent by default":                  {nil, ""},
		"seconds":                            {&faults.RetryAfter{Seconds: new(uint64(7))}, "7"},
		"zero seconds are sent":              {&faults.RetryAfter{Seconds: new(uint64(0))}, "0"},
		"huge seconds are sent":              {&faults.RetryAfter{Seconds: new(uint64(1<<64 - 1))}, "18446744073709551615"},
		"a date is rounded up":               {&faults.RetryAfter{DateIn: new(5 * time.Second)}, "Sun, 01 Mar 2026 12:00:06 GMT"},
		"a whole date stays":                 {&faults.RetryAfter{DateIn: new(4600 * time.Millisecond)}, "Sun, 01 Mar 2026 12:00:05 GMT"},
		"a date in the past is rounded up":   {&faults.RetryAfter{DateIn: new(-time.Second)}, "Sun, 01 Mar 2026 12:00:00 GMT"},
		"a malformed value is sent as it is": {&faults.RetryAfter{Raw: new("soon; or later")}, "soon; or later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := inject.Answer(faults.Answer{Status: 429, RetryAfter: test.after}, inject.Request{Method: "GET", Now: noon})
			if value := got.Value("Retry-After"); value != test.want {
				t.Errorf("got %q, want %q", value, test.want)
			}
			if present, want := strings.Contains(fieldNames(got), "Retry-After"), test.want != ""; present != want {
				t.Errorf("field present: got %t, want %t", present, want)
			}
		})
	}
}

func fieldNames(r inject.Response) string {
	var names []string
	for _, field := range r.Header {
		names = append(names, field.Name)
	}
	return strings.Join(names, " ")
}

func TestAnswerDateLayoutIsThatOfHTTP(t *testing.T) {
	t.Parallel()
	got := inject.Answer(faults.Answer{Status: 500}, inject.Request{Now: noon.In(time.FixedZone("east", 3600))})
	if want := noon.Format(http.TimeFormat); got.Value("Date") != want {
		t.Errorf("got %q, want %q", got.Value("Date"), want)
	}
}

func TestAnswerRepresentations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wanted      groove.Wanted
		contentType string
		begins      string
	}{
		"JSON":  {groove.Wanted{}, "application/json", "{"},
		"XML":   {groove.Wanted{Format: groove.FormatXML}, "application/xml", "<"},
		"JSONP": {groove.Wanted{Format: groove.FormatJSONP, Callback: "tell"}, "javascript", "tell("},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Wanted: test.wanted, Now: noon}
			got := inject.Answer(faults.Answer{Status: 500, Message: "spilt"}, request)
			if value := got.Value("Content-Type"); !strings.Contains(value, test.contentType) {
				t.Errorf("got Content-Type %q, want %q in it", value, test.contentType)
			}
			if !strings.HasPrefix(string(got.Body), test.begins) || !strings.Contains(string(got.Body), "spilt") {
				t.Errorf("got %q, want it to begin with %q and to hold the message", got.Body, test.begins)
			}
		})
	}
}

func TestAnswerGzip(t *testing.T) {
	t.Parallel()
	request := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Wanted: groove.Wanted{Gzip: true}, Now: noon}
	got := inject.Answer(faults.Answer{Status: 500}, request)
	if coding := got.Value("Content-Encoding"); coding != "gzip" {
		t.Fatalf("got Content-Encoding %q, want gzip", coding)
	}
	reader, err := gzip.NewReader(bytes.NewReader(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if code := groove.Classify(500, text).Code; code != groove.CodeInternalServerError {
		t.Errorf("got the code %q in %q, want %q", code, text, groove.CodeInternalServerError)
	}
}

func TestAnswerBodyByteForByte(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"text": "<html>\x00\xff", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := inject.Request{Method: "GET", Wanted: groove.Wanted{Gzip: true}, Now: noon}
			got := inject.Answer(faults.Answer{Status: 500, Body: &body}, request)
			if string(got.Body) != body || got.Value("Content-Encoding") != "" {
				t.Errorf("got %q coded %q, want %q as it is", got.Body, got.Value("Content-Encoding"), body)
			}
			if length := got.Value("Content-Length"); length != strconv.Itoa(len(body)) {
				t.Errorf("got Content-Length %s, want %d", length, len(body))
			}
		})
	}
}

func TestAnswerHeadersReplaceOurs(t *testing.T) {
	t.Parallel()
	got := inject.Answer(faults.Answer{Status: 500, Headers: map[string]string{
		"content-type": "text/html", "X-B": "2", "X-A": "1", "Content-Length": "9999",
	}}, inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon})
	if value := got.Value("Content-Type"); value != "text/html" {
		t.Errorf("got Content-Type %q, want that of the fault", value)
	}
	want := "Date Content-Type Content-Length X-A X-B"
	if names := fieldNames(got); names != want {
		t.Errorf("got the fields %s, want %s", names, want)
	}
	if length := got.Value("Content-Length"); length != strconv.Itoa(len(got.Body)) {
		t.Errorf("got Content-Length %s, want %d", length, len(got.Body))
	}
}

func TestAnswerHeaderWithoutValueIsSent(t *testing.T) {
	t.Parallel()
	got := inject.Answer(faults.Answer{Status: 503, Headers: map[string]string{
		"date": "", "X-Empty": "",
	}}, inject.Request{Method: "GET", Now: noon})
	want := []inject.Field{{Name: "Date"}, {Name: "X-Empty"}, {Name: "Content-Length", Value: "0"}}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("the fields differ (-want +got):\n%s", diff)
	}
}

func TestAnswerToHeadHasNoBody(t *testing.T) {
	t.Parallel()
	request := inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon}
	full := inject.Answer(faults.Answer{Status: 500}, request)
	request.Method = "HEAD"
	head := inject.Answer(faults.Answer{Status: 500}, request)
	if len(head.Body) != 0 || len(full.Body) == 0 {
		t.Errorf("got bodies of %d and %d bytes for HEAD and GET, want none and some", len(head.Body), len(full.Body))
	}
	if diff := cmp.Diff(full.Header, head.Header); diff != "" {
		t.Errorf("the fields differ from those of GET (-GET +HEAD):\n%s", diff)
	}
}

func TestAnswerCarriesNoMarker(t *testing.T) {
	t.Parallel()
	got := inject.Answer(faults.Answer{Status: 429, RetryAfter: &faults.RetryAfter{Seconds: new(uint64(1))}}, inject.Request{Method: "GET", Endpoint: endpoint(t, groove.Search), Now: noon})
	if names, want := fieldNames(got), "Date Content-Type Retry-After Content-Length"; names != want {
		t.Errorf("got the fields %s, want %s", names, want)
	}
	if strings.Contains(strings.ToLower(string(got.Body)), "chaos") {
		t.Errorf("the body %q gives us away", got.Body)
	}
}

// net/http writes its own reason phrases; they must be the documented ones.
func TestDocumentedPhrasesAreThoseOfNetHTTP(t *testing.T) {
	t.Parallel()
	for _, status := range groove.Statuses() {
		if text := http.StatusText(status.Code); text != status.Phrase {
			t.Errorf("%d: got %q, want %q", status.Code, text, status.Phrase)
		}
	}
}
