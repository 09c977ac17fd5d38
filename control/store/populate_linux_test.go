package store

import (
	"errors"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestPopulate looks which pages the system has provided: all that lie in the
// slice whole, and no others.
func TestPopulate(t *testing.T) {
	t.Parallel()
	const pages = 16
	size := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, pages*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(memory) }()
	if err := unix.Madvise(memory, unix.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		t.Fatal(err)
	}
	if err := unix.Madvise(memory[:0], unix.MADV_POPULATE_WRITE); err != nil {
		t.Skipf("the system does not provide memory in advance: %v", err)
	}
	populate(memory[10 : 10*size-1])
	populate(memory[11*size : 11*size+100]) // no whole page
	populate(nil)
	var resident [pages]byte
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&memory[0])), uintptr(len(memory)), uintptr(unsafe.Pointer(&resident[0]))); errno != 0 {
		t.Fatal(errno)
	}
	for i, r := range resident {
		if got, want := r&1 == 1, i >= 1 && i < 9; got != want {
			t.Errorf("page %d is there: got %t, want %t", i, got, want)
		}
	}
}
