package faults_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// sound is a fault that passes; tests spoil it in one place.
func sound() faults.Fault {
	return faults.Fault{Name: "busy", Answer: &faults.Answer{Status: 503}}
}

func TestValidateAlone(t *testing.T) {
	t.Parallel()
	answer := func(change func(*faults.Answer)) func(*faults.Fault) {
		return func(f *faults.Fault) { change(f.Answer) }
	}
	delay := func(d faults.Delay) func(*faults.Fault) {
		return func(f *faults.Fault) { f.Answer, f.Delay = nil, &d }
	}
	retryAfter := func(after faults.RetryAfter) func(*faults.Fault) {
		return answer(func(a *faults.Answer) { a.RetryAfter = &after })
	}
	// want is the field, a space and a part of the text; "" for none.
	for what, test := range map[string]struct {
		spoil   func(*faults.Fault)
		problem string
		warning string
	}{
		"a sound fault":           {func(*faults.Fault) {}, "", ""},
		"no name":                 {func(f *faults.Fault) { f.Name = "" }, `name is ""`, ""},
		"a name with capitals":    {func(f *faults.Fault) { f.Name = "Busy" }, `name is "Busy"`, ""},
		"a name with a slash":     {func(f *faults.Fault) { f.Name = "a/b" }, `name is "a/b"`, ""},
		"a name that is too long": {func(f *faults.Fault) { f.Name = strings.Repeat("a", 64) }, "name is ", ""},
		"a negative lifetime":     {func(f *faults.Fault) { f.TTL = -1 }, "ttl is -1ns, want 0s", ""},
		"a lifetime of a year":    {func(f *faults.Fault) { f.TTL = 365 * 24 * time.Hour }, "ttl is ", ""},
		"share NaN":               {func(f *faults.Fault) { f.Trigger.Share = new(math.NaN()) }, "share is NaN, want 0 to 1", ""},
		"share above 1":           {func(f *faults.Fault) { f.Trigger.Share = new(1.2) }, "share is 1.2, want 0 to 1", ""},
		"share below 0":           {func(f *faults.Fault) { f.Trigger.Share = new(-0.1) }, "share is -0.1", ""},
		"share infinite":          {func(f *faults.Fault) { f.Trigger.Share = new(math.Inf(1)) }, "share is +Inf", ""},
		"share with first":        {func(f *faults.Fault) { f.Trigger = faults.Trigger{Share: new(0.5), First: 1} }, "first does not go with share", ""},
		"every with first":        {func(f *faults.Fault) { f.Trigger = faults.Trigger{Every: 2, First: 1} }, "every does not go with first", ""},
		"attempts with every":     {func(f *faults.Fault) { f.Trigger = faults.Trigger{Every: 2, Attempts: 1} }, "attempts does not go with every", ""},
		"limit with first":        {func(f *faults.Fault) { f.Trigger = faults.Trigger{First: 2, Limit: 1} }, "limit does not go with first", ""},
		"no effect":               {func(f *faults.Fault) { f.Answer = nil }, "answer is missing", ""},
		"two effects":             {func(f *faults.Fault) { f.Delay = &faults.Delay{Fixed: new(time.Second)} }, "delay does not go with answer", ""},
		"an unknown endpoint":     {func(f *faults.Fault) { f.Match.Endpoints = []string{"search", "sarch"} }, `match.endpoints[1] is "sarch", want one of search, `, ""},
		"a method in lower case":  {func(f *faults.Fault) { f.Match.Methods = []string{"get"} }, `match.methods[0] is "get"`, ""},
		"a method the endpoint has not": {func(f *faults.Fault) {
			f.Match = faults.Match{Endpoints: []string{"search"}, Methods: []string{"POST"}}
		}, "match.methods can never match: search takes GET", ""},
		"HEAD goes with a GET": {func(f *faults.Fault) {
			f.Match = faults.Match{Endpoints: []string{"search"}, Methods: []string{"HEAD"}}
		}, "", ""},
		"a path that is none": {func(f *faults.Fault) { f.Match.Path = "1/content" }, `match.path is "1/content": `, ""},
		"a path of another endpoint": {func(f *faults.Fault) {
			f.Match = faults.Match{Endpoints: []string{"search"}, Path: "/1/content/{id}/lookup"}
		}, "match.path can never match: search answers at", ""},
		"a path the endpoint has": {func(f *faults.Fault) {
			f.Match = faults.Match{Endpoints: []string{"search"}, Path: "/1/content/{rest...}"}
		}, "", ""},
		"a host with a port":         {func(f *faults.Fault) { f.Match.Hosts = []string{"localhost:80"} }, `match.hosts[0] is "localhost:80"`, ""},
		"a host with a scheme":       {func(f *faults.Fault) { f.Match.Hosts = []string{"https://localhost"} }, "match.hosts[0] is ", ""},
		"a host by address":          {func(f *faults.Fault) { f.Match.Hosts = []string{"::1", "127.0.0.1", "*.example.org"} }, "", ""},
		"an empty client":            {func(f *faults.Fault) { f.Match.Clients = []string{""} }, "match.clients[0] is empty", ""},
		"an empty query name":        {func(f *faults.Fault) { f.Match.Query = map[string]string{"": "x"} }, "match.query has an entry without a name", ""},
		"a query name twice":         {func(f *faults.Fault) { f.Match.Query = map[string]string{"q": "x", "Q": "y"} }, " is given twice", ""},
		"a field name with a space":  {func(f *faults.Fault) { f.Match.Headers = map[string]string{"X Y": "x"} }, "match.headers.X Y is no field name", ""},
		"Host among the headers":     {func(f *faults.Fault) { f.Match.Headers = map[string]string{"host": "x"} }, "match.headers.host can never match: use match.hosts", ""},
		"neither status nor code":    {answer(func(a *faults.Answer) { a.Status = 0 }), "answer.status is missing", ""},
		"a code alone":               {answer(func(a *faults.Answer) { *a = faults.Answer{ErrorCode: "TOO_MANY_REQUESTS"} }), "", ""},
		"an undocumented status":     {answer(func(a *faults.Answer) { a.Status = 418 }), "answer.status is 418", ""},
		"a negative status":          {answer(func(a *faults.Answer) { a.Status = -1 }), "answer.status is -1", ""},
		"200 with nothing wrong":     {answer(func(a *faults.Answer) { a.Status = 200 }), "answer.error_code is missing", ""},
		"an unknown code":            {answer(func(a *faults.Answer) { a.ErrorCode = "TOO-MANY-REQUESTS" }), `answer.error_code is "TOO-MANY-REQUESTS"`, ""},
		"a code with another status": {answer(func(a *faults.Answer) { a.ErrorCode = "TOO_MANY_REQUESTS" }), "", "answer.status is 503, but TOO_MANY_REQUESTS comes with 429"},
		"a code inside a 200":        {answer(func(a *faults.Answer) { a.Status, a.ErrorCode = 200, "CATALOG_NO_RESULT" }), "", ""},
		"a code the endpoint never sends": {func(f *faults.Fault) {
			f.Match.Endpoints, f.Answer = []string{"search"}, &faults.Answer{ErrorCode: "COLLECTION_FULL"}
		}, "", "answer.error_code is COLLECTION_FULL, which search never sends"},
		"a message that is not text": {answer(func(a *faults.Answer) { a.Message = "\xff" }), "answer.message has", ""},
		"a body over the limit":      {answer(func(a *faults.Answer) { a.Body = new(strings.Repeat("x", faults.MaxBody+1)) }), "answer.body has 524289 bytes", ""},
		"no form of retry_after":     {retryAfter(faults.RetryAfter{}), "answer.retry_after has 0 forms", ""},
		"two forms of retry_after":   {retryAfter(faults.RetryAfter{Seconds: new(uint64(1)), Raw: new("x")}), "answer.retry_after has 2 forms", ""},
		"zero seconds":               {retryAfter(faults.RetryAfter{Seconds: new(uint64(0))}), "", ""},
		"huge seconds":               {retryAfter(faults.RetryAfter{Seconds: new(uint64(math.MaxUint64))}), "", ""},
		"a date far away":            {retryAfter(faults.RetryAfter{DateIn: new(faults.MaxTTL + 1)}), "answer.retry_after.date_in is", ""},
		"a date in the past":         {retryAfter(faults.RetryAfter{DateIn: new(-time.Minute)}), "", ""},
		"a raw value of two lines":   {retryAfter(faults.RetryAfter{Raw: new("1\r\nSet-Cookie: x")}), "answer.retry_after.raw is", ""},
		"a header of two lines":      {answer(func(a *faults.Answer) { a.Headers = map[string]string{"X-A": "1\r\nX-B: 2"} }), "answer.headers.X-A is", ""},
		"a header without a name":    {answer(func(a *faults.Answer) { a.Headers = map[string]string{"": "1"} }), "answer.headers has an entry without a name", ""},
		"framing among the headers":  {answer(func(a *faults.Answer) { a.Headers = map[string]string{"content-length": "1"} }), "answer.headers.content-length is framing", ""},
		"Retry-After twice": {answer(func(a *faults.Answer) {
			a.RetryAfter, a.Headers = &faults.RetryAfter{Raw: new("1")}, map[string]string{"retry-after": "2"}
		}), "answer.headers.retry-after does not go with", ""},
		"no distribution":           {delay(faults.Delay{}), "delay has 0 distributions", ""},
		"two distributions":         {delay(faults.Delay{Fixed: new(time.Second), Uniform: &faults.Uniform{Max: 1}}), "delay has 2 distributions", ""},
		"a delay of nothing":        {delay(faults.Delay{Fixed: new(time.Duration(0))}), "delay.fixed is 0s", ""},
		"a delay of two hours":      {delay(faults.Delay{Fixed: new(2 * time.Hour)}), "delay.fixed is 2h0m0s", ""},
		"a range upside down":       {delay(faults.Delay{Uniform: &faults.Uniform{Min: 2, Max: 1}}), "delay.uniform.max is 1ns, want 2ns", ""},
		"a negative deviation":      {delay(faults.Delay{Normal: &faults.Normal{Mean: 1, Stddev: -1}}), "delay.normal.stddev is -1ns", ""},
		"quantiles upside down":     {delay(faults.Delay{LogNormal: &faults.LogNormal{P50: 2, P99: 1}}), "delay.log_normal.p99 is 1ns, want 2ns", ""},
		"a median of nothing":       {delay(faults.Delay{LogNormal: &faults.LogNormal{P99: 1}}), "delay.log_normal.p50 is 0s", ""},
		"a mean of nothing":         {delay(faults.Delay{Exponential: &faults.Exponential{}}), "delay.exponential.mean is 0s", ""},
		"a shape of NaN":            {delay(faults.Delay{Pareto: &faults.Pareto{Min: 1, Shape: math.NaN()}}), "delay.pareto.shape is NaN", ""},
		"a shape of nothing":        {delay(faults.Delay{Pareto: &faults.Pareto{Min: 1}}), "delay.pareto.shape is 0", ""},
		"a bound that is too large": {delay(faults.Delay{Fixed: new(time.Second), Max: 2 * time.Hour}), "delay.max is", ""},
		"a normal delay":            {delay(faults.Delay{Normal: &faults.Normal{Mean: 1, Stddev: 1}, Max: 5}), "", ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := sound()
			test.spoil(&f)
			review := faults.ValidateAlone(f)
			checkProblems(t, "problems", review.Problems, test.problem)
			checkProblems(t, "warnings", review.Warnings, test.warning)
			if (review.Err() != nil) != (test.problem != "") {
				t.Errorf("Err() = %v", review.Err())
			}
		})
	}
}

func checkProblems(t *testing.T, what string, got faults.Problems, want string) {
	t.Helper()
	switch {
	case want == "" && len(got) > 0:
		t.Errorf("%s: got %v, want none", what, got)
	case want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), want)):
		t.Errorf("%s: got %q, want one with %q", what, got, want)
	}
}

func TestValidateTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	set := []faults.Fault{sound(), {Name: "busy", Trigger: faults.Trigger{Share: new(2.0)}}}
	got := faults.Validate(set).Err()
	want := `faults[1].share is 2, want 0 to 1; faults[1].answer is missing: want one of answer, soft_error, delay, break, throttle, truncate and corrupt; faults[1].name is "busy", which faults[0] has already`
	if got == nil || got.Error() != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

func TestSharesTogether(t *testing.T) {
	t.Parallel()
	fault := func(share float64, m faults.Match) faults.Fault {
		return faults.Fault{Match: m, Trigger: faults.Trigger{Share: &share}, Answer: &faults.Answer{Status: 503}}
	}
	on := func(endpoints ...string) faults.Match { return faults.Match{Endpoints: endpoints} }
	from := func(clients ...string) faults.Match { return faults.Match{Clients: clients} }
	breaking := func(at faults.BreakPoint) func(*faults.Fault) {
		return func(f *faults.Fault) { f.Answer, f.Break = nil, &faults.Break{How: faults.BreakReset, At: at} }
	}
	with := func(f faults.Fault, change func(*faults.Fault)) faults.Fault { change(&f); return f }
	for what, test := range map[string]struct {
		set     []faults.Fault
		problem string
		warning string
	}{
		"just 1 on the same":                {[]faults.Fault{fault(0.7, on("search")), fault(0.3, on("search"))}, "", ""},
		"ten tenths":                        {slicesRepeat(fault(0.1, on()), 10), "", ""},
		"above 1 on the same":               {[]faults.Fault{fault(0.7, on("search")), fault(0.4, on("search"))}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"above 1 on a part":                 {[]faults.Fault{fault(0.7, on("search", "lookup")), fault(0.4, on("search"))}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"above 1, the wider one last":       {[]faults.Fault{fault(0.4, on("search")), fault(0.7, on())}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"always beside a share":             {[]faults.Fault{{Answer: &faults.Answer{Status: 503}}, fault(0.1, on())}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"above 1 on different endpoints":    {[]faults.Fault{fault(0.7, on("search")), fault(0.7, on("lookup"))}, "", ""},
		"above 1 where lists meet":          {[]faults.Fault{fault(0.7, on("search", "genres")), fault(0.7, on("lookup", "search"))}, "", `faults[1].share may add up to 1.4 with "f0"`},
		"above 1 where a pattern may meet":  {[]faults.Fault{fault(0.7, from("a*")), fault(0.7, from("ab"))}, "", "faults[1].share may add up to 1.4"},
		"above 1 for the same client":       {[]faults.Fault{fault(0.7, from("a")), fault(0.7, from("a"))}, "faults[1].share adds up to 1.4", ""},
		"above 1 for different clients":     {[]faults.Fault{fault(0.7, from("a")), fault(0.7, from("b"))}, "", ""},
		"above 1 for one client and all":    {[]faults.Fault{fault(0.7, from("a")), fault(0.7, on())}, "faults[1].share adds up to 1.4", ""},
		"above 1 for hosts by case":         {[]faults.Fault{fault(0.7, faults.Match{Hosts: []string{"A.org"}}), fault(0.7, faults.Match{Hosts: []string{"a.ORG"}})}, "faults[1].share adds up to 1.4", ""},
		"above 1 on header values apart":    {[]faults.Fault{fault(0.7, faults.Match{Headers: map[string]string{"X": "1"}}), fault(0.7, faults.Match{Headers: map[string]string{"x": "2"}})}, "", ""},
		"above 1 on a header and any of it": {[]faults.Fault{fault(0.7, faults.Match{Headers: map[string]string{"X": "1"}}), fault(0.7, faults.Match{Headers: map[string]string{"x": "*"}})}, "faults[1].share adds up to 1.4", ""},
		"above 1 on repeatable parameters":  {[]faults.Fault{fault(0.7, faults.Match{Query: map[string]string{"q": "1"}}), fault(0.7, faults.Match{Query: map[string]string{"q": "2"}})}, "", "faults[1].share may add up"},
		"above 1, one disabled":             {[]faults.Fault{fault(0.7, on()), with(fault(0.7, on()), func(f *faults.Fault) { f.Disabled = true })}, "", ""},
		"above 1, one ends by its limit":    {[]faults.Fault{with(fault(0.7, on()), func(f *faults.Fault) { f.Trigger.Limit = 5 }), fault(0.7, on())}, "", "faults[1].share may add up"},
		"above 1, one counts":               {[]faults.Fault{with(fault(0, on()), func(f *faults.Fault) { f.Trigger = faults.Trigger{First: 3} }), fault(1, on())}, "", ""},
		"above 1, one breaks":               {[]faults.Fault{fault(0.7, on()), with(fault(0.4, on()), breaking(faults.BreakBefore))}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"above 1, one at accept":            {[]faults.Fault{fault(0.7, on()), with(fault(0.4, on()), breaking(faults.BreakAccept))}, "", ""},
		"above 1, both at accept":           {[]faults.Fault{with(fault(0.7, on()), breaking(faults.BreakAccept)), with(fault(0.4, on()), breaking(faults.BreakAccept))}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"above 1, one has a quota":          {[]faults.Fault{with(fault(0, on()), func(f *faults.Fault) { f.Trigger = faults.Trigger{Quota: &faults.Quota{Requests: 1}} }), fault(1, on())}, "", ""},
		"above 1, one bounds who is in":     {[]faults.Fault{with(fault(0.7, on()), func(f *faults.Fault) { f.Trigger.MaxActive = 1 }), fault(0.4, on())}, `faults[1].share adds up to 1.1 with "f0"`, ""},
		"above 1, one spoils": {[]faults.Fault{fault(0.7, on()), with(fault(0.7, on()), func(f *faults.Fault) {
			f.Answer, f.Throttle = nil, &faults.Throttle{BytesPerSecond: 1}
		})}, "", ""},
		"above 1, one delays": {[]faults.Fault{fault(0.7, on()), with(fault(0.7, on()), func(f *faults.Fault) {
			f.Answer, f.Delay = nil, &faults.Delay{Fixed: new(time.Second)}
		})}, "", ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for i := range test.set {
				test.set[i].Name = fmt.Sprintf("f%d", i)
			}
			review := faults.Validate(test.set)
			checkProblems(t, "problems", review.Problems, test.problem)
			checkProblems(t, "warnings", review.Warnings, test.warning)
		})
	}
}

func slicesRepeat(f faults.Fault, n int) []faults.Fault {
	set := make([]faults.Fault, n)
	for i := range set {
		set[i] = f
	}
	return set
}

func TestParseShare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"0": 0, "1": 1, "0.2": 0.2, "20%": 0.2, "100%": 1, "0%": 0, "7%": 0.07, "29%": 0.29, "99%": 0.99} {
		if got, err := faults.ParseShare(text); err != nil || got != want {
			t.Errorf("ParseShare(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	if got, err := faults.ParseShare(" 20 % "); err != nil || got != 0.2 {
		t.Errorf("ParseShare forgives no space: %v, %v", got, err)
	}
	for _, text := range []string{"", "%", "NaN", "nan%", "Inf", "1.1", "-0.1", "101%", "abc", "20%%", "0x", "0x1p-2", "1e-1", "1_0", strings.Repeat("9", 400)} {
		if got, err := faults.ParseShare(text); err == nil {
			t.Errorf("ParseShare(%q) = %v, want an error", text, got)
		}
	}
}

func BenchmarkValidateTenThousand(b *testing.B) {
	byClient := func(f *faults.Fault, i int) { f.Match.Clients = []string{fmt.Sprintf("client-%d", i)} }
	byHeader := func(f *faults.Fault, i int) { f.Match.Headers = map[string]string{"x": fmt.Sprint(i)} }
	for what, spread := range map[string]func(f *faults.Fault, i int){
		"clients":    byClient,
		"parameters": func(f *faults.Fault, i int) { f.Match.Query = map[string]string{"q": fmt.Sprint(i)} },
		"mixed": func(f *faults.Fault, i int) {
			f.Match.Endpoints = []string{[]string{"search", "lookup"}[i%2]}
			[]func(*faults.Fault, int){byClient, byHeader}[i%2](f, i)
		},
	} {
		b.Run(what, func(b *testing.B) {
			set := slicesRepeat(sound(), faults.MaxFaults)
			for i := range set {
				set[i].Name = fmt.Sprintf("f%d", i)
				set[i].Trigger.Share = new(0.001)
				spread(&set[i], i)
			}
			for b.Loop() {
				if err := faults.Validate(set).Err(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
