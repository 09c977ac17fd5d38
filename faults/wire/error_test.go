package wire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/wire"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	statuses := []int{400, 414, 431, 501, 502, 505}
	seen := map[string]wire.Error{}
	for e := wire.ErrLeadingLines; e <= wire.ErrTrailerTooLong; e++ {
		text := e.Error()
		if e == 0 {
			t.Error("error 0: want it to be no reason")
		}
		if !strings.HasPrefix(text, "read ") || text != strings.TrimSpace(text) {
			t.Errorf("error %d: got %q, want the operation first", e, text)
		}
		if other, ok := seen[text]; ok {
			t.Errorf("error %d: got the text of %d, want its own", e, other)
		}
		seen[text] = e
		if got := e.Status(); !slices.Contains(statuses, got) || (got == 502) != (e == wire.ErrStatusLine) {
			t.Errorf("%v: got status %d, want one of %v", e, got, statuses)
		}
	}
	for e, want := range map[wire.Error]int{
		wire.ErrHost: 400, wire.ErrTargetTooLong: 414, wire.ErrHeadTooLong: 431, wire.ErrTransferCoding: 501, wire.ErrVersion: 505,
	} {
		if got := e.Status(); got != want {
			t.Errorf("%v: got status %d, want %d", e, got, want)
		}
	}
}
