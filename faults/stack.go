package faults

// stack is faults of one role that are about an exchange, in creation order.
// It has room for the usual few; of more it knows only how many they are, and
// whoever wants them walks the candidates once more. That way nothing is
// allocated however many they are.
type stack struct {
	// room holds their places in the set.
	room [8]int32
	size int
}

func (s *stack) push(id int32) {
	if s.size < len(s.room) {
		s.room[s.size] = id
	}
	s.size++
}

// recall is a walk over the faults of a stack.
type recall struct {
	d     *deciding
	stack *stack
	role  role
	at    int
}

func (d *deciding) recall(s *stack, r role) recall {
	if s.size > len(s.room) {
		d.among.rewind()
	}
	return recall{d: d, stack: s, role: r}
}

// next returns the next fault of the stack, nil at the end.
func (r *recall) next() *Active {
	if r.stack.size > len(r.stack.room) {
		return r.d.nextOf(r.role)
	}
	if r.at == r.stack.size {
		return nil
	}
	r.at++
	return r.d.faults[r.stack.room[r.at-1]]
}
