package groove

import "strings"

// Resolve finds the endpoint that a request addresses by its method and its
// path as sent, without the query. HEAD resolves like GET. Words compare
// without regard to percent-encoding and to the case of ASCII letters, and a
// word beats a variable; a path with an empty segment or a slash at its end resolves to
// nothing. The host plays no part: every documented path is of one host only.
// It does not allocate. The Endpoint is shared: callers must not change it.
func Resolve(method, path string) (*Endpoint, bool) {
	if method == "HEAD" {
		method = "GET"
	}
	rest, ok := strings.CutPrefix(path, "/")
	root := routes[method]
	if !ok || root == nil {
		return nil, false
	}
	e := root.find(rest)
	return e, e != nil
}

// node is one place in the tree of all templates of a method.
type node struct {
	words []branch
	// variable follows any segment, nil for none.
	variable *node
	// endpoint is what a path that ends here addresses, nil for nothing.
	endpoint *Endpoint
}

// branch is the way on from a node by a word.
type branch struct {
	word string
	next *node
}

// find returns the endpoint that a path addresses from n on, nil for none. It
// comes back from a word that led nowhere and tries the variable; the work is
// bounded by the tree, not by the path.
func (n *node) find(path string) *Endpoint {
	sent, rest, more := strings.Cut(path, "/")
	if sent == "" {
		return nil
	}
	for i := range n.words {
		if !sameWord(n.words[i].word, sent) {
			continue
		}
		if e := n.words[i].next.follow(rest, more); e != nil {
			return e
		}
	}
	if n.variable == nil {
		return nil
	}
	return n.variable.follow(rest, more)
}

// follow is find for what comes after a segment, if more comes.
func (n *node) follow(rest string, more bool) *Endpoint {
	if !more {
		return n.endpoint
	}
	return n.find(rest)
}

// grow returns the node that the segment leads to and makes it if need be.
func (n *node) grow(word string) *node {
	if word == "" {
		if n.variable == nil {
			n.variable = &node{}
		}
		return n.variable
	}
	for i := range n.words {
		if n.words[i].word == word {
			return n.words[i].next
		}
	}
	next := &node{}
	n.words = append(n.words, branch{word: word, next: next})
	return next
}

// parsed holds the template of every documented path by its text.
var parsed = func() map[string]Template {
	all := make(map[string]Template)
	for i := range endpoints {
		for _, text := range pathsOf(&endpoints[i]) {
			t, err := ParseTemplate(text)
			if err != nil {
				panic(text + " " + err.Error()) // the table of this package is wrong
			}
			all[text] = t
		}
	}
	return all
}()

// routes holds the tree of each method.
var routes = func() map[string]*node {
	roots := make(map[string]*node)
	for i := range endpoints {
		e := &endpoints[i]
		if roots[e.Method] == nil {
			roots[e.Method] = &node{}
		}
		for _, text := range pathsOf(e) {
			n := roots[e.Method]
			for _, word := range parsed[text].segments {
				n = n.grow(word)
			}
			n.endpoint = e
		}
	}
	return roots
}()

// pathsOf returns the texts of all templates of e.
func pathsOf(e *Endpoint) []string {
	return append([]string{e.Template}, e.Aliases...)
}
