package groove_test

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// memberNames are the names that matter and some that do not.
var memberNames = []string{
	"Error", "ErrorCode", "TrackActionResults", "TrackActionResult", "PlaylistActionResult", "error", "Errors", "Id",
}

// memberTexts are texts that look like codes, and others that try to confuse.
var memberTexts = []string{"", "A_B", "C-D", " E ", "no code", `"Error":{`, `\`, `\"`, "<Error>", "}]", "\u2028"}

// looksLikeACode is the documented form of a code.
var looksLikeACode = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func codeOf(text string) groove.ErrorCode {
	text = strings.TrimSpace(text)
	if !looksLikeACode.MatchString(text) {
		return ""
	}
	return groove.ErrorCode(strings.ReplaceAll(text, "-", "_"))
}

// drawJSON draws a JSON value of at most depth levels.
func drawJSON(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case kind == 0:
		return nil
	case kind == 1:
		return rapid.Bool().Draw(t, "bool")
	case kind == 2:
		return rapid.IntRange(-3, 3).Draw(t, "number")
	case kind == 3 || depth == 0:
		return rapid.SampledFrom(memberTexts).Draw(t, "text")
	case kind < 6:
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = drawJSON(t, depth-1)
		}
		return list
	default:
		return drawObject(t, depth)
	}
}

func drawObject(t *rapid.T, depth int) map[string]any {
	object := make(map[string]any)
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		object[rapid.SampledFrom(memberNames).Draw(t, "name")] = drawJSON(t, depth-1)
	}
	return object
}

// classifyTree is the reading of a 200, by a tree of the whole.
func classifyTree(top map[string]any) groove.Classification {
	var failed bool
	var code groove.ErrorCode
	for _, name := range []string{"Error", "error"} {
		switch e := top[name].(type) {
		case map[string]any:
			failed = true
			if text, ok := e["ErrorCode"].(string); ok && code == "" {
				code = codeOf(text)
			}
		case string:
			failed = failed || e != ""
		}
	}
	playlist, _ := top["PlaylistActionResult"].(map[string]any)
	switch {
	case failed:
		return softError(code)
	case resultFailed(top["TrackActionResults"]), resultFailed(playlist["TrackActionResults"]):
		return softError(groove.CodeCollectionSomeOperationsFailed)
	default:
		return success()
	}
}

func resultFailed(results any) bool {
	list, _ := results.([]any)
	for _, element := range list {
		result, _ := element.(map[string]any)
		switch e := result["Error"].(type) {
		case map[string]any:
			return true
		case string:
			if e != "" {
				return true
			}
		}
	}
	return false
}

func TestClassifyAgreesWithAFullParseOfJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		top := drawObject(t, 5)
		body, err := json.Marshal(top)
		if err != nil {
			t.Fatalf("write %v: %v", top, err)
		}
		if rapid.Bool().Draw(t, "padded") {
			body = []byte("cb(" + string(body) + ");")
		}
		if got, want := groove.Classify(200, body), classifyTree(top); got != want {
			t.Fatalf("Classify(200, %s) = %+v, want %+v", body, got, want)
		}
		checkBeginnings(t, body)
	})
}

// element is a node of an XML document, as encoding/xml reads it.
type element struct {
	XMLName  xml.Name
	Nil      string    `xml:"http://www.w3.org/2001/XMLSchema-instance nil,attr"`
	Inner    string    `xml:",innerxml"`
	Children []element `xml:",any"`
}

func (e element) named(name string) []element {
	var found []element
	for _, child := range e.Children {
		if child.XMLName.Local == name {
			found = append(found, child)
		}
	}
	return found
}

// drawXML draws an element of at most depth levels.
func drawXML(t *rapid.T, name string, depth int) string {
	name = rapid.SampledFrom([]string{"", "", "p:"}).Draw(t, "prefix") + name
	attributes := rapid.SampledFrom([]string{"", "", "", ` a="/>"`, ` i:nil="true"`, ` i:nil="false"`, "\n b='\"'"}).Draw(t, "attributes")
	var content strings.Builder
	for range rapid.IntRange(0, 4).Draw(t, "children") {
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case kind == 0:
			content.WriteString("<!-- <Error> - \"' -->")
		case kind == 1:
			content.WriteString("<![CDATA[</r><Error>]]>")
		case kind == 2:
			content.WriteString("<?p <Error> ?>")
		case kind < 5 || depth == 0:
			content.WriteString(html.EscapeString(rapid.SampledFrom(memberTexts).Draw(t, "text")))
		default:
			content.WriteString(drawXML(t, rapid.SampledFrom(memberNames).Draw(t, "name"), depth-1))
		}
	}
	if content.Len() == 0 && rapid.Bool().Draw(t, "empty") {
		return "<" + name + attributes + "/>"
	}
	return "<" + name + attributes + ">" + content.String() + "</" + name + ">"
}

// classifyElement is the reading of a 200, by a tree of the whole.
func classifyElement(top element) groove.Classification {
	var failed, partial bool
	var code groove.ErrorCode
	lists := top.named("TrackActionResults")
	for _, child := range top.Children {
		switch child.XMLName.Local {
		case "Error", "error":
			failed = failed || child.Nil != "true"
			for _, c := range child.named("ErrorCode") {
				if code == "" {
					code = codeOf(c.Inner)
				}
			}
		case "PlaylistActionResult":
			lists = append(lists, child.named("TrackActionResults")...)
		}
	}
	for _, list := range lists {
		for _, result := range list.Children {
			for _, e := range result.named("Error") {
				partial = partial || e.Nil != "true"
			}
		}
	}
	switch {
	case failed:
		return softError(code)
	case partial:
		return softError(groove.CodeCollectionSomeOperationsFailed)
	default:
		return success()
	}
}

func TestClassifyAgreesWithAFullParseOfXML(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inner := drawXML(t, "ContentResponse", 5)
		body := strings.Replace(inner, "ContentResponse", `ContentResponse xmlns:p="urn:p" xmlns:i="`+groove.XMLInstanceNamespace+`"`, 1)
		var top element
		if err := xml.Unmarshal([]byte(body), &top); err != nil {
			t.Fatalf("read %s: %v", body, err)
		}
		if got, want := groove.Classify(200, []byte(body)), classifyElement(top); got != want {
			t.Fatalf("Classify(200, %s) = %+v, want %+v", body, got, want)
		}
		checkBeginnings(t, []byte(body))
	})
}

// checkBeginnings checks that no beginning of a body says more than the whole.
func checkBeginnings(t rapid.TB, body []byte) {
	t.Helper()
	whole := groove.Classify(200, body)
	wholeFailure := groove.Classify(500, body)
	for end := range body {
		part := groove.Classify(200, body[:end])
		if part.Class == groove.ClassSoftError && whole.Class == groove.ClassSuccess {
			t.Fatalf("Classify(200, %s) = %+v, but %+v for the whole of %s", body[:end], part, whole, body)
		}
		if code := groove.Classify(500, body[:end]).Code; code != "" && code != wholeFailure.Code {
			t.Fatalf("Classify(500, %s) has code %q, but %q for the whole of %s", body[:end], code, wholeFailure.Code, body)
		}
	}
}

func FuzzClassify(f *testing.F) {
	for _, body := range []string{
		``,
		`{}`,
		`{"Error":{"ErrorCode":"CATALOG-NO-RESULT","Description":"d","Message":"\u0041\\"}}`,
		`{"TrackActionResults":[{"InputId":"a","Error":{"ErrorCode":"A"}},{"Id":"b"}],"Error":null}`,
		`{"PlaylistActionResult":{"TrackActionResults":[{"Error":"x"}]}}`,
		`/**/f.g({"Error":{"ErrorCode":"A"}});`,
		`<r xmlns:i="urn:i"><Error i:nil="true"/><TrackActionResults><t><Error/></t></TrackActionResults></r>`,
		`<?xml version="1.0"?><!-- c --><r><a b=">"><![CDATA[x]]></a><Error><ErrorCode>A</ErrorCode></Error></r>`,
		`<!DOCTYPE html><html></html>`,
		`{"a":[[[[{"b":"\\\""}]]]],"Error":`,
		"\xef\xbb\xbf<",
		`</></></>`,
	} {
		f.Add(200, []byte(body))
		f.Add(503, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got := groove.Classify(status, body)
		if string(got.Code) != "" && codeOf(string(got.Code)) != got.Code {
			t.Errorf("code %q does not look like one", got.Code)
		}
		failed := status < 100 || status >= 400
		if (got.Class == groove.ClassFailure) != failed {
			t.Errorf("status %d is %s", status, got.Class)
		}
		if got.Class == groove.ClassSuccess && got.Code != "" {
			t.Errorf("success with code %q", got.Code)
		}
		checkBeginnings(t, body[:min(len(body), 512)])
	})
}
