// Zoo makes calls by one of the HTTP clients of Go, or by a command line client:
//
//	go CLIENT BASE_URL IDENTITY TOKEN [WORD...]
//
// Every line on standard input is a call, as JSON, and is made at once, beside those that are under way. Every line
// on standard output says how one ended. It exits when the input has ended and every call has, or when it is interrupted,
// which ends its calls.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
)

// call is a line of the input.
type call struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	// Path is the path with its query.
	Path string `json:"path"`
	Body string `json:"body"`
}

// outcome is a line of the output: the last status that the client tells, 0 for none.
type outcome struct {
	ID     string `json:"id"`
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
}

// site is where calls go and what each of them carries.
type site struct {
	base, identity, token string
	// words are those behind the others on the command line.
	words []string
}

// sender makes a call and everything that the client does about it, and returns the last status.
type sender func(ctx context.Context, c call) (int, error)

// senders are the clients by name.
var senders = map[string]func(*site) sender{
	"azcore":          azcore,
	"body-loser":      bodyLoser,
	"cenkalti":        cenkalti,
	"command":         command,
	"decorrelated":    decorrelated,
	"failsafe":        failsafe,
	"net/http":        plain,
	"resty":           resty,
	"retry-budget":    retryBudget,
	"retryablehttp":   retryable,
	"token-keeper":    tokenKeeper,
	"token-refresher": tokenRefresher,
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 5 || senders[os.Args[1]] == nil {
		log.Fatal("zoo wants CLIENT BASE_URL IDENTITY TOKEN, and a CLIENT that is here")
	}
	s := &site{base: os.Args[2], identity: os.Args[3], token: os.Args[4], words: os.Args[5:]}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, os.Stdin, os.Stdout, senders[os.Args[1]](s)); err != nil {
		log.Fatal(err)
	}
}

// serve makes the calls that it reads.
func serve(ctx context.Context, in io.Reader, out io.Writer, send sender) error {
	var calls, lines sync.WaitGroup
	outcomes := make(chan outcome)
	encoder := json.NewEncoder(out)
	lines.Go(func() {
		for o := range outcomes {
			if err := encoder.Encode(o); err != nil {
				log.Fatal(err)
			}
		}
	})
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		var c call
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			return fmt.Errorf("read call %q: %w", scanner.Text(), err)
		}
		calls.Go(func() { outcomes <- made(ctx, send, c) })
	}
	calls.Wait()
	close(outcomes)
	lines.Wait()
	return scanner.Err()
}

func made(ctx context.Context, send sender, c call) outcome {
	status, err := send(ctx, c)
	o := outcome{ID: c.ID, Status: status}
	if err != nil {
		o.Error = err.Error()
	}
	return o
}

// fields are the header fields of every attempt of a call.
func (s *site) fields(c call) http.Header {
	h := http.Header{
		"Authorization": {"Bearer " + s.token},
		"X-Zoo-Client":  {s.identity},
		"X-Zoo-Call":    {c.ID},
	}
	if c.Body != "" {
		h.Set("Content-Type", "application/json")
	}
	return h
}

// request makes the request of a call anew. Its body can be rewound.
func (s *site) request(ctx context.Context, c call) (*http.Request, error) {
	var body io.Reader
	if c.Body != "" {
		body = strings.NewReader(c.Body)
	}
	r, err := http.NewRequestWithContext(ctx, c.Method, s.base+c.Path, body)
	if err != nil {
		return nil, err
	}
	r.Header = s.fields(c)
	return r, nil
}

// finish reads an answer to its end, so that its connection can be used again, and returns the status.
func finish(response *http.Response, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
