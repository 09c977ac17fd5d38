package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode"
)

// printTable writes rows in columns under their header, the first row, whose
// words are those of the JSON form. Without rows it says so to standard error,
// in the words of none.
func (r *root) printTable(rows [][]string, none string) error {
	if len(rows) == 1 {
		_, err := fmt.Fprintln(r.Err, none)
		return err
	}
	w := tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', 0)
	for i, row := range rows {
		line := strings.Join(row, "\t")
		if i == 0 {
			line = strings.ToUpper(strings.ReplaceAll(line, "_", " "))
		}
		fmt.Fprintln(w, line) // Flush tells of errors.
	}
	return w.Flush()
}

// printFields writes one thing, a line for each of its fields.
func (r *root) printFields(fields [][2]string) error {
	w := tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', 0)
	for _, field := range fields {
		fmt.Fprintf(w, "%s\t%s\n", field[0], field[1]) // Flush tells of errors.
	}
	return w.Flush()
}

// printable keeps what callers sent from steering a terminal.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsGraphic(c) {
			return '�'
		}
		return c
	}, text)
}
