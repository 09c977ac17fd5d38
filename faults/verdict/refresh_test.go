package verdict

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// holder is a client that holds a token.
type holder struct {
	address string
	token   int
	// lasts is how many requests a token is good for, used how many it was.
	lasts, used int
}

// cloak is an attempt of the client, with the token that it holds.
func (h *holder) cloak(a *observe.Attempt) {
	a.Address, a.Credential = h.address, fmt.Sprintf("%s-%d", h.address, h.token)
	a.Client = "credential:" + a.Credential
}

// ask makes one request, and another with a fresh token if it was refused and the client refreshes its own.
func (h *holder) ask(f *film, target string, refreshes bool) {
	f.plays(op{method: "GET", target: target}, 50*ms, fine)
	h.used++
	a := &f.attempts[len(f.attempts)-1]
	h.cloak(a)
	if h.used <= h.lasts {
		return
	}
	answering(401, 0).on(a)
	a.ErrorCode = groove.CodeAccessTokenExpired
	if !refreshes {
		return
	}
	h.fetch(f)
	f.now -= 2*second - 20*ms
	f.plays(op{method: "GET", target: target}, 50*ms, fine)
	h.cloak(&f.attempts[len(f.attempts)-1])
	h.used++
}

// fetch asks for a token.
func (h *holder) fetch(f *film) {
	f.now -= 2*second - 20*ms
	f.plays(op{method: "POST", endpoint: groove.Token, target: "/accesstoken.srf", body: "form"}, 10*ms, fine)
	a := &f.attempts[len(f.attempts)-1]
	a.Client, a.Address = "app@"+h.address, h.address
	h.token++
	h.used = 0
}

// A client that takes on a new name with each token is one client, from the journal to the finding.
func TestTokenRefreshedThroughTheJournal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		refreshes bool
		want      Result
	}{"refreshes": {true, Pass}, "never refreshes": {false, Fail}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, h := &film{}, &holder{address: "10.0.0.1", lasts: 12}
			f.now = 10 * second
			h.fetch(f)
			for i := range 40 {
				h.ask(f, "/t/"+strconv.Itoa(i), tt.refreshes)
			}
			report := Judge(Journal{Attempts: Of(f.attempts), Ended: true}, Options{})
			for _, finding := range report.Clients[1].Findings {
				if finding.Check == "token-refreshed" && finding.Result != tt.want {
					t.Errorf("of %s: %s, want %s: %s (%s)", report.Clients[1].Client, finding.Result, tt.want, finding.Summary, finding.Missing)
				}
				if finding.Result == Fail && finding.Check != "token-refreshed" {
					t.Errorf("%s fails: %s", finding.Check, finding.Summary)
				}
			}
			if len(report.Clients) != 2 {
				t.Errorf("judged %d clients, want the one and that which asks for tokens", len(report.Clients))
			}
		})
	}
}

// TestTokenHoldersNeverFail holds that clients which refresh their tokens fail nothing, whoever else does so from the same address, whether
// their token requests go through the proxy or not.
func TestTokenHoldersNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := &film{now: 10 * second}
		var holders []*holder
		for i := range rapid.IntRange(1, 4).Draw(t, "holders") {
			address := "10.0.0." + strconv.Itoa(rapid.IntRange(1, 2).Draw(t, "address"))
			holders = append(holders, &holder{address: address, token: 1000 * i, lasts: rapid.IntRange(0, 8).Draw(t, "lasts")})
		}
		hidden := rapid.Bool().Draw(t, "hidden")
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			h := holders[rapid.IntRange(0, len(holders)-1).Draw(t, "who")]
			h.ask(f, "/t/"+strconv.Itoa(rapid.IntRange(1, 30).Draw(t, "target")), true)
			f.now += time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause")) * ms
		}
		e := ether{}
		for _, a := range f.attempts {
			if !hidden || a.Endpoint != groove.Token {
				e.attempts = append(e.attempts, a)
			}
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: rapid.Bool().Draw(t, "ended")})
	})
}

// TestNamedCallsNeverFail holds that a client which names its calls and does nothing wrong fails nothing: it gives up what takes too long, hedges
// its reads, keeps its keys, and stops when it succeeds.
func TestNamedCallsNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := ether{faulty: rapid.IntRange(0, 90).Draw(t, "faulty")}
		s := drawSound(t, "named")
		at := second
		for n := range rapid.IntRange(1, 30).Draw(t, "calls") {
			o := drawOp(t, n)
			from := len(e.attempts)
			at = e.call(t, s, o, at)
			for i := from; i < len(e.attempts); i++ {
				a := &e.attempts[i]
				a.CallID, a.CallIDHeader = "call "+strconv.Itoa(n), observe.CallHeader
				a.Headers = "accept=1;x-request-time=" + strconv.Itoa(i)
				if o.method == "POST" {
					a.IdempotencyKey = "key " + strconv.Itoa(n)
				}
			}
			last := e.attempts[len(e.attempts)-1]
			if o.method == "GET" && rapid.IntRange(0, 4).Draw(t, "hedges") == 0 {
				last.Received += (last.Answered - last.Received) / 2
				last.Answered += ms
				e.attempts = append(e.attempts, last)
			}
			at += noise(t) + second
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: rapid.Bool().Draw(t, "ended")})
	})
}
