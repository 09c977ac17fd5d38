package faults //nolint:testpackage // Holds the shelf against the matching it spares.

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// fields is a header of a test, by names in lower case.
type fields map[string]string

func (f fields) Value(name string) (string, bool) {
	value, ok := f[strings.ToLower(name)]
	return value, ok
}

// drawMatch draws a match over so few words that matches meet often.
func drawMatch(t *rapid.T) Match {
	list := func(name string, words ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(words), 0, 2, rapid.ID).Draw(t, name)
	}
	names := func(name string, keys, values []string) map[string]string {
		return rapid.MapOfN(rapid.SampledFrom(keys), rapid.SampledFrom(values), 0, 2).Draw(t, name)
	}
	return Match{
		Endpoints: list("endpoints", "search", "lookup", "genres"),
		Methods:   list("methods", "GET", "POST"),
		Hosts:     list("hosts", "a.org", "A.ORG", "b.org", "*.org"),
		Clients:   list("clients", "a", "A", "b", "*"),
		Path:      rapid.SampledFrom([]string{"", "", "/", "/1/{x}", "/1/a/b", "/1/{x}/B", "/{rest...}", "/1/%61/{rest...}"}).Draw(t, "path"),
		Query:     names("query", []string{"q", "r", "\u212a", "a b"}, []string{"x", "x y", "*", "x*", "%zz"}),
		Headers:   names("headers", []string{"x-a", "X-B"}, []string{"1", "2", "*"}),
	}
}

func drawExchange(t *rapid.T) *Exchange {
	pick := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
	parameters := rapid.SliceOfN(rapid.SampledFrom([]string{
		"q=x", "Q=x", "%71=x", "q=x+y", "q=x%20y", "r=x", "k=x", "K=x", "\u212a=x", "a+b=x", "q", "q=%zz", "r=%zz", "=x", "",
	}), 0, 4)
	return &Exchange{
		Endpoint: pick("endpoint", "", "search", "lookup"),
		Method:   pick("method", "GET", "POST", "HEAD"),
		Host:     pick("host", "a.org", "A.org", "b.org", "c.net"),
		Client:   pick("client", "a", "A", "b", "c"),
		Path:     pick("path", "/", "/1/a", "/1/a/b", "/1/%61/B", "/1/c/b", "/2", "", "*", "/1//b"),
		Query:    strings.Join(parameters.Draw(t, "query"), "&"),
		Header:   fields(rapid.MapOfN(rapid.SampledFrom([]string{"x-a", "x-b"}), rapid.SampledFrom([]string{"1", "2"}), 0, 2).Draw(t, "header")),
	}
}

func TestTheShelfFindsWhatMatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var active []*Active
		for i := range rapid.IntRange(1, 80).Draw(t, "faults") {
			active = append(active, newActive(&Fault{Name: fmt.Sprint(i), Match: drawMatch(t), Answer: &Answer{Status: 503}}, &tally{}, &counters{}))
		}
		s := newSet(active)
		for range 5 {
			x := drawExchange(t)
			var among found
			s.shelf.find(x, &among)
			var got, candidates, want []int32
			for id := among.next(); id >= 0; id = among.next() {
				candidates = append(candidates, id)
				if active[id].match.match(x) {
					got = append(got, id)
				}
			}
			for id, a := range active {
				if a.match.match(x) {
					want = append(want, int32(id))
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: found %v, want %v", x, got, want)
			}
			if !slices.IsSorted(candidates) || len(slices.Compact(candidates)) != len(candidates) {
				t.Fatalf("candidates %v are not each once in creation order", candidates)
			}
			among.rewind()
			for _, id := range candidates {
				if again := among.next(); again != id {
					t.Fatalf("the second walk came to %d, want %d", again, id)
				}
			}
		}
	})
}

// TestFewCandidates shows for each shape of a large set that an exchange meets
// but few of it.
func TestFewCandidates(t *testing.T) {
	t.Parallel()
	const n = 10_000
	for what, shape := range map[string]func(i int) Match{
		"clients":            func(i int) Match { return Match{Clients: []string{fmt.Sprint(i), fmt.Sprint(i + n)}} },
		"hosts":              func(i int) Match { return Match{Hosts: []string{fmt.Sprintf("H%d.org", i)}} },
		"paths":              func(i int) Match { return Match{Path: fmt.Sprintf("/1/content/%d/lookup", i)} },
		"paths by two words": func(i int) Match { return Match{Path: fmt.Sprintf("/%d/content/%d/{rest...}", i%100, i/100)} },
		"parameters":         func(i int) Match { return Match{Query: map[string]string{"id": fmt.Sprint(i), "q": "*"}} },
		"headers":            func(i int) Match { return Match{Headers: map[string]string{"X-A": fmt.Sprint(i)}} },
		"clients of endpoints": func(i int) Match {
			return Match{Endpoints: []string{fmt.Sprint(i % 22)}, Clients: []string{fmt.Sprint(i / 22)}}
		},
		"clients, hosts, fields": threeWays,
		"one client's parameters": func(i int) Match {
			return Match{Clients: []string{"7"}, Methods: []string{"GET"}, Query: map[string]string{"id": fmt.Sprint(i)}}
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var active []*Active
			for i := range n {
				active = append(active, newActive(&Fault{Match: shape(i)}, &tally{}, &counters{}))
			}
			x := &Exchange{
				Endpoint: "7", Method: "GET", Host: "h7.org", Path: "/7/content/7/lookup", Query: "id=7&q=x", Client: "7",
				Header: fields{"x-a": "7"},
			}
			var among found
			newSet(active).shelf.find(x, &among)
			candidates := 0
			for id := among.next(); id >= 0; id = among.next() {
				candidates++
			}
			if candidates > 3*manyFiled {
				t.Errorf("%d candidates of %d, want at most %d", candidates, n, 3*manyFiled)
			}
		})
	}
}

// threeWays combines 22 clients, 22 hosts and 22 values of a field.
func threeWays(i int) Match {
	return Match{
		Clients: []string{fmt.Sprint(i % 22)},
		Hosts:   []string{fmt.Sprintf("h%d.org", i/22%22)},
		Headers: map[string]string{"x-a": fmt.Sprint(i / 484)},
	}
}

func TestParametersAreDecodedAsByTheLibrary(t *testing.T) {
	t.Parallel()
	sent := rapid.StringOf(rapid.SampledFrom([]rune("aZ09+%fFgé&=")))
	rapid.Check(t, func(t *rapid.T) {
		text := sent.Draw(t, "text")
		want, err := url.QueryUnescape(text)
		if err != nil {
			want = text
		}
		if got := string(appendDecoded(nil, text)); got != want {
			t.Fatalf("%q stands for %q, want %q", text, got, want)
		}
		if !coded(text) && want != text {
			t.Fatalf("%q is not coded, and stands for %q", text, want)
		}
	})
}

func TestNamesAreEqualAsByTheLibrary(t *testing.T) {
	t.Parallel()
	name := rapid.StringOfN(rapid.SampledFrom([]rune("kK\u212asS\u017féÉ\u03c3\u03c2\u03a3\u00b5\u03bc")), 0, 3, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := []byte(name.Draw(t, "a")), []byte(name.Draw(t, "b"))
		if got, want := nameSum(a) == nameSum(b), bytes.EqualFold(a, b); got != want {
			t.Fatalf("%q and %q are equal: %v, want %v", a, b, got, want)
		}
	})
}

func TestManyLists(t *testing.T) {
	t.Parallel()
	var among found
	const lists = 20
	for i := range int32(lists) {
		ids := []int32{i, i + lists, 1_000}
		among.add(ids)
		among.add(ids)
	}
	among.add(nil)
	var got []int32
	for id := among.next(); id >= 0; id = among.next() {
		got = append(got, id)
	}
	if among.size != lists || len(got) != 2*lists+1 || !slices.IsSorted(got) {
		t.Errorf("%d lists gave %v, want %d and each once in order", among.size, got, lists)
	}
}
