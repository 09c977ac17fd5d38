// Foreign is a proxy on fasthttp for peerbench to measure: it relays from the
// first address to the second.
//
// Its module also names Toxiproxy's server as a tool, so that peerbench can
// build that in a version that is written down. Nothing else uses this module:
// what it needs is kept out of the one that people install.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// maxBody bounds what is relayed, in bytes.
	maxBody        = 16 << 20
	maxConnections = 16 << 10
	bufferSize     = 16 << 10
	idleTime       = 10 * time.Minute
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "foreign: want an address to listen on and one of the origin")
		os.Exit(2)
	}
	if err := newServer(os.Args[2]).ListenAndServe(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "foreign:", err)
		os.Exit(1)
	}
}

// newServer relays what it gets to the origin. Bodies are streamed, names of
// fields are left alone, and nothing is added.
func newServer(origin string) *fasthttp.Server {
	client := &fasthttp.HostClient{
		Addr: origin, MaxConns: maxConnections, MaxIdleConnDuration: idleTime, ReadBufferSize: bufferSize,
		NoDefaultUserAgentHeader: true, DisableHeaderNamesNormalizing: true, DisablePathNormalizing: true,
		StreamResponseBody: true, MaxResponseBodySize: maxBody,
	}
	return &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) {
			if err := client.Do(&ctx.Request, &ctx.Response); err != nil {
				ctx.Error(err.Error(), fasthttp.StatusBadGateway)
			}
		},
		Concurrency: maxConnections, ReadBufferSize: bufferSize, IdleTimeout: idleTime,
		StreamRequestBody: true, MaxRequestBodySize: maxBody,
		NoDefaultServerHeader: true, NoDefaultDate: true, NoDefaultContentType: true,
		DisableHeaderNamesNormalizing: true,
	}
}
