package daemon

import (
	"slices"
	"testing"

	"github.com/groovechaos/groovechaos/control/store"
)

func TestOwnNodeIsAlwaysThere(t *testing.T) {
	t.Parallel()
	named := func(names ...string) (nodes []store.Node) {
		for _, name := range names {
			nodes = append(nodes, store.Node{Name: name, Version: "heard"})
		}
		return nodes
	}
	tests := map[string]struct{ heard, want []string }{
		"nobody is heard":   {nil, []string{"own"}},
		"the others are":    {[]string{"a", "z"}, []string{"a", "own", "z"}},
		"this one is, too":  {[]string{"a", "own", "z"}, []string{"a", "own", "z"}},
		"one that comes on": {[]string{"z"}, []string{"own", "z"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, node := range withOwn(named(test.heard...), store.Node{Name: "own", Version: "told"}) {
				got = append(got, node.Name)
				if told := node.Version == "told"; told != (node.Name == "own" && !slices.Contains(test.heard, "own")) {
					t.Errorf("%s is as this node tells: %t", node.Name, told)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
