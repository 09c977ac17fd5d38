package verdict

import (
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// plain are the header fields of a client, changing the same with one replaced, or dropped for "".
const plain = "accept=11111111;accept-language=22222222;user-agent=33333333"

func changing(name, digest string) string {
	var kept []string
	for entry := range strings.SplitSeq(plain, ";") {
		switch was, _, _ := strings.Cut(entry, "="); {
		case was != name:
			kept = append(kept, entry)
		case digest != "":
			kept = append(kept, name+"="+digest)
		}
	}
	return strings.Join(kept, ";")
}

// repeating is a call that is repeated with other header fields.
func repeating(first, second string) op {
	return op{tries: []try{{status: 503, headers: first}, {after: 400 * ms, status: 200, headers: second}}}
}

// sending is a tape of a client that is known and sends the same fields in each call.
func sending(headers ...string) *tape {
	p := newTape(0)
	for i := range 10 {
		p.add(op{tries: []try{{status: 200, headers: headers[i%len(headers)]}}})
	}
	return p
}

func TestHeadersKept(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	same, gone := repeating(plain, plain), repeating(plain, changing("accept-language", ""))
	other := repeating(plain, changing("accept-language", "44444444"))
	more := repeating(plain, plain+";x-more=1")
	numbered := repeating(plain+";x-client-request-id=1;x-retry-count=1", plain+";x-client-request-id=2;x-retry-count=2")
	refused, late := other, other
	refused.tries = []try{{status: 400, headers: plain}, {after: second, status: 200, headers: changing("accept", "5")}}
	late.tries = []try{{status: 503, headers: plain, origin: observe.OriginOurs}, {after: second, status: 200, headers: changing("accept", "5")}}
	unseen := op{tries: []try{{status: 503}, {after: 400 * ms, status: 503, headers: plain}, {after: 800 * ms, status: 200, headers: changing("accept", "5")}}}
	polled := other
	polled.polling = true
	full := func(from int) string {
		var list []string
		for i := range observe.MaxHeaders {
			list = append(list, "x-"+string(rune('a'+from+i))+"=1")
		}
		return strings.Join(list, ";")
	}
	cut := repeating("x-a=1;x-z=1", full(0))
	play(t, "headers-kept", map[string]scene{
		"nothing happened":                    {sending(plain), 0, Inconclusive, "saw none"},
		"not recorded":                        {newTape(10).times(3, op{tries: fails(503, second)}), 0, Inconclusive, "saw none"},
		"not recorded for the repeat":         {sending(plain).add(repeating(plain, "").as(explicit)), 0, Inconclusive, "saw none"},
		"not recorded for any first attempt":  {newTape(10).add(unseen), 0, Inconclusive, "in 1 of 1 call"},
		"kept":                                {sending(plain).add(same), 0, Pass, "same header fields in 1 call"},
		"one is gone":                         {sending(plain).add(gone), 0, Warn, "accept-language was gone in 1"},
		"one differs":                         {sending(plain).times(2, other), 0, Warn, "accept-language differed in 2"},
		"one differs in one of two":           {sending(plain).add(same).add(other), 0, Warn, "in 2 calls: accept-language differed in 1"},
		"one more":                            {sending(plain).add(more), 0, Pass, ""},
		"counters and ids":                    {sending(plain).add(numbered), 0, Pass, ""},
		"users with languages of their own":   {sending(plain, changing("accept-language", "4")).times(3, other), 0, Pass, "but for accept-language"},
		"users some of whom have none":        {sending(plain, changing("accept-language", "")).times(3, gone), 0, Inconclusive, "another caller's"},
		"too few calls to know":               {newTape(10).times(2, gone), 0, Inconclusive, "3 calls to the endpoint"},
		"enough calls to know":                {newTape(10).times(3, gone), 0, Warn, ""},
		"few, but named":                      {newTape(0).add(gone.as(explicit)), 0, Warn, "gone in 1"},
		"differs in a named one":              {newTape(0).add(other.as(explicit)), 0, Warn, "differed in 1"},
		"differs in a named one, as always":   {sending(plain, changing("accept-language", "4")).add(other.as(explicit)), 0, Pass, "every call has anew"},
		"gone from a named one, as elsewhere": {sending(plain, changing("accept-language", "")).add(gone.as(explicit)), 0, Warn, "gone in 1"},
		"after a refusal":                     {sending(plain).add(refused), 0, Inconclusive, "saw none"},
		"after a failure of our own":          {sending(plain).add(late), 0, Inconclusive, "saw none"},
		"ambiguous":                           {sending(plain).add(other.as(observe.GroupingAmbiguous)), 0, Inconclusive, "in 1 of 1"},
		"ambiguous beside kept":               {sending(plain).add(same).add(other.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"kept, but nobody knows that":         {sending(plain).add(same.as(observe.GroupingAmbiguous)), 0, Inconclusive, "no certain repeat"},
		"polled":                              {sending(plain).add(polled), 0, Inconclusive, ""},
		"beyond what is recorded":             {newTape(0).add(cut.as(explicit)), 0, Pass, ""},
		"hostile":                             {newTape(0).add(repeating(";;=;a;=b;a=b=c", "====;;a").as(explicit)), 0, Warn, ""},
	})
}

func TestOwnOfAttempt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"accept": false, "accept-language": false, "user-agent": false, "content-type": false, "x-client-name": false, "x-client-version": false,
		"x-retry-count": true, "x_attempt": true, "x-request-guid": true, "x-requestid": true, "x-timestamp": true, "if-none-match": true, "range": true,
		"x-void": false, "x-groove-signature": true,
	} {
		if got := ownOfAttempt(name); got != want {
			t.Errorf("%s is an attempt's own: got %v, want %v", name, got, want)
		}
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	p := newTape(0)
	for i := range 2 * mostDrifts {
		name := strings.Repeat("x", i+1)
		p.add(repeating(name+"=1", name+"=2").as(observe.GroupingExplicit))
	}
	s := newSubjects(p.calls)[0]
	check, ok := headersKept(s.who, nil).(*headerTally)
	if !ok {
		t.Fatal("headers-kept is not what it was")
	}
	check.take(s)
	if len(check.drifts) > mostDrifts || len(check.usual[""].fields) > mostFields || check.usual[""].looks > mostLooks {
		t.Errorf("keeps %d drifts and %d fields after %d looks", len(check.drifts), len(check.usual[""].fields), check.usual[""].looks)
	}
}
