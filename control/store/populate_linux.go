package store

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// populate has the system provide the memory of p in one go, whereas it would
// else interrupt for each page when that is written to first: on a virtual
// machine a page costs several microseconds then, a tenth of that in one go. An
// older system than Linux 5.14 refuses, and provides as it is written to.
func populate(p []byte) {
	size := os.Getpagesize()
	start := uintptr(unsafe.Pointer(unsafe.SliceData(p)))
	skip := -start & uintptr(size-1)
	if whole := (len(p) - int(skip)) &^ (size - 1); whole > 0 {
		_ = unix.Madvise(p[skip:int(skip)+whole], unix.MADV_POPULATE_WRITE)
	}
}
