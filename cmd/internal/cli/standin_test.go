package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptStandin starts groovechaos standin on a free port; $STANDIN is its URL,
// and stop ends it.
func scriptStandin(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: standin [FLAG...]")
	}
	var variables []string
	for _, name := range homes {
		variables = append(variables, name+"="+ts.Getenv(name))
	}
	s, err := startIn(ts.Getenv("WORK"), variables, jsonEnd, append([]string{"standin", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	ts.Check(err)
	*slotOf(ts) = s
	ts.Defer(func() { _ = s.stop() })
	var at servedStandin
	ts.Check(json.Unmarshal([]byte(s.head), &at))
	ts.Setenv("STANDIN", at.URL)
	ts.Setenv("STANDIN_ADDRESS", at.Standin)
}

// scriptSecurely gets a URL by HTTPS from $STANDIN_ADDRESS, whatever its host
// is, and trusts the certificates of a file alone.
func scriptSecurely(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: securely FILE URL")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(ts.ReadFile(args[0])))
	transport := &http.Transport{
		DisableKeepAlives: true,
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, ts.Getenv("STANDIN_ADDRESS"))
		},
	}
	response, err := (&http.Client{Transport: transport}).Get(args[1])
	if neg {
		if err == nil {
			ts.Fatalf("got %s, want no answer", response.Status)
		}
		fmt.Fprintln(ts.Stderr(), err)
		return
	}
	ts.Check(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s %s\n%s\n", response.Proto, strings.ToLower(response.Status), text)
}
