package standin

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// contract is testdata/contract.txt: the members of each type.
type contract map[string][]member

type member struct {
	name, kind string
	required   bool
}

var theContract = sync.OnceValues(readContract)

// readContract reads the file, and holds it to the order that it promises.
func readContract() (contract, error) {
	text, err := os.ReadFile("testdata/contract.txt")
	if err != nil {
		return nil, err
	}
	c := make(contract)
	var current, previous string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "  "):
			name, kind, _ := strings.Cut(strings.TrimSpace(line), " ")
			name, required := strings.CutSuffix(name, "!")
			if name <= previous {
				err = errors.Join(err, fmt.Errorf("%s.%s is not in alphabetical order", current, name))
			}
			previous = name
			c[current] = append(c[current], member{name, kind, required})
		default:
			name, base, _ := strings.Cut(line, " : ")
			current, previous = name, ""
			c[current] = slices.Clone(c[base])
		}
	}
	return c, err
}

// values are the kinds of texts, as they are in JSON.
var values = map[string]*regexp.Regexp{
	"text":     regexp.MustCompile(`(?s)^.*$`),
	"id":       regexp.MustCompile(`^music\.[A-Za-z0-9._-]+$`),
	"url":      regexp.MustCompile(`^https?://[^ "<>]+$`),
	"date":     regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`),
	"duration": regexp.MustCompile(`^\d\d:[0-5]\d:[0-5]\d$`),
	"sources":  regexp.MustCompile(`^(Catalog|Collection|Catalog, Collection)$`),
	"culture":  regexp.MustCompile(`^[a-z]{2}-[A-Z]{2}$`),
	"code":     regexp.MustCompile(`^[A-Z0-9_]+$`),
	"int":      regexp.MustCompile(`^-?\d+$`),
	"flag":     regexp.MustCompile(`^(true|false)$`),
}

// xmlValues are those that differ in XML: what a .NET reader takes for a
// TimeSpan, and for flags.
var xmlValues = map[string]*regexp.Regexp{
	"duration": regexp.MustCompile(`^PT(\d+H)?(\d+M)?(\d+S)?$`),
	"sources":  regexp.MustCompile(`^(Catalog|Collection|Catalog Collection)$`),
}

func checkText(kind, text string, inXML bool) error {
	pattern := values[kind]
	if special := xmlValues[kind]; inXML && special != nil {
		pattern = special
	}
	if choices, ok := strings.CutPrefix(kind, "one of "); ok {
		if !slices.Contains(strings.Split(choices, ", "), text) {
			return fmt.Errorf("%q is not %s", text, kind)
		}
		return nil
	}
	if pattern == nil {
		return fmt.Errorf("there is no kind %q", kind)
	}
	if !pattern.MatchString(text) {
		return fmt.Errorf("%q is no %s", text, kind)
	}
	return nil
}

// inner takes the type out of list(T).
func inner(kind, of string) (string, bool) {
	rest, ok := strings.CutPrefix(kind, of+"(")
	return strings.TrimSuffix(rest, ")"), ok
}

// paginated are the members of list(T), with T in JSON's Items.
func paginated(of string) []member {
	return []member{{"ContinuationToken", "text", false}, {"Items", "items(" + of + ")", true}, {"TotalItemCount", "int", false}}
}

// checkJSON is a reader that fails on unknown members: value must be of kind.
func (c contract) checkJSON(kind string, value any) error {
	if of, ok := inner(kind, "list"); ok {
		return c.checkObject(kind, paginated(of), value)
	}
	of, isItems := inner(kind, "items")
	if _, isNames := inner(kind, "names"); isNames {
		of, isItems = "text", true
	}
	if isItems {
		all, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%v is no array", value)
		}
		for i, one := range all {
			if err := c.checkJSON(of, one); err != nil {
				return fmt.Errorf("[%d]%w", i, err)
			}
		}
		return nil
	}
	if members, ok := c[kind]; ok {
		return c.checkObject(kind, members, value)
	}
	return c.checkScalar(kind, value)
}

func (c contract) checkScalar(kind string, value any) error {
	if kind == "others" {
		all, ok := value.(map[string]any)
		for namespace, id := range all {
			if _, isText := id.(string); !isText || !strings.HasPrefix(namespace, "music.") {
				return fmt.Errorf(": %v is not ids by namespace", value)
			}
		}
		if !ok || len(all) == 0 {
			return fmt.Errorf(": %v is not ids by namespace", value)
		}
		return nil
	}
	var ok bool
	switch kind {
	case "int":
		_, ok = value.(json.Number)
	case "flag":
		_, ok = value.(bool)
	default:
		_, ok = value.(string)
	}
	if !ok {
		return fmt.Errorf(": %v is no %s", value, kind)
	}
	if err := checkText(kind, fmt.Sprint(value), false); err != nil {
		return fmt.Errorf(": %w", err)
	}
	return nil
}

func (c contract) checkObject(kind string, members []member, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf(": %v is no object", value)
	}
	known := make(map[string]bool)
	for _, m := range members {
		known[m.name] = true
		inside, there := object[m.name]
		if !there {
			if m.required {
				return fmt.Errorf(": %s of %s is missing", m.name, kind)
			}
			continue
		}
		if err := c.checkJSON(m.kind, inside); err != nil {
			return fmt.Errorf(".%s%w", m.name, err)
		}
	}
	for name := range object {
		if !known[name] {
			return fmt.Errorf(": %s does not have %s", kind, name)
		}
	}
	return nil
}

// element is an element of XML.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

// checkXML is a reader as strict as .NET's should be: e must be of kind, its
// members known and in order, all in the namespace of the contract.
func (c contract) checkXML(kind string, e element) error {
	if e.XMLName.Space != groove.XMLNamespace {
		return fmt.Errorf(": %s is in the namespace %q", e.XMLName.Local, e.XMLName.Space)
	}
	if of, ok := inner(kind, "list"); ok {
		return c.checkMembers(kind, paginated(of), e)
	}
	if of, ok := inner(kind, "items"); ok {
		return c.checkElements(of, of, e)
	}
	if name, ok := inner(kind, "names"); ok {
		return c.checkElements(name, "text", e)
	}
	if kind == "others" {
		return c.checkElements("OtherId", "OtherId", e)
	}
	if kind == "OtherId" {
		return c.checkMembers(kind, []member{{"Namespace", "text", true}, {"Id", "text", true}}, e)
	}
	if members, ok := c[kind]; ok {
		return c.checkMembers(kind, members, e)
	}
	if len(e.Children) > 0 {
		return fmt.Errorf(": a %s has elements inside", kind)
	}
	if err := checkText(kind, e.Text, true); err != nil {
		return fmt.Errorf(": %w", err)
	}
	return nil
}

func (c contract) checkElements(name, kind string, e element) error {
	for i, child := range e.Children {
		if child.XMLName.Local != name {
			return fmt.Errorf("[%d]: it is called %s, want %s", i, child.XMLName.Local, name)
		}
		if err := c.checkXML(kind, child); err != nil {
			return fmt.Errorf("[%d]%w", i, err)
		}
	}
	return nil
}

func (c contract) checkMembers(kind string, members []member, e element) error {
	if strings.TrimSpace(e.Text) != "" {
		return fmt.Errorf(": text %q stands in a %s", e.Text, kind)
	}
	rest := members
	for _, child := range e.Children {
		at := slices.IndexFunc(rest, func(m member) bool { return m.name == child.XMLName.Local })
		if at < 0 {
			return fmt.Errorf(": %s of %s is unknown, twice or late", child.XMLName.Local, kind)
		}
		if missing := slices.IndexFunc(rest[:at], func(m member) bool { return m.required }); missing >= 0 {
			return fmt.Errorf(": %s of %s is missing", rest[missing].name, kind)
		}
		if err := c.checkXML(rest[at].kind, child); err != nil {
			return fmt.Errorf(".%s%w", child.XMLName.Local, err)
		}
		rest = rest[at+1:]
	}
	if missing := slices.IndexFunc(rest, func(m member) bool { return m.required }); missing >= 0 {
		return fmt.Errorf(": %s of %s is missing", rest[missing].name, kind)
	}
	return nil
}

// expectContract checks an answer against a type of the contract, in the
// format that its Content-Type says.
func expectContract(t *testing.T, root string, r reply) {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	check := c.checkBodyInJSON
	if strings.HasPrefix(r.header.Get("Content-Type"), "application/xml") {
		check = c.checkBodyInXML
	}
	if err := check(root, r.body); err != nil {
		t.Errorf("%s%v\nin %.3000s", root, err, r.body)
	}
}

func (c contract) checkBodyInXML(root string, body []byte) error {
	var e element
	if err := xml.Unmarshal(body, &e); err != nil {
		return err
	}
	if e.XMLName.Local != root || len(e.Children) == 0 {
		return fmt.Errorf(" is %s with %d members", e.XMLName.Local, len(e.Children))
	}
	return c.checkXML(root, e)
}

func (c contract) checkBodyInJSON(root string, body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New(" is followed by something")
	}
	return c.checkJSON(root, value)
}
