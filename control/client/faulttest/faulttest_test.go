package faulttest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"go.uber.org/goleak"

	"github.com/groovechaos/groovechaos/control/client/faulttest"
	"github.com/groovechaos/groovechaos/faults/verdict"
	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// failing notes what would have failed a test.
type failing struct {
	testing.TB
	mu    sync.Mutex
	words []string
}

func (f *failing) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words = append(f.words, fmt.Sprintf(format, args...))
}

// stopped is what a test that ends at once panics with here.
type stopped struct{ words string }

func (f *failing) Fatalf(format string, args ...any) { panic(stopped{fmt.Sprintf(format, args...)}) }

// calls makes some calls by a client that repeats what failed, or by one that never does.
func calls(t *testing.T, base string, n int, repeats bool) {
	t.Helper()
	c := retryablehttp.NewClient()
	c.Logger, c.RetryWaitMin, c.RetryWaitMax = nil, 60*time.Millisecond, time.Second
	if !repeats {
		c.RetryMax = 0
	}
	defer c.HTTPClient.CloseIdleConnections()
	for i := range n {
		request, err := retryablehttp.NewRequest(http.MethodGet, fmt.Sprintf("%s/1/content/music/search?q=%d", base, i), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+faulttest.Token)
		request.Header.Set(faulttest.CallHeader, fmt.Sprint("call-", i))
		if response, err := c.Do(request); err == nil {
			_ = response.Body.Close()
		}
	}
}

var busy = &groovechaosv1.Fault{Name: "busy", Attempts: 1, Answer: &groovechaosv1.Answer{Status: 503}}

func TestASoundCallerPasses(t *testing.T) {
	t.Parallel()
	chaos := faulttest.Start(t, faulttest.Options{})
	chaos.Apply(busy)
	calls(t, chaos.URL(), 6, true)
	chaos.WantPass("transient-retried")
	chaos.WantPass("transient-retried")
}

func TestACallerThatGivesUpFails(t *testing.T) {
	t.Parallel()
	told := &failing{TB: t}
	chaos := faulttest.Start(told, faulttest.Options{})
	chaos.Apply(busy)
	calls(t, chaos.URL(), 6, false)
	chaos.WantFail("transient-retried")
	if len(told.words) > 0 {
		t.Errorf("it failed as it should, and the test was told %q", told.words)
	}
	chaos.WantPass("transient-retried")
	if len(told.words) != 1 || !strings.Contains(told.words[0], "verdict is fail, want pass") || !strings.Contains(told.words[0], "transient-retried") {
		t.Errorf("the test was told %q, want the verdict", told.words)
	}
}

// TestTooLittleIsNoPass holds that a test which made no call, or cleared its faults before, does not pass in silence.
func TestTooLittleIsNoPass(t *testing.T) {
	t.Parallel()
	told := &failing{TB: t}
	chaos := faulttest.Start(told, faulttest.Options{Config: "[[faults]]\nname = \"down\"\nanswer.status = 503\n"})
	chaos.Clear("down")
	calls(t, chaos.URL(), 3, true)
	if got := chaos.Judge("transient-retried"); got.Result != verdict.Inconclusive {
		t.Errorf("verdict is %s, want inconclusive", got.Result)
	}
	chaos.WantPass("transient-retried")
	chaos.WantFail("transient-retried")
	if len(told.words) != 2 {
		t.Errorf("the test was told %q, want that it neither passed nor failed", told.words)
	}
}

func TestWhatIsWrongEndsTheTest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   func(*failing)
		want string
	}{
		"a configuration": {func(f *failing) { faulttest.Start(f, faulttest.Options{Config: "x = 1"}) }, "x is not a known key"},
		"a fault":         {func(f *failing) { faulttest.Start(f, faulttest.Options{}).Apply(&groovechaosv1.Fault{Name: "A B"}) }, "faults[0].name"},
		"nothing there":   {func(f *failing) { faulttest.Start(f, faulttest.Options{}).Clear("busy") }, `there is no fault "busy"`},
		"a check":         {func(f *failing) { faulttest.Start(f, faulttest.Options{}).Judge("nonsense") }, "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if end, ok := recover().(stopped); !ok || !strings.Contains(end.words, tt.want) {
					t.Errorf("got %+v, want the test ended for %s", end, tt.want)
				}
			}()
			tt.do(&failing{TB: t})
		})
	}
}

// A configuration that names a cluster joins none: nobody listens there, and the test begins all the same.
func TestATestJoinsNoFleet(t *testing.T) {
	t.Parallel()
	chaos := faulttest.Start(t, faulttest.Options{Config: "[store]\nurl = \"nats://127.0.0.1:1\"\n"})
	if chaos.URL() == "" {
		t.Error("it has no address")
	}
}
