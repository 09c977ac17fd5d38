package faults_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// review validates a fault and holds what is found against the wanted field and
// text, "" for none.
func review(t *testing.T, f faults.Fault, problem, warning string) {
	t.Helper()
	got := faults.ValidateAlone(f)
	checkProblems(t, "problems", got.Problems, problem)
	checkProblems(t, "warnings", got.Warnings, warning)
}

func TestValidateEffects(t *testing.T) {
	t.Parallel()
	soft := func(s faults.SoftError, endpoints ...string) faults.Fault {
		return faults.Fault{SoftError: &s, Match: faults.Match{Endpoints: endpoints}}
	}
	breaking := func(how faults.BreakKind, at faults.BreakPoint) faults.Fault {
		return faults.Fault{Break: &faults.Break{How: how, At: at}}
	}
	for what, test := range map[string]struct {
		fault   faults.Fault
		problem string
		warning string
	}{
		"an answer after the upstream":  {faults.Fault{Answer: &faults.Answer{At: faults.SideAfter, Status: 503}}, "", ""},
		"an answer at another side":     {faults.Fault{Answer: &faults.Answer{At: "mid_body", Status: 503}}, `answer.at is "mid_body", want before or after`, ""},
		"a delay after the upstream":    {faults.Fault{Delay: &faults.Delay{At: faults.SideAfter, Fixed: new(time.Second)}}, "", ""},
		"a delay at another side":       {faults.Fault{Delay: &faults.Delay{At: "accept", Fixed: new(time.Second)}}, `delay.at is "accept", want before or after`, ""},
		"a soft error":                  {soft(faults.SoftError{}), "", ""},
		"an unknown soft code":          {soft(faults.SoftError{ErrorCode: "NO_SUCH"}), `soft_error.error_code is "NO_SUCH", which the API does not document`, ""},
		"an unknown item code":          {soft(faults.SoftError{Items: new(0.5), ItemCode: "NO_SUCH"}), `soft_error.item_code is "NO_SUCH"`, ""},
		"a soft code of others":         {soft(faults.SoftError{ErrorCode: groove.CodeCollectionFull}, groove.Search), "", "soft_error.error_code is COLLECTION_FULL, which search never sends"},
		"an item code of others":        {soft(faults.SoftError{Items: new(0.5), ItemCode: groove.CodeCatalogNoResult}, groove.CollectionAdd), "", "soft_error.item_code is CATALOG_NO_RESULT, which collection.add never sends"},
		"an item code without items":    {soft(faults.SoftError{ItemCode: groove.CodeCollectionInvalidID}), "", "soft_error.item_code has no effect without soft_error.items"},
		"no items":                      {soft(faults.SoftError{Items: new(0.0)}), "soft_error.items is 0, want above 0 to 1", ""},
		"too many items":                {soft(faults.SoftError{Items: new(1.1)}), "soft_error.items is 1.1", ""},
		"items NaN":                     {soft(faults.SoftError{Items: new(math.NaN())}), "soft_error.items is NaN", ""},
		"all items":                     {soft(faults.SoftError{Items: new(1.0)}), "", ""},
		"items of no batch":             {soft(faults.SoftError{Items: new(0.5)}, groove.Search, groove.PlaylistsDelete), "", "soft_error.items has no effect: search is no batch write"},
		"items of a batch among others": {soft(faults.SoftError{Items: new(0.5)}, groove.Search, groove.CollectionAdd), "", ""},
		"a soft message too long":       {soft(faults.SoftError{Message: strings.Repeat("x", 4097)}), "soft_error.message has 4097 bytes, want at most 4096", ""},
		"a soft message of no text":     {soft(faults.SoftError{Message: "\xff"}), "soft_error.message has 1 bytes", ""},
		"a reset before":                {breaking(faults.BreakReset, ""), "", ""},
		"a close at mid-body":           {breaking(faults.BreakClose, faults.BreakMidBody), "", ""},
		"a hang after the head":         {breaking(faults.BreakHang, faults.BreakAfterHead), "", ""},
		"a reset at accept":             {breaking(faults.BreakReset, faults.BreakAccept), "", ""},
		"a break of no kind":            {breaking("", faults.BreakBefore), "break.how is missing: want reset, close or hang", ""},
		"a break of another kind":       {breaking("rst", faults.BreakBefore), `break.how is "rst"`, ""},
		"a break elsewhere":             {breaking(faults.BreakReset, "never"), `break.at is "never", want accept, before, after, after_head or mid_body`, ""},
		"a throttle":                    {faults.Fault{Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: faults.MaxThrottleChunk}}, "", ""},
		"a throttle to nothing":         {faults.Fault{Throttle: &faults.Throttle{}}, "throttle.bytes_per_second is 0, want 1 or more", ""},
		"a chunk that is too large":     {faults.Fault{Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: faults.MaxThrottleChunk + 1}}, "throttle.chunk is 65537, want 0 to 65536", ""},
		"truncated at once":             {faults.Fault{Truncate: &faults.Truncate{Bytes: new(uint64(0))}}, "", ""},
		"truncated nowhere":             {faults.Fault{Truncate: &faults.Truncate{}}, "truncate has 0 positions, want exactly one of bytes and share", ""},
		"truncated twice":               {faults.Fault{Truncate: &faults.Truncate{Bytes: new(uint64(1)), Share: new(0.5)}}, "truncate has 2 positions", ""},
		"truncated below nothing":       {faults.Fault{Truncate: &faults.Truncate{Share: new(-0.1)}}, "truncate.share is -0.1, want 0 to 1", ""},
		"truncated at NaN":              {faults.Fault{Truncate: &faults.Truncate{Share: new(math.NaN())}}, "truncate.share is NaN", ""},
		"truncated in the middle":       {faults.Fault{Truncate: &faults.Truncate{Share: new(0.5)}}, "", ""},
		"corrupt bits":                  {faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptBits, Share: 1}}, "", ""},
		"corrupt without a kind":        {faults.Fault{Corrupt: &faults.Corrupt{}}, "corrupt.how is missing: want bits, json or length", ""},
		"corrupt of another kind":       {faults.Fault{Corrupt: &faults.Corrupt{How: "xml"}}, `corrupt.how is "xml"`, ""},
		"corrupt beyond all":            {faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptBits, Share: 1.1}}, "corrupt.share is 1.1, want 0 to 1", ""},
		"corrupt by NaN":                {faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptBits, Share: math.NaN()}}, "corrupt.share is NaN", ""},
		"a share of JSON":               {faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptJSON, Share: 0.5}}, "corrupt.share does not go with corrupt.how json", ""},
		"corrupt length":                {faults.Fault{Corrupt: &faults.Corrupt{How: faults.CorruptLength}}, "", ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			test.fault.Name = "f"
			review(t, test.fault, test.problem, test.warning)
		})
	}
}

func TestValidateTakesOneEffect(t *testing.T) {
	t.Parallel()
	names := []string{"answer", "soft_error", "delay", "break", "throttle", "truncate", "corrupt"}
	set := []func(*faults.Fault){
		func(f *faults.Fault) { f.Answer = &faults.Answer{Status: 503} },
		func(f *faults.Fault) { f.SoftError = &faults.SoftError{} },
		func(f *faults.Fault) { f.Delay = &faults.Delay{Fixed: new(time.Second)} },
		func(f *faults.Fault) { f.Break = &faults.Break{How: faults.BreakReset} },
		func(f *faults.Fault) { f.Throttle = &faults.Throttle{BytesPerSecond: 1} },
		func(f *faults.Fault) { f.Truncate = &faults.Truncate{Bytes: new(uint64(1))} },
		func(f *faults.Fault) { f.Corrupt = &faults.Corrupt{How: faults.CorruptJSON} },
	}
	for i := range set {
		f := faults.Fault{Name: "f"}
		set[i](&f)
		review(t, f, "", "")
		withQuota := f
		withQuota.Trigger.Quota = &faults.Quota{Requests: 1}
		want := names[i] + " does not go with quota: want answer, break or no effect"
		if names[i] == "answer" || names[i] == "break" {
			want = ""
		}
		review(t, withQuota, want, "")
		for j := range set[:i] {
			two := f
			set[j](&two)
			review(t, two, names[i]+" does not go with "+names[j], "")
		}
	}
}

func TestValidateAtAccept(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*faults.Fault){
		"match.endpoints": func(f *faults.Fault) { f.Match.Endpoints = []string{groove.Search} },
		"match.methods":   func(f *faults.Fault) { f.Match.Methods = []string{"GET"} },
		"match.hosts":     func(f *faults.Fault) { f.Match.Hosts = []string{"a"} },
		"match.path":      func(f *faults.Fault) { f.Match.Path = "/{all...}" },
		"match.query":     func(f *faults.Fault) { f.Match.Query = map[string]string{"q": "*"} },
		"match.headers":   func(f *faults.Fault) { f.Match.Headers = map[string]string{"x": "*"} },
		"match.clients":   func(f *faults.Fault) { f.Match.Clients = []string{"*"} },
		"attempts":        func(f *faults.Fault) { f.Trigger.Attempts = 1 },
		"quota":           func(f *faults.Fault) { f.Trigger.Quota = &faults.Quota{Requests: 1} },
	} {
		f := faults.Fault{Name: "f", Break: &faults.Break{How: faults.BreakReset, At: faults.BreakAccept}}
		change(&f)
		review(t, f, field+" does not go with break.at accept", "")
		f.Break.At = faults.BreakBefore
		review(t, f, "", "")
	}
	for _, trigger := range []faults.Trigger{{First: 1}, {Every: 2, Limit: 1}, {Share: new(0.5), MaxActive: 1}} {
		review(t, faults.Fault{Name: "f", Trigger: trigger, Break: &faults.Break{How: faults.BreakReset, At: faults.BreakAccept}}, "", "")
	}
}

func TestValidateQuota(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for what, test := range map[string]struct {
		trigger faults.Trigger
		problem string
	}{
		"a quota":                 {faults.Trigger{Quota: &faults.Quota{Requests: 1}}, ""},
		"all of it":               {faults.Trigger{Quota: &faults.Quota{Requests: 100, Per: hour, Burst: 10, All: true}, Limit: 3, MaxActive: 2}, ""},
		"no requests":             {faults.Trigger{Quota: &faults.Quota{}}, "quota.requests is 0, want 1 to 1000000000"},
		"too many requests":       {faults.Trigger{Quota: &faults.Quota{Requests: faults.MaxQuota + 1}}, "quota.requests is 1000000001"},
		"the most requests":       {faults.Trigger{Quota: &faults.Quota{Requests: faults.MaxQuota, Per: faults.MaxTTL}}, ""},
		"a period too short":      {faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: time.Millisecond - 1}}, "quota.per is 999.999µs, want 1ms to 720h0m0s"},
		"the shortest period":     {faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: time.Millisecond}}, ""},
		"a negative period":       {faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: -1}}, "quota.per is -1ns"},
		"a period too long":       {faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: faults.MaxTTL + 1}}, "quota.per is 720h0m0.000000001s"},
		"a burst too large":       {faults.Trigger{Quota: &faults.Quota{Requests: 1, Burst: faults.MaxQuota + 1}}, "quota.burst is 1000000001, want at most 1000000000"},
		"a burst that takes ages": {faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: faults.MaxTTL, Burst: 2}}, "quota.burst is 2, which takes longer than 720h0m0s to fill"},
		"a burst beyond count":    {faults.Trigger{Quota: &faults.Quota{Requests: 1, Per: faults.MaxTTL, Burst: faults.MaxQuota}}, "quota.burst is 1000000000, which takes longer"},
		"with share":              {faults.Trigger{Quota: &faults.Quota{Requests: 1}, Share: new(0.5)}, "quota does not go with share: want at most one of share, first, every and quota"},
		"with first":              {faults.Trigger{Quota: &faults.Quota{Requests: 1}, First: 1}, "quota does not go with first"},
		"with every":              {faults.Trigger{Quota: &faults.Quota{Requests: 1}, Every: 1}, "quota does not go with every"},
		"with attempts":           {faults.Trigger{Quota: &faults.Quota{Requests: 1}, Attempts: 1}, "attempts does not go with quota"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			review(t, faults.Fault{Name: "f", Trigger: test.trigger}, test.problem, "")
		})
	}
}

func TestAQuotaAnswersWithoutAStatus(t *testing.T) {
	t.Parallel()
	f := faults.Fault{Name: "f", Trigger: faults.Trigger{Quota: &faults.Quota{Requests: 1}}, Answer: &faults.Answer{Message: "slow down"}}
	review(t, f, "", "")
	f.Answer.Status = 200
	review(t, f, "answer.error_code is missing: a 200 wants error_code or body", "")
	f.Answer.Status, f.Trigger.Quota = 0, nil
	review(t, f, "answer.status is missing", "")
}
