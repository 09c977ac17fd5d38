package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed page
var pageFiles embed.FS

// pageTemplate is the page, its style built in.
var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{"style": pageStyle}).ParseFS(pageFiles, "page/*.html"))

// pageStyle is the style sheet, which is ours and needs no escape.
func pageStyle() (template.CSS, error) {
	text, err := pageFiles.ReadFile("page/style.css")
	return template.CSS(text), err //nolint:gosec // Embedded.
}

// HTML writes c as one page that needs nothing else: no network, no script, no other file. It is the same for the same c, and its
// size is bounded: what is left out is named where it would stand.
func HTML(w io.Writer, c Content) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPageView(&c)); err != nil {
		return fmt.Errorf("write report as HTML: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
