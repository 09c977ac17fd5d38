package route

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	own, other := netip.MustParseAddrPort("127.0.0.1:7710"), netip.MustParseAddrPort("192.0.2.1:443")
	for name, test := range map[string]struct {
		to      netip.AddrPort
		problem error
		want    error
	}{
		"another destination":      {other, nil, nil},
		"our own address":          {own, nil, ErrNotRedirected},
		"a connection not known":   {netip.AddrPort{}, syscall.ENOENT, ErrNotRedirected},
		"a kernel that knows none": {netip.AddrPort{}, syscall.ENOPROTOOPT, ErrNotRedirected},
		"a socket that is closed":  {netip.AddrPort{}, syscall.EBADF, syscall.EBADF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, err := judge(test.to, own, test.problem)
			if !errors.Is(err, test.want) || to.IsValid() != (test.want == nil) || test.want == nil && to != test.to {
				t.Errorf("got %v, %v, want %v and error %v", to, err, test.to, test.want)
			}
		})
	}
}
