//go:build e2e

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/standin"
)

// Callers reach two hosts through the forward listener with nothing but their
// environment changed, as install-help says.
func TestForwardIntercepts(t *testing.T) {
	t.Parallel()
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := append(p.command(t), tokenURL, searchURL)
			for version, flags := range p.speaks {
				t.Run("HTTP "+version, func(t *testing.T) {
					t.Parallel()
					i := intercept(t, "", searchDown)
					out, log, status := i.advised(t, p.help, slices.Concat(command, flags))
					if status != 0 {
						t.Fatalf("exit status is %d, want 0\n%s%s", status, out, log)
					}
					wantReplies(t, out, version)
					wantJournal(t, i.journal(t), faulted)
				})
			}
		})
	}
}

// What may not be reached is refused in clear text, whichever way it is asked for.
func TestForwardRefuses(t *testing.T) {
	t.Parallel()
	const (
		unlisted = "the host is not on the list of this proxy"
		local    = "the host is not at a public address"
		own      = "the destination is this proxy"
		tunnels  = "others = \"tunnel\"\n"
	)
	tests := map[string]struct{ keys, target, reason string }{
		"a host that is not listed":             {"", "music.example.net:443", unlisted},
		"loopback":                              {"", "127.0.0.1:443", unlisted},
		"a listed host, on a port that is not":  {"hosts = [\"api.media.microsoft.com:443\"]\n", "api.media.microsoft.com:8443", unlisted},
		"a port that nothing is tunnelled to":   {tunnels, "music.example.net:25", "the port is not one that this proxy relays to"},
		"loopback, though others are tunnelled": {tunnels, "127.0.0.1:443", local},
		"loopback by IPv6":                      {tunnels, "[::1]:443", local},
		"loopback in IPv6":                      {tunnels, "[::ffff:127.0.0.1]:443", local},
		"loopback by name":                      {tunnels, "localhost:443", local},
		"this machine":                          {tunnels, "0.0.0.0:80", local},
		"an address in disguise":                {tunnels, "0x7f.1:443", "the host is not a plain name or address with a port"},
		"itself, though loopback is allowed":    {"allow = [\"127.0.0.0/8\"]\n", "PROXY", own},
		"its control API, though allowed":       {"allow = [\"127.0.0.0/8\"]\n", "GRPC", own},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := intercept(t, test.keys, "")
			target := strings.NewReplacer("PROXY", i.Proxy, "GRPC", i.GRPC).Replace(test.target)
			for _, request := range []string{"CONNECT " + target, "GET http://" + target + "/"} {
				status, text := i.ask(t, request+" HTTP/1.1\r\nHost: "+target+"\r\n\r\n")
				if want := "groovechaos: the destination was refused: " + test.reason + "\n"; status != http.StatusForbidden || text != want {
					t.Errorf("%s: answered %d %q, want 403 %q", request, status, text, want)
				}
			}
		})
	}
}

// ask sends a request as it is and returns the answer to it.
func (i *intercepting) ask(t *testing.T, request string) (status int, body string) {
	t.Helper()
	c, err := net.DialTimeout("tcp", i.Proxy, longest)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(longest)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%q: %v", request, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// Where others are tunnelled a server is met as it is: by its own certificate,
// and unseen.
func TestForwardTunnels(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "own words") }))
	defer server.Close()
	i := intercept(t, fmt.Sprintf("others = \"tunnel\"\nallow = [%q]\n", server.Listener.Addr()), "[[faults]]\nname = \"all\"\nanswer.status = 503\n")
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: i.Proxy})
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || string(text) != "own words" {
		t.Errorf("the server says %q, %v, want its own words", text, err)
	}
	if !response.TLS.PeerCertificates[0].Equal(server.Certificate()) {
		t.Errorf("the certificate is %s's, want the server's own", response.TLS.PeerCertificates[0].Subject)
	}
	wantJournal(t, i.journal(t), nil)
}

// The hosts of the list are taken in without TLS too.
func TestForwardTakesPlainRequests(t *testing.T) {
	t.Parallel()
	i := intercept(t, "", searchDown)
	target := strings.Replace(searchURL, "https://", "http://", 1)
	request := "GET " + target + " HTTP/1.1\r\nHost: api.media.microsoft.com\r\nAuthorization: Bearer " + standin.ApplicationToken + "\r\n\r\n"
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		if status, text := i.ask(t, request); status != want {
			t.Errorf("answered %d %.200q, want %d", status, text, want)
		}
	}
	wantJournal(t, i.journal(t), faulted[1:])
}
