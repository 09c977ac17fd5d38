package observe

// generations is a map of bounded size. What was not touched while as many other keys as fit
// in one generation were is forgotten, a generation at a time.
type generations[V any] struct {
	// limit bounds one generation; there are two.
	limit             int
	current, previous map[uint64]V
}

func newGenerations[V any](limit int) generations[V] {
	return generations[V]{limit: limit, current: map[uint64]V{}, previous: map[uint64]V{}}
}

// get finds a value and keeps it for another generation.
func (g *generations[V]) get(key uint64) (V, bool) {
	if value, ok := g.current[key]; ok {
		return value, true
	}
	value, ok := g.previous[key]
	if ok {
		delete(g.previous, key)
		g.put(key, value)
	}
	return value, ok
}

// put keeps a value. When the generation is full it begins another one.
func (g *generations[V]) put(key uint64, value V) {
	if _, ok := g.current[key]; !ok && len(g.current) >= g.limit {
		g.current, g.previous = g.previous, g.current
		clear(g.current)
	}
	g.current[key] = value
}

func (g *generations[V]) len() int { return len(g.current) + len(g.previous) }
