package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// suite is a test suite of a caller of Groove, as a command that is swept: without bugs the caller repeats what passes where
// repeating is safe, with growing waits, and nothing else.
type suite struct {
	client http.Client
	base   string
	bugs   []string
}

// Bugs that a suite can have.
const (
	// bugNoRetry gives up a search at once, bugFinal looks up again what is final, bugWrite sends a write again, bugPatient waits
	// for ever, bugSwallow takes a failed search for nothing found.
	bugNoRetry = "no-retry"
	bugFinal   = "final"
	bugWrite   = "write"
	bugPatient = "patient"
	bugSwallow = "swallow"
)

// suiteMain runs the suite, which says what went wrong first.
func suiteMain(args []string) int {
	flags := flag.NewFlagSet("suite", flag.ExitOnError)
	bugs := flags.String("bugs", "", "")
	timeout := flags.Duration("timeout", 20*time.Second, "")
	_ = flags.Parse(args)
	s := suite{base: os.Getenv("GROOVE_BASE_URL"), bugs: strings.Split(*bugs, ",")}
	if s.client.Timeout = *timeout; s.has(bugPatient) {
		s.client.Timeout = 0
	}
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "not ok:", err)
		return 1
	}
	fmt.Println("ok")
	return 0
}

func (s *suite) has(bug string) bool { return slices.Contains(s.bugs, bug) }

func (s *suite) run() error {
	if err := s.call(http.MethodGet, "/1/content/music/search?q=daft+punk", "", "Artists"); err != nil && !s.has(bugSwallow) {
		return fmt.Errorf("search: %w", err)
	}
	if err := s.call(http.MethodGet, lookupPath+"1", "", "Artists"); err != nil {
		return fmt.Errorf("look-up: %w", err)
	}
	body := `{"TrackIds": ["music.A83EB907-0100-11DB-89CA-0019B92A3933"]}`
	if err := s.call(http.MethodPost, "/1/content/music/collection/add", body, "TrackActionResults"); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	return nil
}

// call wants an answer with a member, in at most 4 attempts.
func (s *suite) call(method, path, body, member string) error {
	for attempt := 1; ; attempt++ {
		status, err := s.send(method, path, body, member)
		if err == nil || attempt == 4 || !s.again(method, path, status) {
			return err
		}
		// So steep that they rise on a busy machine too.
		<-time.After(time.Duration((0.9 + rand.Float64()/5) * float64(50*time.Millisecond<<(2*(attempt-1)))))
	}
}

// again reports whether the caller repeats a request after a status, 0 for none.
func (s *suite) again(method, path string, status int) bool {
	switch {
	case method == http.MethodPost:
		return s.has(bugWrite) && (status == 0 || status >= 500)
	case strings.Contains(path, "/search"):
		return !s.has(bugNoRetry) && !s.has(bugSwallow) && (status == 0 || status == 429 || status >= 500)
	default:
		return status == 0 || status == 429 || status >= 500 || s.has(bugFinal)
	}
}

func (s *suite) send(method, path, body, member string) (status int, err error) {
	request, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer standin-user-subscriber")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, errors.New("no answer") // The error has an address, which differs.
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	var document map[string]any
	if response.StatusCode != http.StatusOK || json.NewDecoder(bytes.NewReader(text)).Decode(&document) != nil || document[member] == nil {
		return response.StatusCode, fmt.Errorf("status %d", response.StatusCode)
	}
	return response.StatusCode, nil
}
