package cli

import (
	"testing"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestEffectWord(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]*pb.Fault{
		"answer 503":                         {Answer: &pb.Answer{Status: 503, At: "before"}},
		"answer 429 TOO_MANY_REQUESTS after": {Answer: &pb.Answer{Status: 429, ErrorCode: "TOO_MANY_REQUESTS", At: "after"}},
		"answer 429":                         {Quota: &pb.Quota{Requests: 1}},
		"delay":                              {Delay: &pb.Delay{}},
		"delay after":                        {Delay: &pb.Delay{At: "after"}},
		"soft error":                         {SoftError: &pb.SoftError{}},
		"soft error CATALOG_NO_RESULT 50% of items COLLECTION_INVALID_ID": {SoftError: &pb.SoftError{
			ErrorCode: "CATALOG_NO_RESULT", Items: new(0.5), ItemCode: "COLLECTION_INVALID_ID",
		}},
		"break close":           {Break: &pb.Break{How: "close"}},
		"break hang after head": {Break: &pb.Break{How: "hang", At: "after_head"}},
		"throttle 10 B/s":       {Throttle: &pb.Throttle{BytesPerSecond: 10, Chunk: 5}},
		"truncate at 0%":        {Truncate: &pb.Truncate{Share: new(0.0)}},
		"truncate at 0 B":       {Truncate: &pb.Truncate{Bytes: new(uint64(0))}},
		"truncate at 33.33%":    {Truncate: &pb.Truncate{Share: new(1.0 / 3)}},
		"corrupt length":        {Corrupt: &pb.Corrupt{How: "length"}},
	} {
		if got := effectWord(f); got != want {
			t.Errorf("%v is %q, want %q", f, got, want)
		}
	}
}

func TestStatusWord(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]*pb.Attempt{
		"503":         {Status: 503, End: "complete"},
		"reset":       {Break: "reset", BreakAt: "after", End: "broken"},
		"200 close":   {Status: 200, Break: "close", BreakAt: "mid_body", End: "broken"},
		"client left": {End: "client_left"},
	} {
		if got := statusWord(a); got != want {
			t.Errorf("%v is %q, want %q", a, got, want)
		}
	}
}

func TestUseWord(t *testing.T) {
	t.Parallel()
	for want, u := range map[string]*pb.FaultUse{
		"matched 0, fired 0":                    nil,
		"matched 5, fired 3":                    {Matched: 5, Fired: 3},
		"matched 5, fired 3, over max_active 2": {Matched: 5, Fired: 3, Overflow: 2},
	} {
		if got := useWord(u); got != want {
			t.Errorf("%v is %q, want %q", u, got, want)
		}
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/home/me/.config/ca.pem": "/home/me/.config/ca.pem",
		"/home/my files/ca.pem":   "'/home/my files/ca.pem'",
		"it's":                    `'it'\''s'`,
		"$(true)":                 "'$(true)'",
		"":                        "''",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
