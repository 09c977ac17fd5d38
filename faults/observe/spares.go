package observe

// mostSpares bounds what is kept of each kind, mostRoom the room for attempts that a draft is kept with.
const mostSpares, mostRoom = 1 << 16, 16

// spares are drafts and inferences that nobody needs any more, to be used again: most requests come once, and each would leave both behind.
type spares struct {
	drafts     []*draft
	inferences []*inference
}

func (s *spares) draft() *draft {
	if n := len(s.drafts); n > 0 {
		d := s.drafts[n-1]
		s.drafts = s.drafts[:n-1]
		return d
	}
	return &draft{}
}

func (s *spares) inference() *inference {
	if n := len(s.inferences); n > 0 {
		i := s.inferences[n-1]
		s.inferences = s.inferences[:n-1]
		return i
	}
	return &inference{}
}

// drop takes back a draft that was handed over, with its inference if that was waiting for it.
func (s *spares) drop(d *draft) {
	if i := d.route; i != nil {
		i.drafts--
		s.leave(i)
	}
	if len(s.drafts) >= mostSpares || cap(d.attempts) > mostRoom {
		return
	}
	clear(d.attempts)
	*d = draft{attempts: d.attempts[:0], sure: d.sure[:0]}
	s.drafts = append(s.drafts, d)
}

// leave takes back an inference that was forgotten, once no draft refers to it.
func (s *spares) leave(i *inference) {
	if !i.forgotten || i.drafts > 0 || len(s.inferences) >= mostSpares {
		return
	}
	*i = inference{}
	s.inferences = append(s.inferences, i)
}
