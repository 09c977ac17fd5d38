package standin

import (
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// maxPage is the documented limit, and default, of maxItems.
const maxPage = 25

// parameters are the parameters of a query, their names in lower case.
type parameters map[string]string

// readParameters splits a raw query. net/url would refuse a semicolon, which
// the service took for any other character.
func readParameters(raw string) (parameters, *problem) {
	p := make(parameters)
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, refuse(groove.CodeInvalidInputParameter, "query: %v", err)
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, refuse(groove.CodeInvalidInputParameter, "%s: %v", name, err)
		}
		name = strings.ToLower(name)
		if _, twice := p[name]; twice {
			return nil, refuse(groove.CodeInvalidInputParameter, "%s is given more than once", name)
		}
		p[name] = value
	}
	return p, nil
}

// maxItems reads the size of a page.
func (p parameters) maxItems() (int, *problem) {
	text, given := p["maxitems"]
	if !given {
		return maxPage, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n < 1 || n > maxPage {
		return 0, refuse(groove.CodeInvalidInputParameter, "maxItems is %q, want 1 to %d", text, maxPage)
	}
	return int(n), nil
}

// farthest bounds where a page begins. No list is as long.
const farthest = 1 << 24

// number reads the number of a page: a 32-bit signed integer, from 0.
func (p parameters) number() (int, *problem) {
	text, given := p["page"]
	if !given {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, refuse(groove.CodeInvalidInputParameter, "page is %q, want 0 or more", text)
	}
	return int(min(n, farthest)), nil
}

// window reads the page that a request with maxItems alone asks for.
func (c *call) window() (page, *problem) {
	limit, p := c.query.maxItems()
	if p != nil {
		return page{}, p
	}
	if c.rest == nil {
		return page{0, limit}, nil
	}
	if _, given := c.query["maxitems"]; !given {
		limit = c.rest.Limit
	}
	return page{c.rest.Offset, limit}, nil
}

// paging is window for a request that has page too.
func (c *call) paging() (page, *problem) {
	w, p := c.window()
	if p != nil {
		return page{}, p
	}
	n, p := c.query.number()
	if p != nil {
		return page{}, p
	}
	if c.rest == nil {
		w.offset = n * w.limit
	} else if _, given := c.query["page"]; given {
		return page{}, refuse(groove.CodeIncompatibleInputParameters, "page goes without continuationToken")
	}
	return w, nil
}

// splitWords yields the words of a parameter in lower case. Their separator, a
// plus, has become a space unless it was escaped.
func splitWords(text string) iter.Seq[string] {
	return strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == ' ' || r == '+' })
}

// words reads a parameter that holds several of the allowed words.
func (p parameters) words(name string, allowed ...string) (map[string]bool, *problem) {
	chosen := make(map[string]bool)
	for word := range splitWords(p[name]) {
		if !slices.Contains(allowed, word) {
			return nil, refuse(groove.CodeInvalidInputParameter, "%s holds %q, want some of %s", name, word, strings.Join(allowed, ", "))
		}
		chosen[word] = true
	}
	return chosen, nil
}
