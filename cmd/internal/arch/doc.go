// Package arch holds the import table of the module, as a test: which package
// may import which, which of them are pure, and who may know a library.
//
// Arrows point down only: cmd → control → faults/* → faults → faults/groove.
// The engine knows nothing of the control plane, and the packages that decide
// and judge read no clock, no file and no socket, so that a decision or a
// verdict can be computed again from what was recorded.
//
// A package that is not in the table fails the test until somebody places it.
// The table is changed on purpose, in the commit that needs the new arrow.
//
// Sources are read as they are written, whatever their build tags, so that a
// file for another operating system is held to the same rules. Tests may reach
// sideways, never up.
package arch
