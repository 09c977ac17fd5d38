package standin

import (
	"strings"
	"unicode/utf8"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// source says where items come from: "catalog", "collection" or both.
type source string

const (
	fromCatalogue  source = "catalog"
	fromCollection source = "collection"
	fromBoth       source = "collection+catalog"
)

func (s source) catalogue() bool  { return s != fromCollection }
func (s source) collection() bool { return s == fromCollection || s == fromBoth }

// readSource reads the parameter source into from. Without it a user gets
// both, an application the catalogue.
func (c *call) readSource() *problem {
	chosen, p := c.query.words("source", "catalog", "collection")
	if p != nil {
		return p
	}
	c.from = fromBoth
	switch {
	case len(chosen) == 0 && c.caller.user == "":
		c.from = fromCatalogue
	case len(chosen) == 1 && chosen["catalog"]:
		c.from = fromCatalogue
	case len(chosen) == 1:
		c.from = fromCollection
	}
	// A continuation token must not depend on who presents it.
	c.query["source"] = string(c.from)
	if c.from.collection() {
		return c.needUser()
	}
	return nil
}

// readIDs splits the ids of a path.
func readIDs(joined string) ([]string, *problem) {
	if n := utf8.RuneCountInString(joined); n > maxIDs {
		return nil, refuse(groove.CodeInvalidInputParameter, "the ids have %d characters, want %d at most", n, maxIDs)
	}
	ids := strings.FieldsFunc(joined, func(r rune) bool { return r == '+' || r == ' ' })
	for _, id := range ids {
		if namespace, rest, _ := strings.Cut(id, "."); !strings.EqualFold(namespace, "music") || rest == "" {
			return nil, refuse(groove.CodeInvalidInputParameter, "id is %q, want music, a dot and the rest", id)
		}
	}
	if len(ids) == 0 {
		return nil, refuse(groove.CodeMissingInputParameter, "there is no id")
	}
	return ids, nil
}

// maxIDs bounds the length of all ids of a path together, in characters.
const maxIDs = 250
