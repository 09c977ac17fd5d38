package report

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for name, c := range contents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".md", func(w io.Writer) error { return Markdown(w, c) })
		})
	}
}

// rendered is Markdown as a page shows it: its elements, and its text.
func rendered(t interface{ Fatal(...any) }, document string) (elements []string, text string) {
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(document), &page); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			elements = append(elements, n.Data)
		case html.TextNode:
			b.WriteString(n.Data)
		}
	}
	return elements, b.String()
}

// A text from the wire says what it says wherever it stands: it is neither markup nor the end of its line or cell.
func TestMarkdownEscapes(t *testing.T) {
	t.Parallel()
	signs := []rune("\\`*_{}[]()#+-.!|~<>&:/@$=\"'1 ")
	words := []string{"http://x.y", "www.x.y", "<b>", "![a](b)", "1. ", "- ", "# ", "|", "**a**", "~~a~~", "&lt;", "`a`", "a@b.cd", "[x]: /y"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.StringOf(rapid.RuneFrom(signs)), rapid.String()), 1, 6).Draw(t, "text"), "")
		for _, where := range []struct{ before, after string }{{"- ", "\n"}, {"- **", "**\n"}, {"| a | b |\n|---|---|\n| ", " | x |\n"}} {
			harmless, _ := rendered(t, where.before+"word"+where.after)
			elements, text := rendered(t, where.before+escapeMarkdown(s)+where.after)
			if strings.TrimSpace(s) != s || s == "" {
				continue // what is a space at an end is no text in Markdown
			}
			elements = slices.DeleteFunc(elements, func(e string) bool { return e == "a" && strings.Contains(s, "@") }) // An address of a mail may be a link.
			if !slices.Equal(elements, harmless) {
				t.Fatalf("%q is shown as %v, want %v", s, elements, harmless)
			}
			if !strings.Contains(text, legible(s)) {
				t.Fatalf("%q is shown as %q", s, text)
			}
		}
	})
}

// What looks like the number of an issue is a link where GitHub shows it.
func TestMarkdownNamesNoIssue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"x #12": "x &#35;12", "#12": "&#35;12", "owner/repo#12": "owner/repo&#35;12", "GH-12": "GH&#45;12", "gh-7": "gh&#45;7", "a # b": "a # b", "ch-12": "ch-12",
	} {
		if got := escapeMarkdown(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

func TestMarkdownIsBounded(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Markdown(&b, crowd(5000)); err != nil {
		t.Fatal(err)
	}
	// GitHub takes 1 MiB.
	if b.Len() > 1<<19 {
		t.Errorf("the summary has %d bytes, want at most half a megabyte", b.Len())
	}
	for _, said := range []string{"And 4950 more clients", "more findings", "more faults"} {
		if !strings.Contains(b.String(), said) {
			t.Errorf("the summary does not say %q", said)
		}
	}
}

func TestMarkdownTablesAreTables(t *testing.T) {
	t.Parallel()
	c := full()
	c.Verdict.Clients = append(c.Verdict.Clients, verdict.Verdict{Client: "a|b", Result: verdict.Pass})
	var b bytes.Buffer
	if err := Markdown(&b, c); err != nil {
		t.Fatal(err)
	}
	elements, text := rendered(t, b.String())
	tables := 0
	for _, e := range elements {
		if e == "table" {
			tables++
		}
	}
	if tables != 3 || !strings.Contains(text, "a|b") {
		t.Errorf("%d tables, want those of clients, coverage and sweep, and a client a|b, in\n%s", tables, &b)
	}
}
