package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestBodyKept(t *testing.T) {
	t.Parallel()
	const explicit, ambiguous = observe.GroupingExplicit, observe.GroupingAmbiguous
	pair := func(first, second try) op { return write(first, second) }
	kept := pair(try{status: 503}, try{after: second, status: 200})
	lost := pair(try{status: 503}, try{after: second, status: 400, emptied: true})
	cut := pair(try{status: 503}, try{after: second, status: 400, body: `{"Track`})
	altered := pair(try{status: 503}, try{after: second, status: 200, body: `{"TrackIds":["music.2"]}`})
	foreign, refused, conflict := altered, altered, altered
	foreign.endpoint = ""
	refused.tries = []try{{status: 400}, {after: second, status: 200, body: "x"}}
	conflict.tries = []try{{status: 409}, {after: second, status: 200, body: "x"}}
	emptyOnes := op{method: "POST", tries: fails(503, second)}
	ours := pair(try{status: 502, origin: observe.OriginOurs}, try{after: second, status: 400, emptied: true})
	polled, censored := lost, kept
	polled.polling, censored.censored = true, true
	play(t, "body-kept", map[string]scene{
		"kept":                        {newTape(10).add(kept), 0, Pass, "same body in 1 call"},
		"lost":                        {newTape(10).times(3, lost), 0, Fail, "(empty in 3): 24 bytes, then 0"},
		"cut":                         {newTape(0).add(cut.as(explicit)), 0, Fail, "24 bytes, then 7"},
		"altered":                     {newTape(0).add(altered.as(explicit)), 0, Fail, "as many others"},
		"a boundary may change":       {newTape(0).add(foreign.as(explicit)), 0, Inconclusive, "multipart"},
		"after a refusal of input":    {newTape(0).add(refused.as(explicit)), 0, Inconclusive, "saw none"},
		"after a conflict":            {newTape(0).add(conflict.as(explicit)), 0, Inconclusive, "saw none"},
		"after an expired token":      {newTape(0).add(pair(try{status: 401}, try{after: second, status: 200, emptied: true}).as(explicit)), 0, Fail, ""},
		"after a lost answer":         {newTape(0).add(pair(try{end: observe.EndBroken}, try{after: second, status: 400, emptied: true}).as(explicit)), 0, Fail, ""},
		"first cut, then lost":        {newTape(0).add(write(try{status: 503}, try{after: second, status: 503, body: "cut"}, try{after: second, status: 400, emptied: true}).as(explicit)), 0, Fail, "3 bytes, then 0"},
		"first lost, then another":    {newTape(0).add(write(try{status: 503}, try{after: second, status: 503, emptied: true}, try{after: second, status: 503}, try{after: second, status: 400, body: "cut"}).as(explicit)), 0, Fail, "24 bytes, then 0"},
		"broken off by the client":    {newTape(0).add(write(try{status: 503}, try{after: second, status: 400, emptied: true, torn: true}).as(explicit)), 0, Inconclusive, "saw none"},
		"nothing to keep":             {newTape(10).add(emptyOnes), 0, Inconclusive, "saw none"},
		"not repeated":                {newTape(10).add(write(try{status: 503})), 0, Inconclusive, "saw none"},
		"lost in one of three":        {newTape(10).times(2, kept).add(lost), 0, Inconclusive, "1 of 3"},
		"lost in three of five":       {newTape(10).times(2, kept).times(3, lost), 0, Fail, "3 of 5"},
		"ambiguous":                   {newTape(10).add(lost.as(ambiguous)), 0, Inconclusive, "differed in 1 call"},
		"ambiguous beside kept":       {newTape(10).add(kept).add(lost.as(ambiguous)), 0, Inconclusive, ""},
		"kept, but nobody knows that": {newTape(10).add(kept.as(ambiguous)), 0, Inconclusive, "no certain repeat"},
		"polling":                     {newTape(10).add(polled), 0, Inconclusive, ""},
		"ours":                        {newTape(10).add(ours), 0, Inconclusive, "saw none"},
		"watching ended":              {newTape(10).add(censored), 0, Pass, ""},
	})
}

// What a body is decides whether other bytes of the same length may mean the same.
func TestBodyKeptByWhatItIs(t *testing.T) {
	t.Parallel()
	call := func(endpoint, kind, second string) *tape {
		headers := "accept=1"
		if kind != "" {
			headers += ";content-type=" + observe.HeaderDigest(contentType, kind)
		}
		return newTape(0).add(op{
			method: "POST", endpoint: endpoint, body: "part a",
			tries: []try{{status: 503, headers: headers}, {after: 4 * ms, status: 200, headers: headers, body: second}},
		}.as(observe.GroupingExplicit))
	}
	emptied := call("", "multipart/form-data", "part b")
	emptied.calls[0].Attempts[1].BodyLength, emptied.calls[0].Attempts[1].BodyDigest = 0, ""
	play(t, "body-kept", map[string]scene{
		"multipart, another boundary":   {call("", "multipart/form-data", "part b"), 0, Inconclusive, "multipart"},
		"multipart to a known endpoint": {call(groove.CollectionAdd, "multipart/mixed", "part b"), 0, Inconclusive, "multipart"},
		"multipart, cut short":          {call("", "multipart/form-data", "part"), 0, Fail, "6 bytes, then 4"},
		"multipart, empty":              {emptied, 0, Fail, "6 bytes, then 0"},
		"JSON":                          {call("", "application/json", "part b"), 0, Fail, "as many others"},
		"nobody knows":                  {call("", "", "part b"), 0, Inconclusive, "multipart"},
		"the contract says":             {call(groove.CollectionAdd, "", "part b"), 0, Fail, ""},
	})
}
