package groove_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
)

const (
	typeJSON   = "application/json; charset=utf-8"
	typeXML    = "application/xml; charset=utf-8"
	typeScript = "application/javascript; charset=utf-8"
	namespaces = ` xmlns="http://schemas.microsoft.com/groovemusic/2016/09/api" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
)

func TestRenderError(t *testing.T) {
	t.Parallel()
	asJSON := groove.Wanted{Format: groove.FormatJSON}
	asXML := groove.Wanted{Format: groove.FormatXML}
	asScript := groove.Wanted{Format: groove.FormatJSONP, Callback: "app.show"}
	plain := groove.Error{Code: groove.CodeCatalogNoResult, Description: "The item does not exist"}
	hostile := groove.Error{Code: "X", Description: "a<b>&\"c\"\u2028", Message: "\x00\x1b\xff\t"}

	tests := map[string]struct {
		wanted   groove.Wanted
		root     string
		err      groove.Error
		wantType string
		wantBody string
	}{
		"JSON": {
			asJSON, "ContentResponse", plain, typeJSON,
			`{"Error":{"ErrorCode":"CATALOG_NO_RESULT","Description":"The item does not exist"}}`,
		},
		"JSON with a message": {
			asJSON, "ContentResponse",
			groove.Error{Code: "A", Description: "b", Message: "Let's <go> & see"},
			typeJSON,
			`{"Error":{"ErrorCode":"A","Description":"b","Message":"Let's <go> & see"}}`,
		},
		"JSON of hostile text": {
			asJSON, "ContentResponse", hostile, typeJSON,
			`{"Error":{"ErrorCode":"X","Description":"a<b>&\"c\"\u2028","Message":"\u0000\u001b\ufffd\t"}}`,
		},
		"no format": {
			groove.Wanted{},
			"ContentResponse", plain, typeJSON,
			`{"Error":{"ErrorCode":"CATALOG_NO_RESULT","Description":"The item does not exist"}}`,
		},
		"XML": {
			asXML, "ContentResponse", plain, typeXML,
			`<ContentResponse` + namespaces + `><Error><Description>The item does not exist</Description>` +
				`<ErrorCode>CATALOG_NO_RESULT</ErrorCode></Error></ContentResponse>`,
		},
		"XML with a message": {
			asXML, "TrackActionResponse",
			groove.Error{Code: "A", Description: "b", Message: "c"},
			typeXML,
			`<TrackActionResponse` + namespaces + `><Error><Description>b</Description>` +
				`<ErrorCode>A</ErrorCode><Message>c</Message></Error></TrackActionResponse>`,
		},
		"XML of hostile text": {
			asXML, "ContentResponse", hostile, typeXML,
			`<ContentResponse` + namespaces + `><Error><Description>a&lt;b&gt;&amp;&#34;c&#34;` + "\u2028" + `</Description>` +
				`<ErrorCode>X</ErrorCode><Message>` + "\ufffd\ufffd\ufffd" + `&#x9;</Message></Error></ContentResponse>`,
		},
		"XML without a root": {
			asXML, "", plain, typeXML,
			`<ContentResponse` + namespaces + `><Error><Description>The item does not exist</Description>` +
				`<ErrorCode>CATALOG_NO_RESULT</ErrorCode></Error></ContentResponse>`,
		},
		"XML of an image": {
			asXML, "image", plain, typeXML,
			`<ContentResponse` + namespaces + `><Error><Description>The item does not exist</Description>` +
				`<ErrorCode>CATALOG_NO_RESULT</ErrorCode></Error></ContentResponse>`,
		},
		"JSONP": {
			asScript, "ContentResponse", plain, typeScript,
			`app.show({"Error":{"ErrorCode":"CATALOG_NO_RESULT","Description":"The item does not exist"}});`,
		},
		"JSONP of hostile text": {
			asScript, "ContentResponse",
			groove.Error{Code: "X", Description: "\u2028\u2029"},
			typeScript,
			`app.show({"Error":{"ErrorCode":"X","Description":"\u2028\u2029"}});`,
		},
		"JSONP with a bad callback": {
			groove.Wanted{Format: groove.FormatJSONP, Callback: "alert(1);f"},
			"ContentResponse", plain, typeJSON,
			`{"Error":{"ErrorCode":"CATALOG_NO_RESULT","Description":"The item does not exist"}}`,
		},
		"token": {
			asXML, "TokenResponse",
			groove.Error{Code: groove.CodeAccessTokenInvalid, Description: "Invalid", Message: `a "b" é`},
			typeJSON,
			`{"error":"invalid_client","error_description":"Invalid: a ?b? ?"}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := groove.RenderError(tt.wanted, tt.root, tt.err)
			if d.ContentType != tt.wantType {
				t.Errorf("content type %q, want %q", d.ContentType, tt.wantType)
			}
			if d.ContentEncoding != "" {
				t.Errorf("content encoding %q, want none", d.ContentEncoding)
			}
			if got := string(d.Body); got != tt.wantBody {
				t.Errorf("body\n%s\nwant\n%s", got, tt.wantBody)
			}
		})
	}
}

func TestRenderErrorOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	tests := map[groove.ErrorCode]string{
		groove.CodeMissingInputParameter: "invalid_request",
		groove.CodeAccessTokenInvalid:    "invalid_client",
		groove.CodeUnauthorizedAPIMethod: "unauthorized_client",
		groove.CodeTooManyRequests:       "temporarily_unavailable",
		groove.CodeInternalServerError:   "server_error",
		groove.CodeCatalogUnavailable:    "server_error",
		"NO_SUCH_CODE":                   "invalid_request",
	}
	for code, want := range tests {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			e, _ := groove.EndpointByName(groove.Token)
			d := groove.RenderError(groove.Wanted{}, e.Answer, groove.NewError(code, ""))
			var got struct {
				Error       string `json:"error"`
				Description string `json:"error_description"`
			}
			if err := json.Unmarshal(d.Body, &got); err != nil {
				t.Fatalf("read %s: %v", d.Body, err)
			}
			if got.Error != want || got.Description == "" {
				t.Errorf("error %q with description %q, want %q with one", got.Error, got.Description, want)
			}
		})
	}
}

func TestRenderErrorCompressed(t *testing.T) {
	t.Parallel()
	e := groove.NewError(groove.CodeTooManyRequests, "slow down")
	for _, format := range []groove.Format{groove.FormatJSON, groove.FormatXML, groove.FormatJSONP} {
		w := groove.Wanted{Format: format, Callback: "f"}
		plain := groove.RenderError(w, "ContentResponse", e)
		w.Gzip = true
		packed, again := groove.RenderError(w, "ContentResponse", e), groove.RenderError(w, "ContentResponse", e)
		if packed.ContentEncoding != "gzip" || packed.ContentType != plain.ContentType {
			t.Errorf("%s: %q, %q, want gzip of %q", format, packed.ContentEncoding, packed.ContentType, plain.ContentType)
		}
		if !bytes.Equal(packed.Body, again.Body) {
			t.Errorf("%s: the same error gave other bytes the second time", format)
		}
		reader, err := gzip.NewReader(bytes.NewReader(packed.Body))
		if err != nil {
			t.Fatalf("%s: open gzip: %v", format, err)
		}
		got, err := io.ReadAll(reader)
		if err != nil {
			t.Fatalf("%s: read gzip: %v", format, err)
		}
		if !bytes.Equal(got, plain.Body) {
			t.Errorf("%s: unpacked to %s, want %s", format, got, plain.Body)
		}
	}
}

func TestPackLeavesTheBodyAlone(t *testing.T) {
	t.Parallel()
	body := []byte("{\"a\":\"\u2028\u2029\"}")
	d := groove.Wanted{Format: groove.FormatJSONP, Callback: "f"}.Pack(body)
	if got, want := string(d.Body), `f({"a":"\u2028\u2029"});`; got != want {
		t.Errorf("packed %s, want %s", got, want)
	}
	if got, want := string(body), "{\"a\":\"\u2028\u2029\"}"; got != want {
		t.Errorf("the caller's body became %q, want %q", got, want)
	}
}

func TestNewError(t *testing.T) {
	t.Parallel()
	tests := map[groove.ErrorCode]groove.Error{
		groove.CodeTooManyRequests: {Code: groove.CodeTooManyRequests, Description: "Too many requests", Message: "m"},
		"NO_SUCH_CODE":             {Code: "NO_SUCH_CODE", Description: "Unknown error", Message: "m"},
	}
	for code, want := range tests {
		if got := groove.NewError(code, "m"); got != want {
			t.Errorf("NewError(%q) = %+v, want %+v", code, got, want)
		}
	}
}

// drawError draws an Error of any text.
func drawError(t *rapid.T) groove.Error {
	return groove.Error{
		Code:        rapid.SampledFrom(groove.ErrorCodes()).Draw(t, "code").Code,
		Description: rapid.String().Draw(t, "description"),
		Message:     rapid.String().Draw(t, "message"),
	}
}

func TestRenderedJSONIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := drawError(t)
		var got struct {
			Error struct {
				ErrorCode            groove.ErrorCode
				Description, Message string
			}
		}
		d := groove.RenderError(groove.Wanted{Format: groove.FormatJSON}, "ContentResponse", e)
		if err := json.Unmarshal(d.Body, &got); err != nil {
			t.Fatalf("read %s: %v", d.Body, err)
		}
		if back := (groove.Error{Code: got.Error.ErrorCode, Description: got.Error.Description, Message: got.Error.Message}); back != e {
			t.Fatalf("read back %+v, want %+v", back, e)
		}
	})
}

// inXML is what a text becomes on its way through XML 1.0.
func inXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
			return '\ufffd'
		}
		return r
	}, s)
}

func TestRenderedXMLIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := drawError(t)
		var got struct {
			XMLName xml.Name
			Error   struct {
				Description string           `xml:"http://schemas.microsoft.com/groovemusic/2016/09/api Description"`
				ErrorCode   groove.ErrorCode `xml:"http://schemas.microsoft.com/groovemusic/2016/09/api ErrorCode"`
				Message     string           `xml:"http://schemas.microsoft.com/groovemusic/2016/09/api Message"`
			} `xml:"http://schemas.microsoft.com/groovemusic/2016/09/api Error"`
		}
		d := groove.RenderError(groove.Wanted{Format: groove.FormatXML}, "RadioResponse", e)
		if err := xml.Unmarshal(d.Body, &got); err != nil {
			t.Fatalf("read %s: %v", d.Body, err)
		}
		if want := (xml.Name{Space: groove.XMLNamespace, Local: "RadioResponse"}); got.XMLName != want {
			t.Fatalf("root %v, want %v", got.XMLName, want)
		}
		want := groove.Error{Code: e.Code, Description: inXML(e.Description), Message: inXML(e.Message)}
		if back := (groove.Error{Code: got.Error.ErrorCode, Description: got.Error.Description, Message: got.Error.Message}); back != want {
			t.Fatalf("read back %+v, want %+v", back, want)
		}
	})
}

func BenchmarkRenderError(b *testing.B) {
	e := groove.NewError(groove.CodeTooManyRequests, "")
	for name, w := range map[string]groove.Wanted{
		"json":  {Format: groove.FormatJSON},
		"xml":   {Format: groove.FormatXML},
		"jsonp": {Format: groove.FormatJSONP, Callback: "f"},
		"gzip":  {Format: groove.FormatJSON, Gzip: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				groove.RenderError(w, "ContentResponse", e)
			}
		})
	}
}
