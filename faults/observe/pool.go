package observe

import "sync"

// Pool keeps attempts that nobody refers to any more, so that a journal of any length is read with the memory for those that are under way. The
// zero value is empty. It is safe for concurrent use.
type Pool struct{ attempts sync.Pool }

// Get gives an empty attempt.
func (p *Pool) Get() *Attempt {
	if a, ok := p.attempts.Get().(*Attempt); ok {
		return a
	}
	return &Attempt{}
}

// Put takes an attempt that nobody refers to any more, and keeps nothing of what it says.
func (p *Pool) Put(a *Attempt) {
	*a = Attempt{}
	p.attempts.Put(a)
}
