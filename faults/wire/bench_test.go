package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// typicalRequest is what an HTTP library sends with a token: 10 fields.
const typicalRequest = "GET /v1/catalog/tracks/music.8D6KGWZL0V1S?language=en&accessToken=Bearer+abcdefghijklmnopqrstuvwxyz HTTP/1.1\r\n" +
	"Host: music.example.com\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n" +
	"Accept: application/json, text/plain, */*\r\n" +
	"Accept-Encoding: gzip, deflate, br\r\n" +
	"Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n" +
	"Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N\r\n" +
	"X-Request-Id: 4bf92f3577b34da6a3ce929d0e0e4736\r\n" +
	"Cache-Control: no-cache\r\n" +
	"Referer: https://www.example.com/listen/now\r\n" +
	"Connection: keep-alive\r\n\r\n"

const typicalResponse = "HTTP/1.1 200 OK\r\n" +
	"Content-Type: application/json; charset=utf-8\r\n" +
	"Content-Length: 1042\r\n" +
	"Date: Tue, 03 Jun 2025 10:11:12 GMT\r\n" +
	"Cache-Control: private, max-age=0\r\n" +
	"ETag: \"5d8c72a5edda8d6a:0\"\r\n" +
	"Server: Microsoft-IIS/10.0\r\n" +
	"X-Request-Id: 4bf92f3577b34da6a3ce929d0e0e4736\r\n" +
	"Strict-Transport-Security: max-age=31536000\r\n" +
	"Vary: Accept-Encoding\r\n" +
	"Connection: keep-alive\r\n\r\n"

func BenchmarkRequestHead(b *testing.B) {
	buf := []byte(typicalRequest)
	var head wire.Request
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		head.Reset()
		if n, err := head.Parse(buf, wire.Limits{}); n == 0 || err != nil {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkResponseHead(b *testing.B) {
	buf := []byte(typicalResponse)
	var head wire.Response
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		head.Reset()
		if n, err := head.Parse(buf, wire.Limits{}); n == 0 || err != nil {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkAppendHead(b *testing.B) {
	buf := []byte(typicalRequest)
	var head wire.Request
	if _, err := head.Parse(buf, wire.Limits{}); err != nil {
		b.Fatal(err)
	}
	host, out := []byte("upstream.example:8443"), make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if out, err = head.AppendHead(out[:0], wire.Edit{Name: "Host", Value: host}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	buf := []byte(typicalRequest)
	var head wire.Request
	if _, err := head.Parse(buf, wire.Limits{}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := head.Lookup("x-request-id"); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkChunks(b *testing.B) {
	for _, size := range []int{16, 16 << 10} {
		chunk := strings.Repeat("x", size)
		body := []byte(strings.Repeat(chunkOf(chunk), 64<<10/size) + "0\r\n\r\n")
		b.Run(fmt.Sprintf("of %d bytes", size), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var scanner wire.Body
				scanner.Start(wire.Framing{Kind: wire.Chunked}, wire.Limits{})
				for p := body; !scanner.Done(); {
					n, _, err := scanner.Next(p)
					if err != nil {
						b.Fatal(err)
					}
					p = p[n:]
				}
			}
		})
	}
}
