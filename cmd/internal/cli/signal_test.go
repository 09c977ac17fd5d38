//go:build unix

package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A call in flight holds up the end that the first signal asks for; the second
// does not wait.
func TestSecondSignalEndsServeAtOnce(t *testing.T) {
	t.Parallel()
	arrived, over := make(chan struct{}), make(chan struct{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-over
	}))
	defer elsewhere.Close()
	defer close(over)
	dir := t.TempDir()
	config := fmt.Sprintf("[proxy]\nlisten = \"127.0.0.1:0\"\nupstream = %q\ndrain = \"1h\"\n[control]\ngrpc = \"127.0.0.1:0\"\nrest = \"127.0.0.1:0\"\n", elsewhere.URL)
	writeFile(t, filepath.Join(dir, "slow.toml"), config)
	s, err := startServed(dir, jsonEnd, "--json", "--config", "slow.toml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	a, err := s.addresses()
	if err != nil {
		t.Fatal(err)
	}
	go callOnce(t, a.Proxy)
	<-arrived
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case rest := <-s.rest:
			if rest != "groovechaos serve: signal: interrupt" {
				t.Errorf("it ended with %q, want it ended by the signal", rest)
			}
			return
		case <-ticker.C:
			_ = s.command.Process.Signal(os.Interrupt)
		}
	}
}

func callOnce(t *testing.T, address string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/1/content/music/catalog/genres", nil)
	if err != nil {
		t.Error(err)
		return
	}
	if response, err := transport.RoundTrip(request); err == nil {
		_ = response.Body.Close()
	}
}
