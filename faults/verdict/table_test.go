package verdict

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// row is a line of the table of clients at the end of the catalogue: which answers it repeats, whether of every method, and its attempts, 0 where it
// goes by the time.
type row struct {
	statuses []int
	every    bool
	attempts int
}

var (
	anyRefusal = []int{400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504}
	usualFour  = []int{429, 500, 502, 503, 504}
	usualFive  = append([]int{408}, usualFour...)
)

var knownClients = map[string]row{
	"go-nethttp":              {nil, false, 1},
	"go-retryablehttp":        {usualFour, true, 5},
	"go-cenkalti5":            {usualFour, true, 0},
	"go-resty3-cond":          {usualFour, false, 5},
	"go-failsafehttp-backoff": {usualFour, true, 5},
	"go-azcore":               {usualFive, true, 4},
	"cli-curl-retry5":         {usualFive, true, 6},
	"cli-curl-retryall3":      {anyRefusal, true, 4},
	"cli-wget-roh":            {usualFour, true, 4}, // recorded with 500 and 502 on its list
	"py-requests-retry":       {usualFour, false, 5},
	"js-got":                  {usualFive, false, 3},
	"js-ky":                   {usualFive, false, 3},
	"js-undici-retryagent":    {usualFour, false, 6},
	"js-superagent-retry3":    {usualFive, true, 4},
	"js-wretch-retry":         {anyRefusal, true, 11},
}

// tries are the attempts that the client makes in a scenario: method, status, and what was asked or how often it failed. It reports false where the table does not
// say: a call may be given up, or end unseen, when it is told to wait for an hour.
func (k row) tries(scenario string) (int, bool) {
	status, _ := strconv.Atoi(scenario[1:4])
	rest := scenario[4:]
	if rest == "ra3600" {
		return 0, false
	}
	if !slices.Contains(k.statuses, status) || scenario[0] == 'p' && !k.every {
		return 1, true
	}
	if failures, err := strconv.Atoi(strings.TrimPrefix(rest, "f")); err == nil && (k.attempts == 0 || failures < k.attempts) {
		return failures + 1, failures < 14
	}
	return k.attempts, k.attempts > 0
}

// scenarios maps the targets of the recordings to their scenarios.
func scenarios(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open("../observe/testdata/known-clients.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	of, seen := map[string]string{}, map[string]bool{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if truth := fmt.Sprint(r.Run, r.Client, r.Scenario, r.Call); !seen[truth] {
			seen[truth] = true
			of[fmt.Sprintf("/t/%d", len(seen))] = r.Scenario
		}
	}
	return of
}

// Each client made as many attempts in each scenario as the table says, by the attempts alone. With -v the whole table is printed.
func TestRecordedScenariosAreAsTheTableSays(t *testing.T) {
	t.Parallel()
	scenario := scenarios(t)
	got := map[string]map[int]int{}
	for _, c := range observe.Group(loadRecordings(t), true) {
		key := c.Client + " " + scenario[c.Target]
		if got[key] == nil {
			got[key] = map[int]int{}
		}
		got[key][len(c.Attempts)]++
	}
	judged := 0
	for _, key := range slices.Sorted(maps.Keys(got)) {
		client, scenario, _ := strings.Cut(key, " ")
		line, ok := knownClients[client]
		if !ok {
			continue // js-got-limit5 is not in the table
		}
		want, said := line.tries(scenario)
		t.Logf("%-24s %-10s want %2d, got %v (attempts:calls)", client, scenario, want, got[key])
		if !said {
			continue
		}
		judged++
		if calls := got[key][want]; len(got[key]) != 1 || calls == 0 {
			t.Errorf("%s: %v attempts:calls, want %d attempts each", key, got[key], want)
		}
	}
	if judged < 150 {
		t.Errorf("held %d scenarios against the table, want 150 or more", judged)
	}
}
