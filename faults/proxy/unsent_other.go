//go:build !linux

package proxy

import "net"

// unsent is not known here, so the time that is given is used up.
func unsent(net.Conn) int { return 1 }
