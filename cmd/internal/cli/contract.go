package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func newContract(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:     "contract",
		Short:   "Show what the Groove API documents: endpoints, error codes, status codes",
		Example: "  groovechaos contract errors",
	}
	command.AddCommand(
		contractTable(r, "endpoints", "Show the endpoints, and whether a request may be repeated", endpoints),
		contractTable(r, "errors", "Show the error codes, and the status each comes with", errorCodes),
		contractTable(r, "statuses", "Show the status codes, and whether they pass", statusCodes),
	)
	return command
}

// contractTable is a command that prints one table of the contract: rows with
// their header for people, a document for machines.
func contractTable(r *root, name, short string, table func() (rows [][]string, document any)) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  wants(),
		RunE: func(*cobra.Command, []string) error {
			rows, document := table()
			if r.json {
				return r.printJSON(document)
			}
			return r.printTable(rows, "")
		},
	}
}

type endpoint struct {
	Name       string             `json:"name"`
	Method     string             `json:"method"`
	Path       string             `json:"path"`
	Host       string             `json:"host"`
	Repeat     string             `json:"repeat"`
	ErrorCodes []groove.ErrorCode `json:"error_codes"`
}

var repeats = map[groove.Repeat]string{
	groove.RepeatSafe: "safe", groove.RepeatHarmless: "harmless", groove.RepeatUnsafe: "unsafe",
}

func endpoints() (rows [][]string, document any) {
	rows = [][]string{{"name", "method", "path", "host", "repeat"}}
	var list []endpoint
	for _, e := range groove.Endpoints() {
		line := endpoint{e.Name, e.Method, e.Template, e.Host, repeats[e.Repeat], []groove.ErrorCode{}}
		for _, c := range groove.ErrorCodes() {
			if e.Fits(c.Code) {
				line.ErrorCodes = append(line.ErrorCodes, c.Code)
			}
		}
		rows = append(rows, []string{line.Name, line.Method, line.Path, line.Host, line.Repeat})
		list = append(list, line)
	}
	return rows, list
}

type errorCode struct {
	Code        groove.ErrorCode `json:"code"`
	Status      int              `json:"status"`
	Category    groove.Category  `json:"category"`
	Description string           `json:"description"`
}

func errorCodes() (rows [][]string, document any) {
	rows = [][]string{{"error_code", "status", "category", "description"}}
	var list []errorCode
	for _, c := range groove.ErrorCodes() {
		rows = append(rows, []string{string(c.Code), fmt.Sprint(c.Status), string(c.Category), c.Description})
		list = append(list, errorCode{c.Code, c.Status, c.Category, c.Description})
	}
	return rows, list
}

type statusCode struct {
	Code      int    `json:"code"`
	Phrase    string `json:"phrase"`
	Transient bool   `json:"transient"`
	Meaning   string `json:"meaning"`
}

func statusCodes() (rows [][]string, document any) {
	rows = [][]string{{"status", "phrase", "transient", "meaning"}}
	var list []statusCode
	for _, s := range groove.Statuses() {
		rows = append(rows, []string{fmt.Sprint(s.Code), s.Phrase, fmt.Sprint(s.Transient), s.Meaning})
		list = append(list, statusCode{s.Code, s.Phrase, s.Transient, s.Meaning})
	}
	return rows, list
}
