package main

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// wrkPatience is how much longer than asked wrk may take.
const wrkPatience = 30 * time.Second

// result is what a load has seen.
type result struct {
	requests int64
	// failures are answers with another status than expected, and exchanges
	// that broke.
	failures int64
	elapsed  time.Duration
	p50, p99 time.Duration
}

// wrkDone makes wrk print its figures in one line that parseWrk reads.
const wrkDone = `
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("peerbench requests=%d us=%d status=%d broken=%d p50=%d p99=%d\n",
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`

// wrkScript is the Lua script that makes wrk send the requests in turn. A
// single request is made once, so that no script runs for each of them.
func wrkScript(requests []request) string {
	var b strings.Builder
	if len(requests) == 1 {
		r := requests[0]
		fmt.Fprintf(&b, "wrk.method = %s\nwrk.path = %s\n", lua(r.method), lua(r.target))
		for _, field := range r.fields {
			fmt.Fprintf(&b, "wrk.headers[%s] = %s\n", lua(field[0]), lua(field[1]))
		}
		if r.body != "" {
			fmt.Fprintf(&b, "wrk.body = string.rep(%s, %d)\n", lua(r.body[:1]), len(r.body))
		}
		return b.String() + wrkDone
	}
	b.WriteString("local all = {\n")
	for _, r := range requests {
		fmt.Fprintf(&b, "  %s,\n", lua(string(r.bytes())))
	}
	b.WriteString("}\nlocal i = 0\nrequest = function()\n  i = i % #all + 1\n  return all[i]\nend\n")
	return b.String() + wrkDone
}

// lua quotes a string for Lua.
func lua(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`, "\n", `\n`).Replace(text) + `"`
}

// wrk puts one load on a peer.
func (b *bencher) wrk(ctx context.Context, r *running, c *scenario) (result, error) {
	script, err := b.write(c.name+".lua", wrkScript(c.requests))
	if err != nil {
		return result{}, err
	}
	threads := min(max(1, runtime.NumCPU()/2), c.connections)
	limit := time.Duration(b.seconds)*time.Second + wrkPatience
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	text, err := output(ctx, b.programs["wrk"], "-t", strconv.Itoa(threads), "-c", strconv.Itoa(c.connections),
		"-d", strconv.Itoa(b.seconds)+"s", "--timeout", "20s", "-s", script, "http://"+r.address)
	if err != nil {
		return result{}, err
	}
	return parseWrk(text+"\n", b.expected(r, c))
}

// parseWrk reads the line that wrkDone prints.
func parseWrk(text string, status int) (result, error) {
	var requests, us, refused, broken, p50, p99 int64
	_, line, found := strings.Cut(text, "peerbench ")
	if !found {
		return result{}, fmt.Errorf("read what wrk says: want a line of figures: %s", text)
	}
	if _, err := fmt.Sscanf(line, "requests=%d us=%d status=%d broken=%d p50=%d p99=%d\n",
		&requests, &us, &refused, &broken, &p50, &p99); err != nil {
		return result{}, fmt.Errorf("read what wrk says: %w: %s", err, line)
	}
	// wrk counts what is 400 or more as refused.
	if status >= 400 {
		refused = requests - refused
	}
	return result{
		requests: requests, failures: refused + broken, elapsed: time.Duration(us) * time.Microsecond,
		p50: time.Duration(p50) * time.Microsecond, p99: time.Duration(p99) * time.Microsecond,
	}, nil
}
