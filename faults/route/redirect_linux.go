package route

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// originalDestination is the socket option by which netfilter tells where a
// connection was going before it was redirected: SO_ORIGINAL_DST of IPv4 and
// IP6T_SO_ORIGINAL_DST of IPv6 (linux/netfilter_ipv4.h, netfilter_ipv6/ip6_tables.h).
const originalDestination = 80

// OriginalDestination returns where a connection was going before a rule of
// iptables or nftables redirected it to its listener. The error wraps
// ErrNotRedirected if none did, and errors.ErrUnsupported elsewhere than on
// Linux. Connections that wrap another are looked through by NetConn.
func OriginalDestination(c net.Conn) (netip.AddrPort, error) {
	socket, ok := beneath(c).(syscall.Conn)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("find original destination: no socket: %w", errors.ErrUnsupported)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("find original destination: %w", err)
	}
	own := listenerOf(c)
	var to netip.AddrPort
	var problem error
	if err := raw.Control(func(fd uintptr) { to, problem = ask(int(fd), own.Addr().Is4()) }); err != nil {
		return netip.AddrPort{}, fmt.Errorf("find original destination: %w", err)
	}
	return judge(to, own, problem)
}

// judge tells a redirected connection by what the kernel answered. Where it
// follows connections it knows the destination of all, ours included.
func judge(to, own netip.AddrPort, problem error) (netip.AddrPort, error) {
	switch {
	case errors.Is(problem, syscall.ENOENT), errors.Is(problem, syscall.ENOPROTOOPT):
		return netip.AddrPort{}, fmt.Errorf("find original destination: %w: %w", ErrNotRedirected, problem)
	case problem != nil:
		return netip.AddrPort{}, fmt.Errorf("find original destination: %w", problem)
	case to == own:
		return netip.AddrPort{}, fmt.Errorf("find original destination: %w", ErrNotRedirected)
	}
	return to, nil
}

// ask reads the socket option. The structures of package syscall are the ones
// of their size: 20 bytes hold a sockaddr_in, 32 a sockaddr_in6.
func ask(fd int, ipv4 bool) (netip.AddrPort, error) {
	if ipv4 {
		answer, err := syscall.GetsockoptIPv6Mreq(fd, syscall.IPPROTO_IP, originalDestination)
		if err != nil {
			return netip.AddrPort{}, err
		}
		b := answer.Multiaddr // family, port, address
		addr := netip.AddrFrom4([4]byte(b[4:8]))
		return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(b[2:4])), nil
	}
	answer, err := syscall.GetsockoptIPv6MTUInfo(fd, syscall.IPPROTO_IPV6, originalDestination)
	if err != nil {
		return netip.AddrPort{}, err
	}
	var port [2]byte
	binary.NativeEndian.PutUint16(port[:], answer.Addr.Port)
	return netip.AddrPortFrom(netip.AddrFrom16(answer.Addr.Addr), binary.BigEndian.Uint16(port[:])), nil
}

// beneath is the innermost connection.
func beneath(c net.Conn) net.Conn {
	for {
		outer, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = outer.NetConn()
	}
}

// listenerOf is the address that a connection arrived at.
func listenerOf(c net.Conn) netip.AddrPort {
	tcp, ok := c.LocalAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}
