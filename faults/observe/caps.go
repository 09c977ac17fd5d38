package observe

import "time"

// leastCapped is how many calls must have given up alike before their length is the client's cap.
const leastCapped = 5

// caps is where a client gives up: by the status of the last answer, how many calls gave up and after how many attempts.
type caps struct {
	byStatus map[int]capping
	// longest is the most attempts that a call had.
	longest int
}

type capping struct {
	tries, calls int
	mixed        bool
}

// runs takes in that a call reached so many attempts.
func (s *study) runs(tries int) { s.caps.longest = max(s.caps.longest, tries) }

// givesUp takes in that a call ended in failure after so many attempts.
func (s *study) givesUp(tries, status int) {
	if len(s.caps.byStatus) >= maxLawKeys {
		return
	}
	if s.caps.byStatus == nil {
		s.caps.byStatus = map[int]capping{}
	}
	s.law.end(status, ending{off: 1})
	c := s.caps.byStatus[status]
	if c.calls > 0 && c.tries != tries {
		c.mixed = true
	}
	c.tries, c.calls = tries, c.calls+1
	s.caps.byStatus[status] = c
}

// cap is after how many attempts the client gives up for certain when an answer has that status: enough calls did so
// alike, and none ever went on longer. 0 is not known.
func (c *caps) of(status int) int {
	found := c.byStatus[status]
	if found.mixed || found.calls < leastCapped || found.tries < c.longest {
		return 0
	}
	return found.tries
}

// goesOn takes in that a call went on after a failed answer, when it had made so many attempts.
func (s *study) goesOn(tries int, after *flight, gap time.Duration) { s.law.add(tries, after, gap) }
