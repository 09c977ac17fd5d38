package inject

// Kept counts the answers that are kept.
func (s *Answers) Kept() int {
	count := 0
	s.kept.Range(func(_, known any) bool {
		count += len(*known.(*forms).list.Load())
		return true
	})
	return count
}
