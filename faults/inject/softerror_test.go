package inject_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
)

const (
	ours    = `"Error":{"ErrorCode":"CATALOG_INVALID_DATA","Description":"Some results may be missing"}`
	oursXML = `<Error><Description>Some results may be missing</Description><ErrorCode>CATALOG_INVALID_DATA</ErrorCode></Error>`
	prefix  = `<p:Error><p:Description>Some results may be missing</p:Description><p:ErrorCode>CATALOG_INVALID_DATA</p:ErrorCode></p:Error>`
	some    = `"Error":{"ErrorCode":"COLLECTION_SOME_OPERATIONS_FAILED","Description":"Some operations of the batch failed"}`
	item    = `"Error":{"ErrorCode":"COLLECTION_INVALID_ID","Description":"Invalid id for this operation"}`
	someXML = `<Error><Description>Some operations of the batch failed</Description><ErrorCode>COLLECTION_SOME_OPERATIONS_FAILED</ErrorCode></Error>`
	itemXML = `<Error><Description>Invalid id for this operation</Description><ErrorCode>COLLECTION_INVALID_ID</ErrorCode></Error>`
)

func TestSoftErrorByteForByte(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"an object":               {`{"Tracks":{"Items":[]}}`, `{` + ours + `,"Tracks":{"Items":[]}}`},
		"an empty object":         {`{}`, `{` + ours + `}`},
		"blanks stay":             {"\xef\xbb\xbf \n{\n  \"A\" : 1 ,\n  \"B\":2 }\n", "\xef\xbb\xbf \n{" + ours + ",\n  \"A\" : 1 ,\n  \"B\":2 }\n"},
		"an Error first":          {`{ "Error" : {"x":[1,"}"]} , "A":1}`, `{` + ours + ` , "A":1}`},
		"an Error in the middle":  {`{"A":1,"Error":null,"B":2}`, `{` + ours + `,"A":1,"B":2}`},
		"an Error last":           {`{"A":1,"Error":"x"}`, `{` + ours + `,"A":1}`},
		"an Error alone":          {`{"Error":{}}`, `{` + ours + `}`},
		"two Errors, one escaped": {`{"Error":1,"\u0045rror":2,"A":"\""}`, `{` + ours + `,"A":"\""}`},
		"an Error further down":   {`{"A":{"Error":1}}`, `{` + ours + `,"A":{"Error":1}}`},
		"JSONP":                   {`a.b({"A":"("});`, `a.b({` + ours + `,"A":"("});`},
		"JSONP of a careful sort": {"/**/ typeof f === 'function' && f( {\"A\":1} ) ; ", "/**/ typeof f === 'function' && f( {" + ours + ",\"A\":1} ) ; "},
		"XML":                     {`<ContentResponse xmlns="u"><Culture>x</Culture></ContentResponse>`, `<ContentResponse xmlns="u">` + oursXML + `<Culture>x</Culture></ContentResponse>`},
		"XML with a prefix":       {`<p:ContentResponse xmlns:p="u"><p:Error i:nil="true"/></p:ContentResponse>`, `<p:ContentResponse xmlns:p="u">` + prefix + `</p:ContentResponse>`},
		"XML without content":     {`<?xml version="1.0"?><ContentResponse xmlns="u" />`, `<?xml version="1.0"?><ContentResponse xmlns="u" >` + oursXML + `</ContentResponse>`},
		"XML with an Error":       {"<ContentResponse>\n <Error><a>x</a></Error>\n <B/></ContentResponse>\n", "<ContentResponse>" + oursXML + "\n \n <B/></ContentResponse>\n"},
		"XML with an Error below": {`<ContentResponse><A><Error/></A></ContentResponse>`, `<ContentResponse>` + oursXML + `<A><Error/></A></ContentResponse>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := strings.Clone(test.body)
			m := inject.Message{Endpoint: endpoint(t, groove.Search), Body: []byte(test.body)}
			got, err := inject.SoftError(&faults.SoftError{}, 1, m)
			if err != nil || string(got) != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if string(m.Body) != before {
				t.Errorf("the old body is now %q, want it left alone", m.Body)
			}
			m.Body, m.ContentEncoding = packed([]byte(test.body)), "gzip"
			got, err = inject.SoftError(&faults.SoftError{}, 1, m)
			if err != nil || string(unpacked(t, got)) != test.want {
				t.Errorf("under gzip: got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestSoftErrorItemsByteForByte(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ endpoint, body, want string }{
		"results": {
			groove.CollectionAdd,
			`{"TrackActionResults":[{"Id":"a","InputId":"b"},{"InputId":"c","Id":"d"}, 7]}`,
			`{` + some + `,"TrackActionResults":[{` + item + `,"InputId":"b"},{` + item + `,"InputId":"c"}, 7]}`,
		},
		"results of a playlist": {
			groove.PlaylistsCreate,
			`{"PlaylistActionResult":{"Id":"p","TrackActionResults":[{"Error":{},"InputId":"b"}]}}`,
			`{` + some + `,"PlaylistActionResult":{"Id":"p","TrackActionResults":[{` + item + `,"InputId":"b"}]}}`,
		},
		"XML": {
			groove.CollectionDelete,
			`<TrackActionResponse><TrackActionResults><TrackActionResult><Id>a</Id><InputId>b</InputId></TrackActionResult><TrackActionResult/></TrackActionResults></TrackActionResponse>`,
			`<TrackActionResponse>` + someXML + `<TrackActionResults><TrackActionResult>` + itemXML + `<InputId>b</InputId></TrackActionResult><TrackActionResult>` + itemXML + `</TrackActionResult></TrackActionResults></TrackActionResponse>`,
		},
		"XML of a playlist": {
			groove.PlaylistsUpdate,
			`<PlaylistActionResponse><PlaylistActionResult><Id>p</Id><TrackActionResults><TrackActionResult><Error/><Id>a</Id></TrackActionResult></TrackActionResults></PlaylistActionResult></PlaylistActionResponse>`,
			`<PlaylistActionResponse>` + someXML + `<PlaylistActionResult><Id>p</Id><TrackActionResults><TrackActionResult>` + itemXML + `</TrackActionResult></TrackActionResults></PlaylistActionResult></PlaylistActionResponse>`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := inject.Message{Endpoint: endpoint(t, test.endpoint), Body: []byte(test.body)}
			got, err := inject.SoftError(&faults.SoftError{Items: new(1.0)}, 1, m)
			if err != nil || string(got) != test.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, test.want)
			}
		})
	}
}

func TestSoftErrorRefuses(t *testing.T) {
	t.Parallel()
	long := `{"A":"` + strings.Repeat(" ", faults.MaxSpoiled) + `"}`
	for name, test := range map[string]struct {
		endpoint, coding, body string
		items                  *float64
		why                    string
	}{
		"nothing":                   {body: "", why: "no Groove document"},
		"blanks":                    {body: " \n", why: "no Groove document"},
		"a list":                    {body: `[{}]`, why: "no Groove document"},
		"text":                      {body: `busy (really)`, why: "no Groove document"},
		"half a document":           {body: `{"A":1`, why: "no Groove document"},
		"no JSON but for a call":    {body: `{"a":({})`, why: "no Groove document"},
		"JSONP of a list":           {body: `f([])`, why: "no Groove document"},
		"JSONP without an end":      {body: `f({}`, why: "no Groove document"},
		"JSONP of something far":    {body: strings.Repeat("a", 256) + `({})`, why: "no Groove document"},
		"a page of HTML":            {body: `<!DOCTYPE html><html></html>`, why: "no XML document"},
		"XML of another type":       {body: `<StreamResponse/>`, why: "no ContentResponse"},
		"two XML documents":         {body: `<ContentResponse/><ContentResponse/>`, why: "no XML document"},
		"XML that does not fit":     {body: `<ContentResponse><A></B></ContentResponse>`, why: "no XML document"},
		"outside, no answer at all": {endpoint: "none", body: `<html/>`, why: "no response type"},
		"the token endpoint":        {endpoint: groove.Token, body: `{"access_token":"x"}`, why: "token carry no Error object"},
		"an image":                  {endpoint: groove.Image, body: `{}`, why: "image carry no Error object"},
		"another coding":            {coding: "br", body: `{}`, why: `content coding is "br"`},
		"no gzip after all":         {coding: "gzip", body: `{}`, why: "not gzip"},
		"damaged gzip":              {coding: "gzip", body: string(packed([]byte(`{}`))[:20]), why: "damaged gzip"},
		"too long":                  {body: long, why: "over 8388608 bytes"},
		"too long when unpacked":    {coding: "x-gzip", body: string(packed([]byte(long))), why: "over 8388608 bytes"},
		"no batch":                  {body: `{"Tracks":{}}`, items: new(0.5), why: "no results"},
		"an empty batch":            {body: `{"TrackActionResults":[]}`, items: new(0.5), why: "no results"},
		"a playlist without tracks": {body: `{"PlaylistActionResult":{}}`, items: new(0.5), why: "no results"},
		"an odd playlist":           {body: `{"PlaylistActionResult":[]}`, items: new(0.5), why: "no results"},
		"no batch in XML":           {body: `<ContentResponse/>`, items: new(0.5), why: "no results"},
		"odd results in XML":        {body: `<ContentResponse><TrackActionResults><a/></TrackActionResults></ContentResponse>`, items: new(0.5), why: "no results"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := inject.Message{ContentEncoding: test.coding, Body: []byte(test.body)}
			switch test.endpoint {
			case "none":
			case "":
				m.Endpoint = endpoint(t, groove.Search)
			default:
				m.Endpoint = endpoint(t, test.endpoint)
			}
			got, err := inject.SoftError(&faults.SoftError{Items: test.items}, 1, m)
			if err == nil || !strings.Contains(err.Error(), test.why) || got != nil {
				t.Errorf("got %.80q, %v, want an error with %q", got, err, test.why)
			}
		})
	}
}

func TestSoftErrorInAnswersOfTheStandIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target, body string
		fault        faults.SoftError
		code         groove.ErrorCode
	}{
		"search":                {searchFor, "", faults.SoftError{}, groove.CodeCatalogInvalidData},
		"search with a code":    {searchFor, "", faults.SoftError{ErrorCode: groove.CodeUnauthorizedInputParameter, Message: "<spilt>"}, groove.CodeUnauthorizedInputParameter},
		"genres":                {"/3/content/music/catalog/genres?x", "", faults.SoftError{}, groove.CodeUnauthorizedInputParameter},
		"collection.add":        {addTo, threeTracks, faults.SoftError{Items: new(0.5)}, groove.CodeCollectionSomeOperationsFailed},
		"playlists.create":      {createList, threeInList, faults.SoftError{Items: new(0.5)}, groove.CodeCollectionSomeOperationsFailed},
		"a batch without items": {addTo, threeTracks, faults.SoftError{ErrorCode: groove.CodeCollectionInvalidData}, groove.CodeCollectionInvalidData},
	} {
		for _, form := range []string{"", "&contentType=xml", "&jsonp=tell"} {
			for _, gzipped := range []bool{false, true} {
				m, _ := fetch(t, test.target+form, test.body, gzipped)
				got, err := inject.SoftError(&test.fault, 1, m)
				if err != nil {
					t.Errorf("%s%s: got %v, want an Error put in", name, form, err)
					continue
				}
				before := m.Body
				if gzipped {
					got, before = unpacked(t, got), unpacked(t, before)
				}
				want := groove.Classification{Class: groove.ClassSoftError, Code: test.code}
				if class := groove.Classify(200, got); class != want {
					t.Errorf("%s%s: got %+v, want %+v in %s", name, form, class, want, got)
				}
				if test.fault.Items == nil && test.body == "" && !isWithin(before, got) {
					t.Errorf("%s%s: got %s, want all of %s in it", name, form, got, before)
				}
				checkWellFormed(t, form, got)
			}
		}
	}
}

// isWithin reports whether after is before with something inserted.
func isWithin(before, after []byte) bool {
	head := 0
	for head < len(before) && before[head] == after[head] {
		head++
	}
	return bytes.HasSuffix(after, before[head:]) && len(after) > len(before)
}

func checkWellFormed(t tester, form string, body []byte) {
	t.Helper()
	if form == "&contentType=xml" {
		for d := xml.NewDecoder(bytes.NewReader(body)); ; {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("got %v in %s, want XML", err, body)
			}
		}
	}
	if form != "" {
		body = bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("tell(")), []byte(");"))
	}
	if !json.Valid(body) {
		t.Fatalf("got %s, want JSON", body)
	}
}

// batch is as much of a batch answer as counts here.
type batch struct {
	Error              *struct{ ErrorCode groove.ErrorCode }
	TrackActionResults []struct {
		Error       *struct{ ErrorCode groove.ErrorCode }
		Id, InputId string //nolint:revive // names of the contract
	}
}

func TestSoftErrorFailsItemsByThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "results")
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		key := rapid.Uint64().Draw(t, "key")
		body := []byte(`{"TrackActionResults":[` + strings.TrimSuffix(strings.Repeat(`{"Id":"a","InputId":"b"},`, n), ",") + `]}`)
		e, _ := groove.EndpointByName(groove.CollectionAdd)
		fault := faults.SoftError{Items: &share, ItemCode: groove.CodeCollectionFull}
		got, err := inject.SoftError(&fault, key, inject.Message{Endpoint: e, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		again, _ := inject.SoftError(&fault, key, inject.Message{Endpoint: e, Body: body})
		if !bytes.Equal(got, again) {
			t.Fatal("the same key gives another body")
		}
		var answer batch
		if err := json.Unmarshal(got, &answer); err != nil {
			t.Fatal(err)
		}
		failed := 0
		for _, result := range answer.TrackActionResults {
			if (result.Error == nil) != (result.Id != "") || result.InputId != "b" {
				t.Fatalf("got the result %+v, want either an Id or an Error, and the InputId", result)
			}
			if result.Error != nil {
				failed++
				if result.Error.ErrorCode != groove.CodeCollectionFull {
					t.Fatalf("got %s, want the code of the fault", result.Error.ErrorCode)
				}
			}
		}
		if failed == 0 || share == 1 && failed < n || share == 0 && failed > 1 || answer.Error == nil {
			t.Fatalf("got %d of %d failed at the share %v: %s", failed, n, share, got)
		}
	})
}

// Over many keys each result fails with the share.
func TestSoftErrorItemsKeepTheShare(t *testing.T) {
	t.Parallel()
	const keys, n, share = 400, 50, 0.3
	body := []byte(`{"TrackActionResults":[` + strings.TrimSuffix(strings.Repeat(`{},`, n), ",") + `]}`)
	failed, at := 0, make([]int, n)
	for key := range uint64(keys) {
		got, err := inject.SoftError(&faults.SoftError{Items: new(share)}, key, inject.Message{Body: body})
		if err != nil {
			t.Fatal(err)
		}
		var answer batch
		if err := json.Unmarshal(got, &answer); err != nil {
			t.Fatal(err)
		}
		for i, result := range answer.TrackActionResults {
			if result.Error != nil {
				failed++
				at[i]++
			}
		}
	}
	// 5 standard deviations of a binomial draw.
	if got := float64(failed) / (keys * n); got < share-0.017 || got > share+0.017 {
		t.Errorf("got the share %v, want %v", got, share)
	}
	if least, most := slices.Min(at), slices.Max(at); least < 70 || most > 170 {
		t.Errorf("got single results failing %d to %d times of %d, want about %v", least, most, keys, share*keys)
	}
}

// The members of an object other than Error are what they were.
func TestSoftErrorLeavesTheRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body, members := drawObject(t)
		got, err := inject.SoftError(&faults.SoftError{}, 1, inject.Message{Body: body})
		if err != nil {
			t.Fatalf("got %v for %s", err, body)
		}
		order := memberOrder(t, got)
		want := append([]string{"Error"}, slices.DeleteFunc(members, func(name string) bool { return name == "Error" })...)
		if !slices.Equal(order, want) {
			t.Fatalf("got the members %q in %s, want %q", order, got, want)
		}
		if class := groove.Classify(200, got); class.Code != groove.CodeUnauthorizedInputParameter {
			t.Fatalf("got %+v in %s", class, got)
		}
	})
}

func drawObject(t *rapid.T) (body []byte, members []string) {
	blank := rapid.SampledFrom([]string{"", " ", "\n\t"})
	values := []string{`1`, `-2e5`, `null`, `"a\\\"}"`, `[1, [2], {"Error":3}]`, `{}`, `{"Error":{"a":[]}}`, `true`, `"\u2028,"`}
	var out strings.Builder
	out.WriteString(blank.Draw(t, "blank") + "{" + blank.Draw(t, "blank"))
	for i := range rapid.IntRange(0, 6).Draw(t, "members") {
		if i > 0 {
			out.WriteString("," + blank.Draw(t, "blank"))
		}
		name := rapid.SampledFrom([]string{"Error", "A", "B", "Errors", ""}).Draw(t, "name")
		members = append(members, name)
		out.WriteString(`"` + name + `"` + blank.Draw(t, "blank") + ":" + blank.Draw(t, "blank"))
		out.WriteString(rapid.SampledFrom(values).Draw(t, "value") + blank.Draw(t, "blank"))
	}
	out.WriteString("}" + blank.Draw(t, "blank"))
	return []byte(out.String()), members
}

// memberOrder returns the names of the members of an object as they stand.
func memberOrder(t tester, body []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatalf("got %v in %s", err, body)
		}
		names = append(names, name.(string))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatalf("got %v in %s", err, body)
		}
	}
	return names
}

// FuzzSoftError holds that no body makes it panic, that it leaves the body it
// was given alone, and that what comes out is what the kind of document says.
func FuzzSoftError(f *testing.F) {
	for _, target := range []string{searchFor, searchFor + "&contentType=xml", searchFor + "&jsonp=f"} {
		m, _ := fetch(f, target+"&maxItems=1", "", false)
		f.Add(m.Body, false, false)
	}
	m, _ := fetch(f, addTo, threeTracks, true)
	f.Add(m.Body, true, true)
	for _, body := range []string{`{"Error":1}`, `f({})`, `<p:Response xmlns:p="u"/>`, `{"PlaylistActionResult":{"TrackActionResults":[{}]}}`} {
		f.Add([]byte(body), false, true)
	}
	f.Fuzz(func(t *testing.T, body []byte, gzipped, items bool) {
		var fault faults.SoftError
		if items {
			fault.Items = new(0.5)
		}
		m := inject.Message{Body: bytes.Clone(body)}
		if gzipped {
			m.ContentEncoding = "gzip"
		}
		got, err := inject.SoftError(&fault, 7, m)
		if !bytes.Equal(m.Body, body) {
			t.Fatalf("%q is now %q", body, m.Body)
		}
		if err != nil {
			if got != nil {
				t.Fatalf("got both %q and %v", got, err)
			}
			return
		}
		before := body
		if gzipped {
			got, before = unpacked(t, got), unpacked(t, before)
		}
		if json.Valid(before) && !json.Valid(got) {
			t.Fatalf("got %q of the JSON %q", got, before)
		}
		if class := groove.Classify(200, got).Class; json.Valid(before) && class != groove.ClassSoftError {
			t.Fatalf("got %s of %q", class, got)
		}
		if bytes.HasPrefix(before, []byte("<")) {
			checkWellFormed(t, "&contentType=xml", got)
		}
	})
}

func BenchmarkSoftError(b *testing.B) {
	for name, form := range map[string]string{"json": "", "xml": "&contentType=xml"} {
		for _, gzipped := range []bool{false, true} {
			m, _ := fetch(b, searchFor+form, "", gzipped)
			if gzipped {
				name += " gzip"
			}
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(len(m.Body)))
				for b.Loop() {
					if _, err := inject.SoftError(&faults.SoftError{}, 1, m); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
