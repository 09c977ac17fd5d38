// Package journal reads and writes journals: what was recorded, in a file that can be judged again anywhere.
//
// A journal is lines of JSON, each with its kind: first "journal" (who recorded), then "attempt" and "outcome", and at last
// "end" (how many there were, what each fault did). The binary form has the same first line, with the format "binary", and
// behind it records that are a letter and, for A, observe.Attempt.AppendBinary, or else, for J, four bytes with a length (little endian) and a line of
// JSON. It is read several times as fast.
//
// # What is not as it should be
//
// A journal may be cut off, damaged, of another version or not ours at all. Whatever is sound is given to the judge, and all
// else is counted and named: nothing is left out in silence. What is missing in the middle or at the end makes a verdict
// more careful: see Journal.Judge. Memory does not grow with the number of attempts.
package journal
