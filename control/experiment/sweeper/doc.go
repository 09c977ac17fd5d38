// Package sweeper runs the cases that package sweep plans, each by package runner, and keeps what came of them in a file.
//
// # Decisions
//
// Places are started once and serve all cases. A place has one case at a time; cases are side by side on several places, which
// share nothing. Before each run of the workload what was written to the stand-in is forgotten, so that no case sees the writes
// of another. A case is judged by the attempts that arrived in it: what an earlier case left under way belongs to none.
//
// The file is written anew after each case, beside the old one and put in its place, so that whoever is killed leaves a whole
// one. A case under way at that moment is run again.
package sweeper
