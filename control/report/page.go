package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// page lays lines out at a width and paints them when colours are wanted.
type page struct {
	strings.Builder
	width int
	color bool
}

func newPage(o TextOptions) *page {
	p := &page{width: o.Width, color: o.Color}
	if p.width == 0 {
		p.width = 80
	}
	p.width = max(p.width, 40)
	return p
}

// style is the parameter of an ANSI "select graphic rendition" sequence.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

func (p *page) paint(s style, text string) string {
	if !p.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// item writes a lead and, from column on, text that wraps below itself. A lead that
// reaches beyond the column has its line to itself.
func (p *page) item(s style, lead string, column int, text string) {
	lead = strings.TrimRight(lead, " ")
	p.WriteString(p.paint(s, lead))
	gap := column - cells(lead)
	if gap < 1 && text != "" {
		p.WriteString("\n")
		gap = column
	}
	for i, line := range wrap(text, p.width-column) {
		if i > 0 {
			p.WriteString("\n")
			gap = column
		}
		p.WriteString(strings.Repeat(" ", gap) + line)
	}
	p.WriteString("\n")
}

// leastWidth is what text is given to wrap in at least.
const leastWidth = 24

// wrap breaks text at spaces into lines of at most width cells, and cuts words
// that are longer. Empty text has no line.
func wrap(text string, width int) []string {
	width = max(width, leastWidth)
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		for _, piece := range pieces(word, width) {
			n := cells(piece)
			switch {
			case line == "":
				line, used = piece, n
			case used+1+n <= width:
				line, used = line+" "+piece, used+1+n
			default:
				lines = append(lines, line)
				line, used = piece, n
			}
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// pieces cuts a word into pieces of at most width cells.
func pieces(word string, width int) []string {
	if cells(word) <= width {
		return []string{word}
	}
	var cut []string
	start, used := 0, 0
	for i, c := range word {
		n := runeCells(c)
		if used+n > width {
			cut = append(cut, word[start:i])
			start, used = i, 0
		}
		used += n
	}
	return append(cut, word[start:])
}

// cells is how many columns of a terminal clean text takes.
func cells(text string) int {
	n := 0
	for _, c := range text {
		n += runeCells(c)
	}
	return n
}

func runeCells(c rune) int {
	if unicode.In(c, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(c).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}
