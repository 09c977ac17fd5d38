package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// expiring makes the attempts of a call whose token has expired each time.
func expiring(credential string, waits ...time.Duration) []try {
	tries := refused(credential, waits...)
	for i := range tries {
		tries[i].code = groove.CodeAccessTokenExpired
	}
	return tries
}

// started is a tape of a client that fetched its token through the proxy and is known.
func started() *tape { return newTape(10).by("app", asksToken("10.0.0.1", 0)) }

func TestTokenRefreshed(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	never, stubborn := op{tries: expiring("a")}, op{tries: expiring("a", 100*ms)}
	fresh := op{tries: append(expiring("a"), try{after: 100 * ms, status: 200, credential: "b", address: "10.0.0.1"})}
	again := op{tries: append(append(expiring("a"), try{after: 100 * ms, status: 401, code: groove.CodeAuthorizationTokenExpired, credential: "b"}), try{after: 200 * ms, status: 200, credential: "c"})}
	tries := append(expiring("a"), try{after: 100 * ms, status: 401, code: groove.CodeAccessTokenExpired, credential: "b"},
		try{after: 200 * ms, status: 401, code: groove.CodeAccessTokenExpired, credential: "c"}, try{after: 400 * ms, status: 200, credential: "d"})
	endless := op{tries: tries}
	header := op{tries: []try{{status: 400, code: groove.CodeInvalidAuthorizationHeader, credential: "a", address: "10.0.0.1"}}}
	bare := op{tries: append(expiring("a"), try{after: 100 * ms, status: 401, code: groove.CodeInvalidAuthorizationHeader})}
	served := op{tries: append(expiring("a"), try{after: 100 * ms, status: 200})}
	busy := op{tries: append(expiring("a"), try{after: 100 * ms, status: 503})}
	lost := op{tries: append(expiring("a"), try{after: 100 * ms, end: observe.EndBroken})}
	play(t, "token-refreshed", map[string]scene{
		"nothing happened":                   {started().times(3, op{tries: fails(404)}), 0, Inconclusive, "saw none"},
		"a 401 for another reason":           {started().times(3, op{tries: refused("a")}), 0, Inconclusive, "saw none"},
		"refreshed":                          {started().times(2, fresh), 0, Pass, "asked for in 2 of 2 calls"},
		"refreshed where nobody sees it":     {newTape(10).times(2, fresh), 0, Pass, ""},
		"refreshed once":                     {started().times(1, fresh), 0, Inconclusive, "saw 1"},
		"refreshed twice in a call":          {started().times(2, again), 0, Pass, ""},
		"refreshed three times in a call":    {started().times(3, endless), 0, Fail, "more than 2 repeats in 3 of 3 calls, up to 3 in one"},
		"and in one call only":               {started().times(2, fresh).add(endless), 0, Inconclusive, ""},
		"never":                              {started().times(3, never), 0, Fail, "no new token came after ACCESS_TOKEN_EXPIRED in 3 of 3 calls"},
		"never, on two requests":             {started().times(2, never), 0, Inconclusive, "3 different requests"},
		"without any token":                  {started().times(3, bare), 0, Fail, "no new token came after ACCESS_TOKEN_EXPIRED in 3 of 3 calls"},
		"served without any token":           {started().times(3, served), 0, Inconclusive, "is not certain"},
		"with none that is seen, and a 503":  {started().times(3, busy), 0, Inconclusive, "is not certain"},
		"with none that is seen, and a loss": {started().times(3, lost), 0, Inconclusive, "is not certain"},
		"never, in one call":                 {started().add(never), 0, Inconclusive, "saw 1"},
		"never, in two named calls":          {started().times(2, never.as(explicit)), 0, Fail, ""},
		"never, after a bad header":          {started().times(3, header), 0, Fail, "INVALID_AUTHORIZATION_HEADER"},
		"only some":                          {started().times(4, fresh).times(3, never), 0, Warn, "in 3 of 7 calls"},
		"with the same token":                {started().times(3, stubborn), 0, Fail, ""},
		"with the same, which it asked for":  {started().amid(3, "10.0.0.1", 50*ms, stubborn), 0, Pass, "3 of 3"},
		"a token request, and a lost trace":  {started().amid(3, "10.0.0.1", 30*second, never), 0, Inconclusive, "is not certain"},
		"a token request elsewhere":          {started().amid(3, "10.0.0.9", 30*second, never), 0, Inconclusive, "is not certain"},
		"a token request, too late":          {started().amid(1, "10.0.0.1", 62*second, never).amid(1, "10.0.0.1", 62*second, never).amid(1, "10.0.0.1", 62*second, never), 0, Fail, ""},
		"the token endpoint is elsewhere":    {newTape(10).times(3, never), 0, Inconclusive, "behind the proxy"},
		"another address asks for tokens":    {newTape(10).by("other", asksToken("10.0.0.7", 0)).times(3, never), 0, Inconclusive, "behind the proxy"},
		"a scheme that nobody knows":         {started().times(3, op{tries: expiring("", 100*ms)}), 0, Inconclusive, ""},
		"still waiting":                      {started().times(3, op{censored: true, tries: expiring("a")}), 0, Inconclusive, "3 may still have been waiting"},
		"as another call, half a minute":     {started().times(3, never).after(30*second, op{target: "/t/14", tries: []try{{status: 200}}}), 0, Inconclusive, ""},
		"ambiguous":                          {started().times(3, never.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"refreshed, ambiguous":               {started().times(3, fresh.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"refreshed beside an ambiguous call": {started().times(2, fresh).add(never.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polled with another token each":     {started().add(op{polling: true, tries: tries}), 0, Inconclusive, ""},
		"no baseline":                        {newTape(0).by("app", asksToken("10.0.0.1", 0)).times(3, fresh), 0, Inconclusive, "baseline"},
		"ours":                               {started().times(3, op{tries: []try{{status: 401, code: groove.CodeAccessTokenExpired, credential: "a", origin: observe.OriginOurs}}}), 0, Inconclusive, "saw none"},
	})
}
