package journal

import "fmt"

// mostProblems bounds the problems that are kept; the others are counted.
const mostProblems = 100

// Problem is something that was left out, or is not as it should be.
type Problem struct {
	// File is the name as given, Record the line or, in a binary journal, the record, from 1; 0 for the file as a whole.
	File   string
	Record int
	Text   string
}

// String says it in one line.
func (p Problem) String() string {
	if p.Record == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Record, p.Text)
}

// Losses count what is not in the judgement.
type Losses struct {
	// Unreadable counts records that could not be read, Duplicate attempts that came already.
	Unreadable, Duplicate uint64
	// Cut reports that a journal has no end: something may be missing behind it.
	Cut bool
}

// complaints are the problems of a journal.
type complaints struct {
	kept   []Problem
	count  int
	losses Losses
}

func (c *complaints) add(p Problem) {
	c.count++
	if len(c.kept) < mostProblems {
		c.kept = append(c.kept, p)
	}
}

// unreadable notes a record that is left out.
func (c *complaints) unreadable(file string, record int, format string, args ...any) {
	c.losses.Unreadable++
	c.add(Problem{file, record, fmt.Sprintf(format, args...)})
}
