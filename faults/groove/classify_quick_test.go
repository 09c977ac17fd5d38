package groove

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// checkQuickly holds the law of the skim: it passes over no body in which there is something.
func checkQuickly(t rapid.TB, body []byte) {
	t.Helper()
	r := read(body)
	if (r.failed || r.partial) && !mayHoldError(body) {
		t.Fatalf("%q holds an Error and was not read", body)
	}
	want := Classification{Class: ClassSuccess}
	switch {
	case r.failed:
		want = Classification{Class: ClassSoftError, Code: r.code}
	case r.partial:
		want = Classification{Class: ClassSoftError, Code: CodeCollectionSomeOperationsFailed}
	}
	if got := Classify(200, body); got != want {
		t.Fatalf("%q: got %v, want %v", body, got, want)
	}
}

// pieces are what bodies with and without an Error are made of.
var pieces = []string{
	`{`, `}`, `[`, `]`, `,`, `:`, `"`, `Error`, `error`, `"Error"`, `\u0045rror`, `Err\u006Fr`, `Err\u006fr`, `E\u0072ror`, `\u0065rror`,
	`"TrackActionResults":[{`, `"Error":{"ErrorCode":"A_B"}`, `rr`, `rro`, `r`, `narrow `, `\u00e9`, `\u00`, `\/`, `\\u0045`, `f(`, ` `,
	`<a>`, `<Error>`, `</Error>`, `<x:error/>`, `<TrackActionResults><b>`, "\x00\x01", "\x73\x72", "q\x72", `"Tracks":{"Items":[]}`,
}

func TestClassifySkimsOnlyWhatHoldsNoError(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var body strings.Builder
		body.WriteString(rapid.SampledFrom([]string{"", "{", `{"a":`, "<a>", `f({"a":1,`}).Draw(t, "start"))
		body.WriteString(strings.Repeat("x", rapid.IntRange(0, 9).Draw(t, "shift")))
		for range rapid.IntRange(0, 12).Draw(t, "length") {
			body.WriteString(rapid.SampledFrom(pieces).Draw(t, "piece"))
		}
		checkQuickly(t, []byte(body.String()))
	})
}

// TestSkimFindsAnErrorAnywhere puts what it looks for at each place of texts of many lengths.
func TestSkimFindsAnErrorAnywhere(t *testing.T) {
	t.Parallel()
	for _, found := range []string{"Error", "error", `\u0045`, `\u0065`, `\u0072`, `\u006f`, `\u006F`} {
		for length := range 40 {
			for at := range length + 1 {
				for _, filler := range []string{"x", "r", "s", "\x00", `\`} {
					body := strings.Repeat(filler, at) + found + strings.Repeat(filler, length-at)
					if !mayHoldError([]byte(body)) {
						t.Fatalf("%q was taken to hold no Error", body)
					}
				}
			}
		}
	}
}

func TestSkimPassesOverTheUsual(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "rror"[:3], `{"Name":"Narrow Terrors"}`[:16], `{"Name":"caf\u00e9"}`, `{"Link":"http:\/\/music\/1"}`, `{"a":"\u00"}`, `{"a":"\u00`,
		`{"Tracks":{"Items":[{"Id":"music.1","Name":"Arrow"}]}}`, "<a>current</a>",
	} {
		if mayHoldError([]byte(body)) {
			t.Errorf("%q was taken to hold an Error", body)
		}
	}
}

func FuzzClassifySkims(f *testing.F) {
	for _, body := range []string{
		`{"Error":{"ErrorCode":"A_B"}}`, `{"\u0045rror":{}}`, `{"TrackActionResults":[{"Error":{}}]}`, `<a><error/></a>`, `f({"Err\u006fr":"x"})`, "rrrrrrrrrrrror",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkQuickly(t, body) })
}
