package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// kind says how a scenario is loaded.
type kind int

const (
	// viaWrk loads with wrk.
	viaWrk kind = iota
	// viaTLS loads with a load of our own over TLS.
	viaTLS
	// viaDelay holds exchanges back, on our side alone.
	viaDelay
)

// scenario is one way to load the peers.
type scenario struct {
	name, title string
	kind        kind
	connections int
	requests    []request
	// status is that of every answer.
	status int
	// peers are those that can take part; nil stands for all of them.
	peers []string
	// harmless is how many faults our side has loaded that strike nothing.
	harmless int
	// bodies says that long ones are relayed.
	bodies bool
	// answer, when set, is what the peers send in the origin's place, and
	// fault the TOML that makes our side do so.
	answer *answer
	fault  string
	// delay is how long an exchange is held back.
	delay time.Duration
	goals []goal
}

// answer is a fixed one, without an upstream.
type answer struct {
	status int
	body   string
}

// goal is a figure that our side is to reach against a peer.
type goal struct {
	peer string
	most float64
}

// Parts of the scenarios.
const (
	smallTarget   = "/1/content/music/catalog/genres?country=US"
	largeTarget   = "/large"
	chunkedTarget = "/chunked"
	uploadTarget  = "/upload"

	largeSize   = 1 << 20
	chunkedSize = 16 << 10
	delayTime   = 2 * time.Second

	downBody = `{"Error":{"ErrorCode":"SERVICE_UNAVAILABLE","Description":"The service is down for maintenance."}}`
	// throttledBody is as long as what our side makes of the error code.
	throttledBody = `{"Error":{"ErrorCode":"TOO_MANY_REQUESTS","Description":"Too many requests."}}`
)

var (
	relayGoals  = []goal{{haproxy, 1}, {reverse, 0.35}}
	injectPeers = []string{ours, baseline, haproxy, nginx}
)

// scenarios are all there are, in the order in which they run.
func scenarios() []scenario {
	small := plain("GET", smallTarget, "")
	return []scenario{
		{name: "relay-32", title: "relay of a small answer, 100 faults loaded", connections: 32, requests: small, status: 200, harmless: 100, goals: relayGoals},
		{name: "relay-256", title: "relay of a small answer, 100 faults loaded", connections: 256, requests: small, status: 200, harmless: 100, goals: relayGoals},
		{
			name: "relay-10000-faults", title: "relay of a small answer, 10 000 faults loaded", connections: 32, requests: small, status: 200, harmless: 10_000,
			peers: []string{ours, oneFault, baseline, haproxy}, goals: []goal{{oneFault, 1.2}},
		},
		{name: "relay-varied", title: "relay of 1 000 targets with heads of 8 to 10 fields, 100 faults loaded", connections: 32, requests: varied(), status: 200, harmless: 100},
		{
			name: "injected-503", title: "an injected 503, the origin not asked", connections: 32, requests: small, status: 503, peers: injectPeers,
			answer: &answer{503, downBody}, fault: downFault(), goals: []goal{{haproxy, 1}},
		},
		{
			name: "injected-429", title: "an injected 429 in Groove's form, the origin not asked", connections: 32, requests: small, status: 429, peers: injectPeers,
			answer: &answer{429, throttledBody}, fault: "[[faults]]\nname = \"throttled\"\nanswer.status = 429\n", goals: []goal{{haproxy, 1}},
		},
		{
			name: "tls", title: "TLS 1.3 on both sides", kind: viaTLS, connections: 32, requests: small, status: 200, harmless: 100,
			peers: []string{ours, baseline, haproxy, nginx}, goals: []goal{{nginx, 1.2}},
		},
		{name: "large", title: "relay of 1 MB answers", connections: 32, requests: plain("GET", largeTarget, ""), status: 200, harmless: 100, bodies: true},
		{name: "chunked", title: "relay of chunked answers of 16 kB", connections: 32, requests: plain("GET", chunkedTarget, ""), status: 200, harmless: 100},
		{name: "upload", title: "relay of 1 MB uploads", connections: 32, requests: plain("POST", uploadTarget, strings.Repeat("x", largeSize)), status: 200, harmless: 100, bodies: true},
		delayed(1000),
		delayed(9000),
	}
}

func downFault() string {
	return "[[faults]]\nname = \"down\"\nanswer = { status = 503, headers = { Content-Type = \"application/json\" }, body = '" + downBody + "' }\n"
}

func delayed(count int) scenario {
	return scenario{
		name: fmt.Sprintf("delayed-%d", count), title: fmt.Sprintf("%d exchanges held back for %v at once", count, delayTime), kind: viaDelay,
		connections: count, requests: plain("GET", smallTarget, ""), status: 503, peers: []string{ours, baseline}, delay: delayTime,
		fault: downFault() + fmt.Sprintf("[[faults]]\nname = \"slow\"\ndelay.fixed = %q\n", delayTime),
	}
}

func printScenarios(out io.Writer) {
	for _, s := range scenarios() {
		fmt.Fprintf(out, "%-20s %s, %d connections\n", s.name, s.title, s.connections)
	}
}
