//go:build !soak

package proxy_test

// largeBody is the length of the bodies that must take no memory.
const largeBody = 128 << 20
