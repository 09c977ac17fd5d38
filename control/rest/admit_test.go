package rest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestStrictAtTheDoor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, target, body string
		fields               []string // each as "name description"
		message              string   // a part of it
	}{
		"unknown field": {
			http.MethodPost, "/v1/faults", `{"name":"a","shre":1}`,
			[]string{"fault.shre is unknown"},
			"fault.shre is unknown",
		},
		"percentage": {
			http.MethodPost, "/v1/faults", `{"name":"a","share":"20%"}`,
			[]string{`fault.share is "20%", want a number such as 0.2`},
			"body: fault.share is",
		},
		"minutes": {
			http.MethodPatch, "/v1/faults/a", `{"ttl":"10m"}`,
			[]string{`fault.ttl is "10m", want seconds such as "600s" or "0.25s"`},
			"",
		},
		"several of the wrong type": {
			http.MethodPost, "/v1/faults:apply",
			`{"faults":[{"name":null,"share":0.5,"ttl":"1s","first":18446744073709551615},{"name":3,"first":-1,"disabled":"yes","delay":{"uniform":{"min":5,"max":"1s"}}}]}`,
			[]string{
				`faults[1].delay.uniform.min is 5, want seconds such as "600s" or "0.25s"`,
				`faults[1].disabled is "yes", want true or false`,
				"faults[1].first is -1, want a whole number from 0 on",
				"faults[1].name is 3, want a string",
			},
			"",
		},
		"unknown field further in": {
			http.MethodPost, "/v1/faults", `{"answer":{"retry_after":{"minutes":1}}}`,
			[]string{"fault.answer.retry_after.minutes is unknown"},
			"",
		},
		"unknown field in a list": {
			http.MethodPost, "/v1/faults:apply", `{"faults":[{},{"match":{"host":"x"},"x":1}]}`,
			[]string{"faults[1].match.host is unknown", "faults[1].x is unknown"},
			"",
		},
		"unknown field of an update": {
			http.MethodPatch, "/v1/faults/a", `{"shre":1}`, []string{"fault.shre is unknown"}, "",
		},
		"unknown field of a verb": {
			http.MethodPost, "/v1/brake:pull", `{"why":"x"}`, []string{"why is unknown"}, "",
		},
		"field given twice":          {http.MethodPost, "/v1/faults", `{"share":0.1,"share":0.2}`, nil, `duplicate field "share"`},
		"field given by both names":  {http.MethodPatch, "/v1/faults/a", `{"create_time":null,"createTime":null}`, nil, `duplicate field "createTime"`},
		"key of a map given twice":   {http.MethodPost, "/v1/faults", `{"match":{"query":{"q":"1","q":"2"}}}`, nil, "duplicate"},
		"map of the wrong type":      {http.MethodPost, "/v1/faults", `{"match":{"query":{"a":1}}}`, nil, "invalid value for string field"},
		"list of the wrong type":     {http.MethodPost, "/v1/faults", `{"match":{"methods":"GET"}}`, nil, `unexpected token "GET"`},
		"message of the wrong type":  {http.MethodPost, "/v1/faults", `{"answer":5}`, nil, "unexpected token 5"},
		"no JSON":                    {http.MethodPost, "/v1/faults", `name=a`, nil, "body: invalid character"},
		"cut off":                    {http.MethodPost, "/v1/faults", `{"name":"a"`, nil, "unexpected end"},
		"no object":                  {http.MethodPost, "/v1/faults", `[]`, nil, "body: "},
		"null":                       {http.MethodPost, "/v1/faults", `null`, nil, "body: "},
		"something behind the value": {http.MethodPost, "/v1/faults", `{"name":"a"} {}`, nil, "after top-level value"},
		"body where none belongs":    {http.MethodDelete, "/v1/faults/a", `{}`, nil, "DELETE /v1/faults/{name} takes none"},
		"body on a GET":              {http.MethodGet, "/v1/status", `{}`, nil, "takes none"},
		"name that differs from the path": {
			http.MethodPatch, "/v1/faults/a", `{"name":"b","share":1}`,
			[]string{`fault.name is "b", but the path says "a"`},
			"",
		},
		"name of a verb that differs": {
			http.MethodPost, "/v1/faults/a:enable", `{"name":"b"}`, []string{`name is "b", but the path says "a"`}, "",
		},
		"unknown parameter": {
			http.MethodGet, "/v1/faults?pagesize=1", "",
			[]string{"pagesize is unknown, want page_size, page_token, endpoint, client, states"},
			"query: pagesize is unknown",
		},
		"parameter by its camel case": {
			http.MethodGet, "/v1/faults?pageSize=1", "", []string{"pageSize is unknown, want page_size, page_token, endpoint, client, states"}, "",
		},
		"parameter where none belongs": {
			http.MethodGet, "/v1/brake?x=1", "", []string{"x is unknown, want no parameters"}, "",
		},
		"parameter that the body fills": {
			http.MethodPost, "/v1/brake:pull?reason=x", "", []string{"reason is unknown, want no parameters"}, "",
		},
		"parameter that the path fills": {
			http.MethodDelete, "/v1/faults/a?name=b", "", []string{"name is unknown, want revision, request_id"}, "",
		},
		"field of the body as a parameter": {
			http.MethodPatch, "/v1/faults/a?fault.share=1", `{}`, []string{"fault.share is unknown, want update_mask, request_id"}, "",
		},
		"field of a create as a parameter": {
			http.MethodPost, "/v1/faults?fault.share=1", `{}`, []string{"fault.share is unknown, want request_id"}, "",
		},
		"parameter with a key": {
			http.MethodGet, "/v1/verdict?checks[a]=b", "", []string{"checks[a] is unknown, want client, checks, ended, start_time, end_time"}, "",
		},
		"no number": {
			http.MethodGet, "/v1/faults?page_size=ten", "", []string{`page_size is "ten", want a whole number`}, "",
		},
		"no natural number": {
			http.MethodDelete, "/v1/faults/a?revision=-1", "", []string{`revision is "-1", want a whole number from 0 on`}, "",
		},
		"no time": {
			http.MethodGet, "/v1/verdict?start_time=yesterday", "", []string{`start_time is "yesterday", want a time such as "2026-01-31T12:00:00Z"`}, "",
		},
		"neither true nor false": {
			http.MethodGet, "/v1/verdict?ended=maybe", "", []string{`ended is "maybe", want true or false`}, "",
		},
		"parameter given twice": {
			http.MethodGet, "/v1/faults?page_size=1&page_size=2", "", []string{"page_size is given 2 times, want once"}, "",
		},
		"parameter that is no text": {
			http.MethodGet, "/v1/faults?page_token=%ff", "", []string{`page_token is "\xff", want UTF-8`}, "query: ",
		},
		"path that is no text": {
			http.MethodGet, "/v1/faults/a%ffb", "", []string{`name is "a\xffb", want UTF-8`}, "path: ",
		},
		"broken escape": {http.MethodGet, "/v1/faults?page_token=%zz", "", nil, "query: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := new(fake)
			h := handler(t, f)
			for range 2 {
				got := wantError(t, play(h, request(test.method, test.target, test.body)), 400, "INVALID_ARGUMENT")
				var fields []string
				for _, f := range got.Error.Fields {
					fields = append(fields, f.Field+" "+f.Description)
				}
				if diff := cmp.Diff(test.fields, fields); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
				if !strings.Contains(got.Error.Message, test.message) || strings.Contains(got.Error.Message, "proto:") {
					t.Errorf("message: got %q, want %q in it", got.Error.Message, test.message)
				}
			}
			if rpcs, _ := f.seen(); len(rpcs) > 0 {
				t.Errorf("services: got %v, want no call", rpcs)
			}
		})
	}
}

func TestManyUnknownFieldsAreCutShort(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	for i := range 1000 {
		body.WriteString(`,"x` + strings.Repeat("y", i) + `":1`)
	}
	w := play(handler(t, new(fake)), request(http.MethodPost, "/v1/faults", "{"+body.String()[1:]+"}"))
	if got := len(wantError(t, w, 400, "INVALID_ARGUMENT").Error.Fields); got != maxFields {
		t.Errorf("fields: got %d, want %d", got, maxFields)
	}
}

func TestMaskNamesWholeParts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query, body string
		want        []string
	}{
		"one part":             {"", `{"share":0.2}`, []string{"share"}},
		"part to be cleared":   {"", `{"share":null}`, []string{"share"}},
		"effect to be cleared": {"", `{"answer":null}`, []string{"answer"}},
		"leaf of a part":       {"", `{"answer":{"status":503}}`, []string{"answer"}},
		"leaf to be cleared":   {"", `{"answer":{"status":503,"message":null}}`, []string{"answer"}},
		"part with a map":      {"", `{"match":{"query":{"q":"*"},"methods":["GET"]}}`, []string{"match"}},
		"several, camel case":  {"", `{"ttl":"5s","disabled":true,"createTime":null}`, []string{"create_time", "disabled", "ttl"}},
		"name and revision":    {"", `{"name":"a","revision":"7","share":1}`, []string{"share"}},
		"nothing else":         {"", `{"name":"a","revision":"7"}`, nil},
		"nothing":              {"", `{}`, nil},
		"no body":              {"", "", nil},
		"mask that is given":   {"?update_mask=share,answer.status", `{"disabled":true}`, []string{"share", "answer.status"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := new(fake)
			h := handler(t, f)
			for range 2 {
				if w := play(h, request(http.MethodPatch, "/v1/faults/a"+test.query, test.body)); w.Code != http.StatusOK {
					t.Fatalf("code: got %d, want 200; body %s", w.Code, w.Body)
				}
			}
			_, requests := f.seen()
			for _, r := range requests {
				update := r.(*groovechaosv1.UpdateFaultRequest)
				if diff := cmp.Diff(test.want, update.GetUpdateMask().GetPaths()); diff != "" {
					t.Errorf("mask (-want +got):\n%s", diff)
				}
				if got := update.GetFault().GetName(); got != "a" {
					t.Errorf("name: got %q, want a", got)
				}
			}
		})
	}
}

func TestBodyMustBeJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mediaTypes []string
		body       string
		code       int
	}{
		"JSON":                   {[]string{"application/json"}, `{}`, 200},
		"JSON with a parameter":  {[]string{"application/json; charset=utf-8"}, `{}`, 200},
		"JSON in capitals":       {[]string{"Application/JSON"}, `{}`, 200},
		"no body, no type":       {nil, "", 200},
		"no body, JSON":          {[]string{"application/json"}, "", 200},
		"body without a type":    {nil, `{}`, 415},
		"form":                   {[]string{"application/x-www-form-urlencoded"}, `{}`, 415},
		"form without a body":    {[]string{"application/x-www-form-urlencoded"}, "", 415},
		"multipart form":         {[]string{"multipart/form-data; boundary=x"}, `{}`, 415},
		"text":                   {[]string{"text/plain"}, `{}`, 415},
		"text that hints at it":  {[]string{"text/plain; application/json"}, `{}`, 415},
		"text, then JSON":        {[]string{"text/plain", "application/json"}, `{}`, 415},
		"JSON, then text":        {[]string{"application/json", "text/plain"}, `{}`, 415},
		"another kind of JSON":   {[]string{"application/problem+json"}, `{}`, 415},
		"nothing that is a type": {[]string{";"}, `{}`, 415},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler(t, new(fake))
			for range 2 {
				r := request(http.MethodPost, "/v1/brake:pull", test.body)
				r.Header["Content-Type"] = test.mediaTypes
				w := play(h, r)
				if test.code == http.StatusOK {
					if w.Code != http.StatusOK {
						t.Errorf("code: got %d, want 200; body %s", w.Code, w.Body)
					}
					continue
				}
				wantError(t, w, test.code, "INVALID_ARGUMENT")
			}
		})
	}
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	f := new(fake)
	server := httptest.NewServer(handler(t, f))
	defer server.Close()
	const around = len(`{"reason":""}`)
	for name, test := range map[string]struct {
		length  int
		chunked bool
		want    int
	}{
		"at the limit":              {1 << 20, false, 200},
		"over it":                   {1<<20 + 1, false, 413},
		"over it, length not known": {1<<20 + 1, true, 413},
		"at it, length not known":   {1 << 20, true, 200},
	} {
		for range 2 {
			var body io.Reader = strings.NewReader(`{"reason":"` + strings.Repeat("x", test.length-around) + `"}`)
			if test.chunked {
				body = io.MultiReader(body)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/brake:pull", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode != test.want {
				t.Errorf("%s: got %d, want %d", name, answer.StatusCode, test.want)
			}
			if test.want != http.StatusOK && !strings.Contains(string(text), `{"error":{"code":413,`) {
				t.Errorf("%s: got %q, want the one shape", name, text)
			}
		}
	}
}

func TestParametersLeadIntoMessages(t *testing.T) {
	t.Parallel()
	b := &binding{input: (&groovechaosv1.UpdateFaultRequest{}).ProtoReflect().Descriptor()}
	for name, want := range map[string]protoreflect.Name{
		"fault.name":                       "name",
		"fault.answer.retry_after.seconds": "seconds",
		"fault.ttl":                        "ttl",
		"fault.match.methods":              "methods",
		"update_mask":                      "update_mask",
		"fault":                            "",
		"fault.nam":                        "",
		"fault.answer":                     "",
		"fault.name.x":                     "",
		"fault.ttl.seconds":                "",
		"fault.match.query.q":              "",
		"fault.":                           "",
		"":                                 "",
	} {
		known := b.parameter(name)
		if (known == nil) != (want == "") || known != nil && known.Name() != want {
			t.Errorf("parameter %q: got %v, want %q", name, known, want)
		}
	}
}

func TestListsOfMessagesAreNoParameters(t *testing.T) {
	t.Parallel()
	b := &binding{input: (&groovechaosv1.ApplyFaultsRequest{}).ProtoReflect().Descriptor()}
	if known := b.parameter("faults.name"); known != nil {
		t.Errorf("parameter: got %v, want none", known)
	}
}

func TestSpacesOfProtojsonAreSpaces(t *testing.T) {
	t.Parallel()
	if got, want := plain(errors.New("proto:\u00a0(line 1:2): odd")), "(line 1:2): odd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	f := new(fake)
	h := handler(t, f)
	for range 2 {
		r := request(http.MethodPost, "/v1/brake:pull", `{}`)
		r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
		wantError(t, play(h, r), 400, "INVALID_ARGUMENT")
	}
	if rpcs, _ := f.seen(); len(rpcs) > 0 {
		t.Errorf("services: got %v, want no call", rpcs)
	}
}
