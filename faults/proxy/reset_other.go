//go:build !unix

package proxy

import "net"

// watchReset sees nothing here: who has left is seen when something is sent.
func watchReset(*net.TCPConn, func()) (stop func()) { return func() {} }

// awaitReset sees nothing here.
func awaitReset(*net.TCPConn) bool { return false }
