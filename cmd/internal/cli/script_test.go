package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// freePorts is a configuration that any number of tests can use at a time.
const freePorts = `
[proxy]
listen = "127.0.0.1:0"
[standin]
listen = "127.0.0.1:0"
[control]
grpc = "127.0.0.1:0"
rest = "127.0.0.1:0"
`

// TestScripts runs the specification of the command line. Beside the commands
// of package testscript there are:
//
//	status N PROGRAM ARG...   run a program, which must exit with N
//	serve [FLAG...] [FILE]    start groovechaos serve, on free ports unless FILE
//	                          or --config says otherwise; $PROXY, $STANDIN, $REST (URLs) and
//	                          $GRPC say where it is
//	standin [FLAG...]         start groovechaos standin on a free port; $STANDIN is
//	                          its URL, $STANDIN_ADDRESS its address
//	halt                      interrupt it; its log is in serve.log
//	securely FILE URL         get a URL from $STANDIN_ADDRESS by HTTPS, trusting the
//	                          certificates of FILE; "!" wants it to fail
//	send METHOD URL [BODY]    send a request, print status, fields and body
//	fill FILE                 put the values of variables into a file
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Values[servedKey{}] = new(*served)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			// Where an authority is made.
			for _, name := range homes {
				e.Setenv(name, filepath.Join(e.WorkDir, "home"))
			}
			e.Setenv("FREE", filepath.Join(e.WorkDir, "free.toml"))
			return os.WriteFile(e.Getenv("FREE"), []byte(freePorts), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   scriptStatus,
			"serve":    scriptServe,
			"standin":  scriptStandin,
			"securely": scriptSecurely,
			"halt":     scriptHalt,
			"send":     scriptSend,
			"fill":     scriptFill,
			"until":    scriptUntil,
			"revoke":   scriptRevoke,
		},
	})
}

func scriptStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status is %d, want %d", got, want)
	}
}

// scriptUntil runs a program that goes on until it is interrupted, and interrupts it once what it prints matches. Then it
// has to end with 0.
func scriptUntil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || args[1] != "groovechaos" {
		ts.Fatalf("usage: until PATTERN groovechaos ARG...")
	}
	variables := []string{controlVariable + "=" + ts.Getenv(controlVariable), tokenVariable + "=" + ts.Getenv(tokenVariable)}
	s, err := startIn(ts.MkAbs("."), append(variables, "GROOVECHAOS_TEST_DEADLINE=1m"), regexp.MustCompile("(?m)"+args[0]), args[2:]...)
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), s.head)
	ts.Check(s.stop())
	fmt.Fprint(ts.Stderr(), s.log.String())
}

// scriptRevoke revokes the token of a name by its ID, which differs from run to run.
func scriptRevoke(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: revoke NAME TOKEN-FILE")
	}
	list, err := exec.Command("groovechaos", "token", "list", "--control", ts.Getenv(controlVariable), "--token-file", ts.MkAbs(args[1])).Output()
	ts.Check(err)
	found := regexp.MustCompile(`(?m)^(\S+) +` + args[0] + " ").FindSubmatch(list)
	if found == nil {
		ts.Fatalf("no token of %s in\n%s", args[0], list)
	}
	ts.Check(ts.Exec("groovechaos", "token", "revoke", string(found[1]), "--token-file", args[1]))
	ts.Logf("%s", ts.ReadFile("stdout"))
}

// servedKey is where a script keeps its groovechaos.
type servedKey struct{}

func slotOf(ts *testscript.TestScript) **served { return ts.Value(servedKey{}).(**served) }

func scriptServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve [FLAG...] [FILE]")
	}
	switch {
	case len(args) == 0:
		args = []string{"--config", ts.Getenv("FREE")}
	case len(args) == 1:
		args = []string{"--config", args[0]}
	}
	s, err := startServed(ts.Getenv("WORK"), jsonEnd, slices.Concat([]string{"--json"}, args)...)
	ts.Check(err)
	*slotOf(ts) = s
	ts.Defer(func() { _ = s.stop() })
	a, err := s.addresses()
	ts.Check(err)
	ts.Setenv("PROXY", "http://"+a.Proxy)
	ts.Setenv("STANDIN", "http://"+a.Standin)
	ts.Setenv("REST", "http://"+a.REST)
	ts.Setenv("GRPC", a.GRPC)
	ts.Setenv(controlVariable, a.GRPC)
}

func scriptHalt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: halt")
	}
	s := *slotOf(ts)
	ts.Check(s.stop())
	ts.Check(os.WriteFile(ts.MkAbs("serve.log"), []byte(s.log.String()), 0o600))
}

func scriptSend(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: send METHOD URL [BODY]")
	}
	body := strings.Join(args[2:], "")
	request, err := http.NewRequest(args[0], args[1], strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer standin-application")
	request.Header.Set("User-Agent", "script")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	ts.Check(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	ts.Check(err)
	w := ts.Stdout()
	fmt.Fprintln(w, response.StatusCode)
	ts.Check(response.Header.Write(w))
	fmt.Fprintf(w, "\n%s\n", text)
}

func scriptFill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fill FILE")
	}
	file := ts.MkAbs(args[0])
	filled := os.Expand(ts.ReadFile(file), func(name string) string {
		return strings.TrimPrefix(ts.Getenv(name), "http://")
	})
	ts.Check(os.WriteFile(file, []byte(filled), 0o600))
}
