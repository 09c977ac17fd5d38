package observe

// single is a call that is over with its one attempt, which succeeded: of most clients nearly every call is one. All that is to be said of it is known
// when it comes.
type single struct {
	attempt  *Attempt
	content  uint64
	begun    uint64
	doubtful bool
}

// beginSingle takes in a call that nothing can go on with.
func (c *caller) beginSingle(a *Attempt, content uint64) {
	c.begun++
	c.singles = append(c.singles, single{attempt: a, content: content, begun: c.begun, doubtful: c.tornAt(a)})
}

// before reports that s comes before d in a chapter.
func (s *single) before(d *draft) bool {
	order := compareAttempts(s.attempt, d.first())
	return order < 0 || order == 0 && s.begun < d.begun
}

// call makes the finished call, with its attempt at the end of room. It leaves open what it goes by and whose it is.
func (s *single) call(c *Call, room *[]*Attempt) {
	c.describe(s.attempt, s.content)
	c.Grouping = GroupingInferred
	if s.doubtful {
		c.Grouping = GroupingAmbiguous
	}
	from := len(*room)
	*room = append(*room, s.attempt)
	c.Attempts = (*room)[from:len(*room):len(*room)]
}
