//go:build !linux

package route

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// OriginalDestination returns where a connection was going before a rule of
// iptables or nftables redirected it to its listener. The error wraps
// ErrNotRedirected if none did, and errors.ErrUnsupported elsewhere than on
// Linux. Connections that wrap another are looked through by NetConn.
func OriginalDestination(net.Conn) (netip.AddrPort, error) {
	return netip.AddrPort{}, fmt.Errorf("find original destination: %w", errors.ErrUnsupported)
}
