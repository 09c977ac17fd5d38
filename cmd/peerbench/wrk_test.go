package main

import (
	"strings"
	"testing"
	"time"
)

const wrkSaid = `Running 1s test @ http://127.0.0.1:1
  1 threads and 32 connections
Requests/sec:  12345.67
peerbench requests=12345 us=1000123 status=%s broken=%s p50=812 p99=4001
`

func said(status, broken string) string {
	return strings.Replace(strings.Replace(wrkSaid, "%s", status, 1), "%s", broken, 1)
}

func TestParseWrk(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text     string
		status   int
		failures int64
	}{
		"all well":                             {said("0", "0"), 200, 0},
		"some refused":                         {said("7", "0"), 200, 7},
		"some broken":                          {said("0", "3"), 200, 3},
		"all refused, as is wanted":            {said("12345", "0"), 503, 0},
		"some not refused, though it is meant": {said("12340", "0"), 503, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseWrk(test.text, test.status)
			want := result{
				requests: 12345, failures: test.failures, elapsed: 1000123 * time.Microsecond,
				p50: 812 * time.Microsecond, p99: 4001 * time.Microsecond,
			}
			if err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestParseWrkRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "unable to connect to 127.0.0.1:1", "peerbench requests=many\n", "peerbench requests=1 us=2\n"} {
		if got, err := parseWrk(text, 200); err == nil {
			t.Errorf("got %+v from %q, want an error", got, text)
		}
	}
}

func TestScriptOfOneRequestIsStatic(t *testing.T) {
	t.Parallel()
	script := wrkScript(plain("POST", `/a"b`, "xxxx"))
	for _, want := range []string{`wrk.method = "POST"`, `wrk.path = "/a\"b"`, `wrk.headers["Accept"] = "application/json"`, `wrk.body = string.rep("x", 4)`, "done = function"} {
		if !strings.Contains(script, want) {
			t.Errorf("got a script without %q:\n%s", want, script)
		}
	}
	if strings.Contains(script, "request = function") {
		t.Errorf("got a script that runs for each request, want none:\n%s", script)
	}
}

func TestScriptOfManyRequestsHasThemAll(t *testing.T) {
	t.Parallel()
	requests := varied()
	script := wrkScript(requests)
	if got := strings.Count(script, " HTTP/1.1\\r\\n"); got != variedCount {
		t.Errorf("got %d requests in the script, want %d", got, variedCount)
	}
	if !strings.Contains(script, "request = function") {
		t.Error("got a script without a function request, want one")
	}
}
