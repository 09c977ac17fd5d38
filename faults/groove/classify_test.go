package groove_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func success() groove.Classification {
	return groove.Classification{Class: groove.ClassSuccess}
}

func softError(code groove.ErrorCode) groove.Classification {
	return groove.Classification{Class: groove.ClassSoftError, Code: code}
}

func failure(code groove.ErrorCode) groove.Classification {
	return groove.Classification{Class: groove.ClassFailure, Code: code}
}

func TestClassifyByStatus(t *testing.T) {
	t.Parallel()
	const body = `{"Error":{"ErrorCode":"CATALOG_UNAVAILABLE"}}`
	code := groove.CodeCatalogUnavailable
	tests := map[string]struct {
		status int
		want   groove.Classification
	}{
		"no answer":           {0, failure(code)},
		"negative":            {-1, failure(code)},
		"below the range":     {99, failure(code)},
		"switching protocols": {101, success()},
		"success with Error":  {200, softError(code)},
		"created with Error":  {201, softError(code)},
		"redirect":            {302, success()},
		"not modified":        {304, success()},
		"client error":        {400, failure(code)},
		"throttled":           {429, failure(code)},
		"server error":        {503, failure(code)},
		"beyond the range":    {600, failure(code)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := groove.Classify(tt.status, []byte(body)); got != tt.want {
				t.Errorf("Classify(%d, %s) = %+v, want %+v", tt.status, body, got, tt.want)
			}
		})
	}
}

// batchResult is a batch write of two, of which one failed.
const batchResult = `"TrackActionResults":[{"InputId":"a","Error":{"ErrorCode":"COLLECTION_INVALID_ID"}},{"Id":"b","Error":null}]`

func TestClassifyJSON(t *testing.T) {
	t.Parallel()
	some := groove.CodeCollectionSomeOperationsFailed
	tests := map[string]struct {
		body string
		want groove.Classification
	}{
		"empty body":              {``, success()},
		"blank body":              {" \r\n", success()},
		"empty object":            {`{}`, success()},
		"results":                 {`{"Artists":{"Items":[{"Id":"a","Error":{"ErrorCode":"X"}}]},"Culture":"en-US"}`, success()},
		"Error":                   {`{"Error":{"ErrorCode":"CATALOG_INVALID_DATA","Description":"d"}}`, softError("CATALOG_INVALID_DATA")},
		"Error after the data":    {`{"Tracks":{"Items":[{},[1,{"a":"}"}]]},"Error":{"Description":"d","ErrorCode":"A"}}`, softError("A")},
		"byte order mark":         {"\xef\xbb\xbf{\"Error\":{}}", softError("")},
		"spread out":              {"\n{ \"Error\" :\t{ \"ErrorCode\" : \"A\" } }", softError("A")},
		"null Error":              {`{"Error":null,"Culture":"en-US"}`, success()},
		"Error without a code":    {`{"Error":{}}`, softError("")},
		"null code":               {`{"Error":{"ErrorCode":null}}`, softError("")},
		"code that is a number":   {`{"Error":{"ErrorCode":7}}`, softError("")},
		"code that is an object":  {`{"Error":{"ErrorCode":{"ErrorCode":"A"},"Message":"m"}}`, softError("")},
		"undocumented code":       {`{"Error":{"ErrorCode":"Something_New_2"}}`, softError("Something_New_2")},
		"hyphens":                 {`{"Error":{"ErrorCode":"CATALOG-NO-RESULT"}}`, softError(groove.CodeCatalogNoResult)},
		"blanks around the code":  {`{"Error":{"ErrorCode":" A\n"}}`, softError("A")},
		"code that is prose":      {`{"Error":{"ErrorCode":"no result"}}`, softError("")},
		"code that is too long":   {`{"Error":{"ErrorCode":"` + strings.Repeat("A", 65) + `"}}`, softError("")},
		"escapes":                 {`{"\u0045rror":{"Error\u0043ode":"A\u005fB"}}`, softError("A_B")},
		"escapes that are wrong":  {`{"Error":{"ErrorCode":"\x","Message":"m"}}`, softError("")},
		"Error that is a text":    {`{"Error":"boom"}`, softError("")},
		"Error that is empty":     {`{"Error":""}`, success()},
		"Error that is false":     {`{"Error":false}`, success()},
		"Error that is a list":    {`{"Error":[{"ErrorCode":"A"}]}`, success()},
		"OAuth error":             {`{"error":"invalid_client","error_description":"d"}`, softError("")},
		"other case":              {`{"ERROR":{"ErrorCode":"A"}}`, success()},
		"longer name":             {`{"ErrorCode":"A","Errors":{"ErrorCode":"A"}}`, success()},
		"Error in a string":       {`{"Name":"\\\"Error\":{","Culture":"\",\"Error\":{"}`, success()},
		"Error further down":      {`{"Results":{"Error":{"ErrorCode":"A"}}}`, success()},
		"list of Errors":          {`[{"Error":{"ErrorCode":"A"}}]`, success()},
		"result with an Error":    {`{` + batchResult + `}`, softError(some)},
		"all results well":        {`{"TrackActionResults":[{"Id":"b"},{"Error":null}],"Error":null}`, success()},
		"results in an object":    {`{"TrackActionResults":{"a":{"Error":{}}}}`, success()},
		"two Errors":              {`{"Error":{"ErrorCode":"A"},"error":{"ErrorCode":"B"}}`, softError("A")},
		"no results":              {`{"TrackActionResults":[]}`, success()},
		"null results":            {`{"TrackActionResults":null}`, success()},
		"results of a playlist":   {`{"PlaylistActionResult":{"Id":"p",` + batchResult + `}}`, softError(some)},
		"results, then the top":   {`{` + batchResult + `,"Error":{"ErrorCode":"A"}}`, softError("A")},
		"results, top without":    {`{"Error":{},` + batchResult + `}`, softError("")},
		"JSONP":                   {`f({"Error":{"ErrorCode":"A"}});`, softError("A")},
		"JSONP of a careful sort": {`/**/ typeof a.b === 'function' && a.b( {"Error":{"ErrorCode":"A"}});`, softError("A")},
		"JSONP that is well":      {`f({"Error":null});`, success()},
		"JSONP of a list":         {`f([{"Error":{}}]);`, success()},
		"plain text":              {`upstream connect error (111)`, success()},
		"call of something far":   {strings.Repeat("a", 256) + `({"Error":{}})`, success()},
		"cut in the code":         {`{"Error":{"ErrorCode":"CATALOG_NO_RES`, softError("")},
		"cut after the code":      {`{"Error":{"ErrorCode":"CATALOG_NO_RESULT"`, softError("CATALOG_NO_RESULT")},
		"cut before the Error":    {`{"Error":`, success()},
		"cut in null":             {`{"Error":nu`, success()},
		"cut in the data":         {`{"Tracks":{"Items":[{"Name":"a`, success()},
		"cut in a result":         {`{"TrackActionResults":[{"Error":{`, softError(some)},
		"no sense at all":         {`{"a" 1,"Error":{}}`, success()},
		"no sense after an Error": {`{"Error":{"ErrorCode":"A"}]]]`, softError("A")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := groove.Classify(200, []byte(tt.body)); got != tt.want {
				t.Errorf("Classify(200, %s) = %+v, want %+v", tt.body, got, tt.want)
			}
		})
	}
}

func TestClassifyXML(t *testing.T) {
	t.Parallel()
	some := groove.CodeCollectionSomeOperationsFailed
	tests := map[string]struct {
		body string
		want groove.Classification
	}{
		"results":                   {`<ContentResponse xmlns="urn:x"><Artists><Items><Artist><Error><ErrorCode>A</ErrorCode></Error></Artist></Items></Artists></ContentResponse>`, success()},
		"Error":                     {`<ContentResponse><Error><Description>d</Description><ErrorCode>A</ErrorCode></Error></ContentResponse>`, softError("A")},
		"declaration and comments":  {`<?xml version="1.0"?><!-- <r><Error/> --><r><!-- > --><Error><ErrorCode>A</ErrorCode></Error></r>`, softError("A")},
		"byte order mark":           {"\xef\xbb\xbf<r><Error><ErrorCode>A</ErrorCode></Error></r>", softError("A")},
		"older namespace":           {`<p:r xmlns:p="http://schemas.microsoft.com/xboxmusic/2013/10/platform"><p:Error><p:ErrorCode>A</p:ErrorCode></p:Error></p:r>`, softError("A")},
		"spread out":                {"<r\n>\n <Error >\n <ErrorCode a='>'>\n A \n</ErrorCode >\n</Error></r>", softError("A")},
		"hyphens":                   {`<r><Error><ErrorCode>CATALOG-NO-RESULT</ErrorCode></Error></r>`, softError(groove.CodeCatalogNoResult)},
		"nil Error":                 {`<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Error i:nil="true"/></r>`, success()},
		"nil Error with end tag":    {`<r><Error x:nil = '1'></Error></r>`, success()},
		"not nil":                   {`<r><Error i:nil="false"><ErrorCode>A</ErrorCode></Error></r>`, softError("A")},
		"empty Error":               {`<r><Error/></r>`, softError("")},
		"empty code":                {`<r><Error><ErrorCode/></Error></r>`, softError("")},
		"code within a code":        {`<r><Error><ErrorCode><b>A</b></ErrorCode></Error></r>`, softError("")},
		"code in CDATA":             {`<r><Error><ErrorCode><![CDATA[A]]></ErrorCode></Error></r>`, softError("")},
		"Error in CDATA":            {`<r><Name><![CDATA[</Name><Error/>]]></Name></r>`, success()},
		"Error in an attribute":     {`<r><Name a="<Error/>"/></r>`, success()},
		"Error further down":        {`<r><Results><Error/></Results></r>`, success()},
		"Error after much":          {`<r><A><B><C/></B><B>x</B></A><A/><Error><ErrorCode>A</ErrorCode></Error></r>`, softError("A")},
		"Error as the root":         {`<Error><ErrorCode>A</ErrorCode></Error>`, success()},
		"Error after the root":      {`<r></r><Error/>`, success()},
		"result with an Error":      {`<r><TrackActionResults><TrackActionResult/><TrackActionResult><Error><ErrorCode>A</ErrorCode></Error><Id>a</Id></TrackActionResult></TrackActionResults></r>`, softError(some)},
		"all results well":          {`<r><TrackActionResults><TrackActionResult><Error i:nil="true"/><Id>a</Id></TrackActionResult></TrackActionResults></r>`, success()},
		"results of a playlist":     {`<r><PlaylistActionResult><TrackActionResults><t><Error><ErrorCode>A</ErrorCode></Error></t></TrackActionResults></PlaylistActionResult></r>`, softError(some)},
		"results, then the top":     {`<r><TrackActionResults><t><Error/></t></TrackActionResults><Error><ErrorCode>A</ErrorCode></Error></r>`, softError("A")},
		"page of HTML":              {`<!DOCTYPE html><html><Error/></html>`, success()},
		"comment that seems to end": {`<r><!--><Error/>--></r>`, success()},
		"cut in a tag":              {`<r><Error`, success()},
		"cut in the code":           {`<r><Error><ErrorCode>CATALOG_NO_RES`, softError("")},
		"cut in a comment":          {`<r><!-- <Error/>`, success()},
		"cut in a quote":            {`<r><a b="><Error/>`, success()},
		"end without a start":       {`</r><r><Error/></r>`, success()},
		"nothing but brackets":      {`<><></>`, success()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := groove.Classify(200, []byte(tt.body)); got != tt.want {
				t.Errorf("Classify(200, %s) = %+v, want %+v", tt.body, got, tt.want)
			}
		})
	}
}

func TestClassifyFailureWithoutACode(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `Service Unavailable`, `<html><body>busy</body></html>`, `{"error":"server_error"}`, `{` + batchResult + `}`} {
		if got := groove.Classify(503, []byte(body)); got != failure("") {
			t.Errorf("Classify(503, %s) = %+v, want a failure without a code", body, got)
		}
	}
}

func TestClassifyReadsWhatIsRendered(t *testing.T) {
	t.Parallel()
	formats := []groove.Wanted{{Format: groove.FormatJSON}, {Format: groove.FormatXML}, {Format: groove.FormatJSONP, Callback: "a.b"}}
	for _, e := range groove.Endpoints() {
		for _, info := range groove.ErrorCodes() {
			for _, w := range formats {
				body := groove.RenderError(w, e.Answer, groove.NewError(info.Code, "m")).Body
				want := softError(info.Code)
				if e.Name == groove.Token {
					want.Code = "" // OAuth has codes of its own
				}
				if got := groove.Classify(200, body); got != want {
					t.Errorf("%s as %s: Classify(200, %s) = %+v, want %+v", e.Name, w.Format, body, got, want)
				}
			}
		}
	}
}

func TestClassifyIsNotImpressedByDepth(t *testing.T) {
	t.Parallel()
	const depth = 1 << 20
	tests := map[string]string{
		"lists":   `{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `,"Error":{"ErrorCode":"A"}}`,
		"objects": `{"a":` + strings.Repeat(`{"Error":`, depth) + "1" + strings.Repeat("}", depth) + `,"Error":{"ErrorCode":"A"}}`,
		"XML": `<r>` + strings.Repeat("<Error>", 2) + strings.Repeat("<a>", depth) + strings.Repeat("</a>", depth) +
			`</Error><ErrorCode>A</ErrorCode></Error></r>`,
		"quotes": `{"a":"` + strings.Repeat(`\"`, depth) + strings.Repeat(`\\`, depth) + `","Error":{"ErrorCode":"A"}}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := groove.Classify(200, []byte(body)); got != softError("A") {
				t.Errorf("%s: %+v, want a soft error with code A", name, got)
			}
		})
	}
}

// listJSON is an answer with so many tracks and no Error.
func listJSON(tracks int) []byte {
	track := `{"Id":"music.A83EB907-0100-11DB-89CA-0019B92A3933","Name":"Get Lucky \"(feat.)\"","Duration":"00:04:08","TrackNumber":8,"Rights":["Stream","Purchase"]}`
	return []byte(`{"Tracks":{"Items":[` + strings.Repeat(track+",", tracks-1) + track + `]},"Culture":"en-US"}`)
}

// listXML is the same in XML.
func listXML(tracks int) []byte {
	track := `<Track><Id>music.A83EB907-0100-11DB-89CA-0019B92A3933</Id><Name>Get Lucky</Name><Duration>PT4M8S</Duration><Rights><Right>Stream</Right></Rights></Track>`
	return []byte(`<ContentResponse xmlns="` + groove.XMLNamespace + `"><Tracks><Items>` + strings.Repeat(track, tracks) + `</Items></Tracks></ContentResponse>`)
}

func TestClassifyDoesNotAllocateOnSuccess(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	for name, body := range map[string][]byte{"JSON": listJSON(25), "XML": listXML(25)} {
		var got groove.Classification
		allocations := testing.AllocsPerRun(100, func() { got = groove.Classify(200, body) })
		if allocations != 0 || got != success() {
			t.Errorf("%s: %v allocations for %+v, want 0 for a success", name, allocations, got)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	bodies := map[string][]byte{
		"json": listJSON(6000),
		"xml":  listXML(6000),
		"text": bytes.Repeat([]byte("no answer of the service "), 40_000),
	}
	for name, body := range bodies {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				groove.Classify(200, body)
			}
		})
	}
	for _, tracks := range []int{1, 7, 450} {
		body := listJSON(tracks)
		b.Run(fmt.Sprintf("%d bytes", len(body)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				groove.Classify(200, body)
			}
		})
	}
	b.Run("error", func(b *testing.B) {
		body := []byte(`{"Error":{"ErrorCode":"TOO_MANY_REQUESTS","Description":"Too many requests"}}`)
		b.ReportAllocs()
		for b.Loop() {
			groove.Classify(429, body)
		}
	})
}
