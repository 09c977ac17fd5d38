//go:build e2e

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/standin"
)

const down = `
[[faults]]
name = "down"
match.endpoints = ["genres"]
answer.status = 503
`

// A fault is switched by three tools, and each change holds for the next call.
func TestSwitches(t *testing.T) {
	t.Parallel()
	const service = "groovechaos.v1.FaultService/"
	switches := map[string]func(t *testing.T, s *served, verb string){
		"curl": func(t *testing.T, s *served, verb string) {
			t.Helper()
			out, log, status := execute(t, nil, "curl", "-sSf", "-X", "POST", "-H", "Content-Type: application/json", "-d", "{}",
				"http://"+s.REST+"/v1/faults/down:"+verb)
			if status != 0 {
				t.Errorf("curl: exit status is %d: %s%s", status, out, log)
			}
		},
		"grpcurl": func(t *testing.T, s *served, verb string) {
			t.Helper()
			method := strings.ToUpper(verb[:1]) + verb[1:] + "Fault"
			out, log, status := execute(t, nil, "grpcurl", "-plaintext", "-d", `{"name": "down"}`, s.GRPC, service+method)
			if status != 0 {
				t.Errorf("grpcurl: exit status is %d: %s%s", status, out, log)
			}
		},
		"groovechaos": func(t *testing.T, s *served, verb string) {
			t.Helper()
			if _, status := s.command(t, "fault", verb, "down"); status != 0 {
				t.Errorf("groovechaos: exit status is %d", status)
			}
		},
	}
	for tool, flip := range switches {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			if tool != "groovechaos" {
				need(t, tool)
			}
			s := serve(t, "", "", down)
			c := s.caller(t, 1)
			for range 3 {
				if status := c.get(t, genres); status != http.StatusServiceUnavailable {
					t.Errorf("switched on: status is %d, want 503", status)
				}
				flip(t, s, "disable")
				if status := c.get(t, genres); status != http.StatusOK {
					t.Errorf("switched off: status is %d, want 200", status)
				}
				flip(t, s, "enable")
			}
		})
	}
}

// What we cannot do is told apart from what a fault does.
func TestUpstreamThatIsDown(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	s := serve(t, "", "upstream = \"http://127.0.0.1:1\"\n", "")
	out, _, status := execute(t, nil, "curl", "-sS", "-i", "-H", "Authorization: Bearer "+standin.ApplicationToken, "http://"+s.Proxy+genres)
	if status != 0 || !strings.HasPrefix(out, "HTTP/1.1 502 ") || !strings.Contains(out, "\r\nGroovechaos-Failure: ") {
		t.Errorf("curl: exit status %d, got\n%s\nwant a 502 that says whose failure it is", status, out)
	}
	seen := s.attempts(t)["GET "+genres]
	if len(seen) != 1 || seen[0].Status != http.StatusBadGateway || seen[0].Origin != "ours" {
		t.Errorf("attempts are %+v, want one of status 502 and of our own making", seen)
	}
}
