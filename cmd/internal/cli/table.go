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
	head := make([]string, len(rows[0]))
	for i, word := range rows[0] {
		head[i] = strings.ToUpper(strings.ReplaceAll(word, "_", " "))
	}
	return r.printRows(append([][]string{head}, rows[1:]...))
}

// printRows writes rows in columns.
func (r *root) printRows(rows [][]string) error {
	w := tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t")) // Flush tells of errors.
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
