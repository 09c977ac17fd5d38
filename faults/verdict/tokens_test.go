package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestTokensDuringAPause(t *testing.T) {
	t.Parallel()
	p := pause{from: 10 * second, to: 20 * second, address: "10.0.0.1", node: "a"}
	tests := map[string]struct {
		at            time.Duration
		address, node string
		want          inquiry
	}{
		"in it":                      {15 * second, "10.0.0.1", "a", inquiryMade},
		"at its start":               {10 * second, "10.0.0.1", "a", inquiryMade},
		"at its end":                 {20 * second, "10.0.0.1", "a", inquiryMade},
		"before":                     {10*second - 1, "10.0.0.1", "a", inquiryNone},
		"after":                      {20*second + 1, "10.0.0.1", "a", inquiryNone},
		"before, by another clock":   {9 * second, "10.0.0.1", "b", inquiryMade},
		"after, by another clock":    {21 * second, "10.0.0.1", "b", inquiryMade},
		"well before, by another":    {9*second - 1, "10.0.0.1", "b", inquiryNone},
		"from another address":       {15 * second, "10.0.0.2", "a", inquiryElsewhere},
		"from nobody knows where":    {15 * second, "", "a", inquiryMade},
		"before, and from elsewhere": {5 * second, "10.0.0.2", "a", inquiryNone},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log tokens
			for _, at := range []time.Duration{100 * second, tt.at, second} {
				log.note(&observe.Attempt{Endpoint: groove.Token, Received: at, Address: tt.address, Node: tt.node})
			}
			if got := log.during(&p); got != tt.want {
				t.Errorf("inquiry is %d, want %d", got, tt.want)
			}
			if !log.routed(tt.address) || tt.address != "" && log.routed("10.9.9.9") {
				t.Error("the address that asked is not the one that is routed")
			}
		})
	}
}

// Beyond what is remembered nobody can say that no token was asked for.
func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	var log tokens
	for range mostTokens + 1 {
		log.note(&observe.Attempt{Received: second, Address: "10.0.0.1"})
	}
	p := pause{from: 10 * second, to: 20 * second, address: "10.0.0.1"}
	if got := log.during(&p); len(log.requests) != mostTokens || got != inquiryElsewhere {
		t.Errorf("remembers %d requests and says %d, want %d and %d", len(log.requests), got, mostTokens, inquiryElsewhere)
	}
}

func TestNoTokensAreKept(t *testing.T) {
	t.Parallel()
	var log *tokens
	if log.routed("") || log.during(&pause{}) != inquiryNone {
		t.Error("nobody keeps count, and yet somebody asked")
	}
}
