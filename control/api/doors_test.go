package api_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// The same faults, once for each door.
const throughTOML = `
[[faults]]
name = "quota"
share = "10%"
answer = { status = 429, retry_after = { seconds = 2 } }

[[faults]]
name = "outage"
share = 0.05
match = { endpoints = ["search", "lookup"], methods = ["GET"] }
answer = { status = 503, headers = { X-Kind = "outage" } }

[[faults]]
name = "denied"
first = 7
match = { clients = ["web*"], query = { market = "de" } }
answer = { error_code = "ACCESS_TOKEN_EXPIRED", message = "again" }

[[faults]]
name = "slow"
share = 0.5
limit = 600
match = { hosts = ["*.xboxlive.com"] }
delay = { log_normal = { p50 = "120ms", p99 = "1.5s" }, max = "4s" }

[[faults]]
name = "stumble"
attempts = 2
match = { path = "/1/content/{id}/lookup" }
answer = { status = 500 }

[[faults]]
name = "stutter"
every = 9
delay = { pareto = { min = "1ms", shape = 1.2 } }

[[faults]]
name = "off"
disabled = true
answer = { status = 403 }

[[faults]]
name = "bucket"
match = { hosts = ["localhost"] }
quota = { requests = 3, per = "1m", burst = 5, all = true }
answer = { at = "after", error_code = "TOO_MANY_REQUESTS" }

[[faults]]
name = "lost"
share = 0.1
break = { how = "reset", at = "after" }

[[faults]]
name = "late"
share = "10%"
delay = { at = "after", fixed = "2s" }

[[faults]]
name = "partly"
share = 0.5
max_active = 3
soft_error = { items = "40%", item_code = "COLLECTION_INVALID_ID", message = "some" }

[[faults]]
name = "drip"
share = 0.5
throttle = { bytes_per_second = 100, chunk = 10 }

[[faults]]
name = "short"
every = 4
truncate = { share = "25%" }

[[faults]]
name = "shorter"
first = 9
truncate = { bytes = 0 }

[[faults]]
name = "noise"
attempts = 1
corrupt = { how = "bits", share = "2%" }
`

var throughAPI = []string{
	`{"name": "quota", "share": 0.1, "answer": {"status": 429, "retryAfter": {"seconds": "2"}}}`,
	`{"name": "outage", "share": 0.05, "match": {"endpoints": ["search", "lookup"], "methods": ["GET"]}, "answer": {"status": 503, "headers": {"X-Kind": "outage"}}}`,
	`{"name": "denied", "first": 7, "match": {"clients": ["web*"], "query": {"market": "de"}}, "answer": {"errorCode": "ACCESS_TOKEN_EXPIRED", "message": "again"}}`,
	`{"name": "slow", "share": 0.5, "limit": 600, "match": {"hosts": ["*.xboxlive.com"]}, "delay": {"logNormal": {"p50": "0.12s", "p99": "1.5s"}, "max": "4s"}}`,
	`{"name": "stumble", "attempts": 2, "match": {"path": "/1/content/{id}/lookup"}, "answer": {"status": 500}}`,
	`{"name": "stutter", "every": 9, "delay": {"pareto": {"min": "0.001s", "shape": 1.2}}}`,
	`{"name": "off", "disabled": true, "answer": {"status": 403}}`,
	`{"name": "bucket", "match": {"hosts": ["localhost"]}, "quota": {"requests": "3", "per": "60s", "burst": "5", "all": true}, "answer": {"at": "after", "errorCode": "TOO_MANY_REQUESTS"}}`,
	`{"name": "lost", "share": 0.1, "break": {"how": "reset", "at": "after"}}`,
	`{"name": "late", "share": 0.1, "delay": {"at": "after", "fixed": "2s"}}`,
	`{"name": "partly", "share": 0.5, "maxActive": "3", "softError": {"items": 0.4, "itemCode": "COLLECTION_INVALID_ID", "message": "some"}}`,
	`{"name": "drip", "share": 0.5, "throttle": {"bytesPerSecond": "100", "chunk": "10"}}`,
	`{"name": "short", "every": "4", "truncate": {"share": 0.25}}`,
	`{"name": "shorter", "first": "9", "truncate": {"bytes": "0"}}`,
	`{"name": "noise", "attempts": "1", "corrupt": {"how": "bits", "share": 0.02}}`,
}

// TestBothDoorsDecideAlike holds that faults strike the same exchanges in the
// same way whether they came by config.toml or by CreateFault.
func TestBothDoorsDecideAlike(t *testing.T) {
	t.Parallel()
	const seed = 42
	byTOML, byAPI := faults.NewEngine(seed), faults.NewEngine(seed)
	loaded, err := config.Parse("config.toml", []byte(throughTOML))
	if err != nil {
		t.Fatal(err)
	}
	for i := range loaded.Faults {
		loaded.Faults[i].Since = uint64(i + 1) // As a store numbers them.
	}
	if err := byTOML.Apply(loaded.Faults); err != nil {
		t.Fatal(err)
	}
	create(t, byAPI)

	struck := make(map[string]int)
	for i := range 6000 {
		x := exchange(uint64(i))
		want, got := byTOML.Decide(&x), byAPI.Decide(&x)
		if diff := cmp.Diff(told(want), told(got)); diff != "" {
			t.Fatalf("exchange %d (-TOML +API):\n%s", i, diff)
		}
		if want.Terminal != nil {
			struck[want.Terminal.Fault.Name]++
		}
		for _, hold := range want.Holds {
			struck[hold.Fault.Fault.Name]++
		}
		for _, spoil := range want.Spoils {
			struck[spoil.Fault.Fault.Name]++
		}
	}
	if diff := cmp.Diff(byTOML.Uses(), byAPI.Uses()); diff != "" {
		t.Errorf("uses (-TOML +API):\n%s", diff)
	}
	for _, f := range loaded.Faults {
		if strikes := struck[f.Name]; strikes > 0 == f.Disabled {
			t.Errorf("%s struck %d times, disabled %t: the exchanges do not show what it does", f.Name, strikes, f.Disabled)
		}
	}
}

// create gives the faults to an engine through the API.
func create(t *testing.T, engine *faults.Engine) {
	t.Helper()
	memory := store.NewMemory(engine, time.Now)
	server := api.New(api.Options{Faults: memory, Brake: memory, Attempts: store.NewAttempts(1), Outcomes: new(store.Outcomes), Uses: engine.Uses, Now: time.Now, Tokens: new(store.Tokens), Audit: new(store.Audit)})
	listener := bufconn.Listen(1 << 16)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///memory",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		server.Stop()
		if err := <-ended; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Error(err)
		}
	}()
	for _, text := range throughAPI {
		var fault pb.Fault
		if err := protojson.Unmarshal([]byte(text), &fault); err != nil {
			t.Fatal(err)
		}
		if _, err := pb.NewFaultServiceClient(conn).CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: &fault}); err != nil {
			t.Fatal(err)
		}
	}
}

type header map[string]string

func (h header) Value(name string) (string, bool) {
	value, ok := h[name]
	return value, ok
}

// exchange is the ith of a mixed traffic: repeats, several clients, endpoints
// and hosts.
func exchange(i uint64) faults.Exchange {
	x := faults.Exchange{
		Method: "GET", Host: "music.xboxlive.com", Header: header{}, Client: fmt.Sprintf("web-%d", i%3),
		Path: "/1/content/music/search", Endpoint: "search", Query: "q=a&market=" + []string{"de", "us"}[i%2],
		Place: faults.Place{Fingerprint: i % 500, Sequence: i/500 + 1, Call: i/1500 + 1, Attempt: i/500%3 + 1},
		Now:   time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	switch i % 5 {
	case 0:
		x.Endpoint, x.Path = "lookup", "/1/content/music.1/lookup"
	case 1:
		x.Endpoint, x.Path, x.Method = "", "/elsewhere", "POST"
	case 2:
		x.Host, x.Client = "localhost", "batch"
	}
	return x
}

// decision is a decision without what differs between two engines by nature.
type decision struct {
	Reason     string
	Terminal   *faults.Fault
	RetryAfter time.Duration
	Holds      []hold
	Spoils     []spoil
}

type spoil struct {
	Fault faults.Fault
	Key   uint64
}

type hold struct {
	Fault faults.Fault
	Wait  time.Duration
}

func told(d faults.Decision) decision {
	told := decision{Reason: d.Reason, RetryAfter: d.RetryAfter}
	if d.Terminal != nil {
		told.Terminal = &d.Terminal.Fault
	}
	for _, s := range d.Spoils {
		told.Spoils = append(told.Spoils, spoil{Fault: s.Fault.Fault, Key: s.Key})
	}
	for _, h := range d.Holds {
		told.Holds = append(told.Holds, hold{Fault: h.Fault.Fault, Wait: h.Wait})
	}
	return told
}
