package cli

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// lookupPath is a look-up of a track that the stand-in has.
const lookupPath = "/1/content/music.2F531400-0200-11DB-89CA-0019B92A3933/lookup?call="

// caller is a program that calls Groove, as a command that is judged.
type caller struct {
	base string
	path string
	// prefix begins the ids of the calls.
	prefix   string
	attempts int
	wait     time.Duration
}

// callerMain makes calls at once, each with a target of its own that ends in
// its number. A call that fails is repeated after a wait that doubles.
func callerMain(args []string) int {
	c := caller{base: os.Getenv("GROOVE_BASE_URL")}
	flags := flag.NewFlagSet("caller", flag.ExitOnError)
	calls := flags.Int("calls", 6, "")
	exit := flags.Int("exit", 0, "")
	flags.IntVar(&c.attempts, "attempts", 4, "")
	flags.DurationVar(&c.wait, "wait", 50*time.Millisecond, "")
	flags.StringVar(&c.prefix, "prefix", "", "")
	flags.StringVar(&c.path, "path", "/1/content/music/search?q=", "")
	_ = flags.Parse(args)
	var wg sync.WaitGroup
	for i := range *calls {
		wg.Go(func() { c.call(strconv.Itoa(i)) })
	}
	wg.Wait()
	fmt.Printf("%d calls made\n", *calls)
	return *exit
}

func (c caller) call(number string) {
	for attempt := range c.attempts {
		status, err := c.get(number)
		if err != nil {
			fmt.Fprintln(os.Stderr, "caller:", err)
		}
		if err == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
			return
		}
		if attempt < c.attempts-1 {
			<-time.After(c.wait << attempt)
		}
	}
}

func (c caller) get(number string) (status int, err error) {
	request, err := http.NewRequest(http.MethodGet, c.base+c.path+number, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer standin-application")
	request.Header.Set("X-Groovechaos-Call", c.prefix+number)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
