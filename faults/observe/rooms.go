package observe

import "sync"

// rooms are what chapters were in that nobody needs any more: pages with room for mostPage, and lists.
type rooms struct{ pages, lists sync.Pool }

// lists are the calls of a chapter, and their attempts.
type lists struct {
	calls    []Call
	attempts []*Attempt
}

// page is an empty page.
func (r *rooms) page() *page {
	if used, ok := r.pages.Get().(*page); ok {
		return used
	}
	return &page{attempts: make([]Attempt, 0, mostPage)}
}

// blank is so many empty calls, and room for so many attempts.
func (r *rooms) blank(calls, attempts int) ([]Call, []*Attempt) {
	used, ok := r.lists.Get().(*lists)
	if !ok || cap(used.calls) < calls || cap(used.attempts) < attempts {
		return make([]Call, calls), make([]*Attempt, 0, attempts)
	}
	return used.calls[:calls], used.attempts
}

// Release gives back the memory of a chapter: nothing of the Calls may be used any more, and nothing of their attempts if the Grouper kept copies. It may
// be called by any goroutine, and not at all.
func (c *Chapter) Release() {
	for _, p := range c.pages {
		if cap(p.attempts) == mostPage {
			clear(p.attempts)
			p.attempts = p.attempts[:0]
			c.rooms.pages.Put(p)
		}
	}
	if c.rooms != nil {
		clear(c.Calls)
		clear(c.attempts[:cap(c.attempts)])
		c.rooms.lists.Put(&lists{c.Calls[:0], c.attempts[:0]})
	}
	c.Calls, c.pages, c.attempts = nil, nil, nil
}
