package observe

// leastPage is how many attempts the first page of a caller has room for, mostPage the later ones at most.
const leastPage, mostPage = 4, 64

// page is room for attempts of one caller that came one after the other. They are looked at in that order again and again, which takes a
// fraction of the time where they lie side by side.
type page struct{ attempts []Attempt }

// pages are where a Grouper keeps copies of the attempts of a caller, if somebody wants the attempts themselves back.
type pages struct {
	list  []*page
	rooms *rooms
}

// keep copies an attempt to the end.
func (p *pages) keep(a *Attempt) *Attempt {
	last := p.last()
	last.attempts = append(last.attempts, *a)
	return &last.attempts[len(last.attempts)-1]
}

// last is the page that has room.
func (p *pages) last() *page {
	size := leastPage
	if n := len(p.list); n > 0 {
		last := p.list[n-1]
		if len(last.attempts) < cap(last.attempts) {
			return last
		}
		size = min(2*cap(last.attempts), mostPage)
	}
	p.list = append(p.list, p.blank(size))
	return p.list[len(p.list)-1]
}

// blank is an empty page.
func (p *pages) blank(size int) *page {
	if size == mostPage {
		return p.rooms.page()
	}
	return &page{attempts: make([]Attempt, 0, size)}
}

// move copies attempts to the end that lie elsewhere.
func (p *pages) move(attempts []*Attempt) {
	for i, a := range attempts {
		attempts[i] = p.keep(a)
	}
}

// turn begins new pages with the attempts of the calls that were not handed over, and returns the old ones.
func (c *caller) turn() []*page {
	if len(c.pages.list) == 0 {
		return nil
	}
	old := c.pages.list
	c.pages.list = nil
	for _, d := range c.drafts {
		c.pages.move(d.attempts)
	}
	for _, i := range c.routes {
		for story := range i.stories() {
			c.pages.move(story.pending)
		}
	}
	return old
}
