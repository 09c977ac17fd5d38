package inject_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
)

// The faults of these tests, by name.
func spoilers() map[string]faults.Fault {
	return map[string]faults.Fault{
		"soft":     {SoftError: &faults.SoftError{}},
		"items":    {SoftError: &faults.SoftError{Items: new(1.0)}},
		"json":     {Corrupt: &faults.Corrupt{How: faults.CorruptJSON}},
		"bits":     {Corrupt: &faults.Corrupt{How: faults.CorruptBits}},
		"allbits":  {Corrupt: &faults.Corrupt{How: faults.CorruptBits, Share: 1}},
		"length":   {Corrupt: &faults.Corrupt{How: faults.CorruptLength}},
		"none":     {Truncate: &faults.Truncate{Bytes: new(uint64(0))}},
		"three":    {Truncate: &faults.Truncate{Bytes: new(uint64(3))}},
		"ten":      {Truncate: &faults.Truncate{Bytes: new(uint64(10))}},
		"half":     {Truncate: &faults.Truncate{Share: new(0.5)}},
		"throttle": {Throttle: &faults.Throttle{BytesPerSecond: 4, Chunk: 2}},
		"fast":     {Throttle: &faults.Throttle{BytesPerSecond: 4, Chunk: 7}},
		"spent":    {Corrupt: &faults.Corrupt{How: faults.CorruptLength}, ExpiresAt: noon},
		"slower":   {Throttle: &faults.Throttle{BytesPerSecond: 2, Chunk: 4}},
		"expired":  {Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 1}, ExpiresAt: noon},
		"expires":  {Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 1}, ExpiresAt: noon.Add(2500 * time.Millisecond)},
	}
}

func spoils(t tester, names string) []faults.Spoil {
	t.Helper()
	var list []faults.Spoil
	for i, name := range strings.Fields(names) {
		f, ok := spoilers()[name]
		if !ok {
			t.Fatalf("there is no fault %s", name)
		}
		f.Name = name
		list = append(list, faults.Spoil{Fault: &faults.Active{Fault: f}, Key: uint64(i)})
	}
	return list
}

// outcome is what a data path made of a plan.
type outcome struct {
	Length int64
	Body   string
	Took   time.Duration
	End    bool
	Struck string
	Missed string
}

// relay does what a data path does, the body coming in pieces.
func relay(p *inject.Plan, pieces ...[]byte) outcome {
	var o outcome
	if p.Whole() {
		var ahead []byte
		for len(pieces) > 0 && len(ahead) < faults.MaxSpoiled {
			ahead, pieces = append(ahead, pieces[0]...), pieces[1:]
		}
		pieces = append([][]byte{p.Rewrite(ahead, len(pieces) == 0)}, pieces...)
	}
	o.Length = p.Length()
	s := p.Stream(noon)
	o.End = s.Next(nil, 0).End
	for _, piece := range pieces {
		for len(piece) > 0 && !o.End {
			step := s.Next(piece, o.Took)
			o.Body += string(piece[:step.N])
			o.End = step.End
			o.Took += step.Wait
			piece = piece[step.N:]
		}
	}
	if !o.End {
		o.End = s.Finish()
	}
	var struck, missed []string
	for _, a := range p.Struck() {
		struck = append(struck, a.Fault.Name)
	}
	for _, m := range p.Missed() {
		missed = append(missed, m.Fault.Fault.Name+": "+m.Why)
	}
	o.Struck, o.Missed = strings.Join(struck, " "), strings.Join(missed, "; ")
	return o
}

const softened = `{"Error":{"ErrorCode":"UNAUTHORIZED_INPUT_PARAMETER","Description":"A parameter this caller may not use"},"A":1}`

func TestPlan(t *testing.T) {
	t.Parallel()
	const body = `{"A":1}`
	second := time.Second
	for name, test := range map[string]struct {
		faults  string
		unknown bool
		reply   inject.Reply
		want    outcome
	}{
		"nothing":                     {faults: "", want: outcome{Length: 7, Body: body}},
		"a soft error":                {faults: "soft", want: outcome{Length: 112, Body: softened, Struck: "soft"}},
		"a soft error, chunked":       {faults: "soft", unknown: true, want: outcome{Length: -1, Body: softened, Struck: "soft"}},
		"a soft error in a batch":     {faults: "items", want: outcome{Length: 7, Body: body, Missed: "items: the body has no results of a batch write"}},
		"no soft error in a 503":      {faults: "soft", reply: inject.Reply{Status: 503}, want: outcome{Length: 7, Body: body, Missed: "soft: the status is 503, not 200"}},
		"no soft error in an image":   {faults: "soft json", reply: inject.Reply{ContentType: "image/png"}, want: outcome{Length: 7, Body: body, Missed: `soft: the content type is "image/png"; json: the content type is "image/png"`}},
		"no invalid JSON in XML":      {faults: "json", reply: inject.Reply{ContentType: "text/xml; charset=x"}, want: outcome{Length: 7, Body: body, Missed: `json: the content type is "text/xml; charset=x"`}},
		"JSON by another name":        {faults: "json", reply: inject.Reply{ContentType: "application/problem+json"}, want: outcome{Length: 7, Body: `{"A":1]`, Struck: "json"}},
		"an odd coding":               {faults: "soft", reply: inject.Reply{ContentEncoding: "br"}, want: outcome{Length: 7, Body: body, Missed: `soft: the content coding is "br", want none or gzip`}},
		"invalid JSON in a 503":       {faults: "json", reply: inject.Reply{Status: 503}, want: outcome{Length: 7, Body: `{"A":1]`, Struck: "json"}},
		"invalid JSON, then an Error": {faults: "json soft", want: outcome{Length: 112, Body: softened[:111] + "]", Struck: "soft json"}},
		"wrong length":                {faults: "length", want: outcome{Length: 3, Body: body, End: true, Struck: "length"}},
		"wrong length, chunked":       {faults: "length", unknown: true, want: outcome{Length: 3, Body: body, End: true, Struck: "length"}},
		"wrong length of what it is":  {faults: "length soft", want: outcome{Length: 56, Body: softened, End: true, Struck: "soft length"}},
		"truncated":                   {faults: "three", want: outcome{Length: 7, Body: `{"A`, End: true, Struck: "three"}},
		"truncated, chunked":          {faults: "three", unknown: true, want: outcome{Length: -1, Body: `{"A`, End: true, Struck: "three"}},
		"truncated at once":           {faults: "none", want: outcome{Length: 7, End: true, Struck: "none"}},
		"truncated behind the end":    {faults: "ten", want: outcome{Length: 7, Body: body, Missed: "ten: the body ends before"}},
		"truncated behind, chunked":   {faults: "ten", unknown: true, want: outcome{Length: -1, Body: body, Missed: "ten: the body ends before"}},
		"truncated twice":             {faults: "ten three", want: outcome{Length: 7, Body: `{"A`, End: true, Struck: "three", Missed: "ten: the body ends before"}},
		"truncated twice, chunked":    {faults: "ten three", unknown: true, want: outcome{Length: -1, Body: `{"A`, End: true, Struck: "three"}},
		"half":                        {faults: "half", want: outcome{Length: 7, Body: `{"A`, End: true, Struck: "half"}},
		"half, chunked":               {faults: "half", unknown: true, want: outcome{Length: -1, Body: `{"A`, End: true, Struck: "half"}},
		"half of a longer body":       {faults: "half soft", want: outcome{Length: 112, Body: softened[:56], End: true, Struck: "soft half"}},
		"half and wrong length":       {faults: "length half", want: outcome{Length: 3, Body: `{"A`, End: true, Struck: "length half"}},
		"throttled":                   {faults: "throttle", want: outcome{Length: 7, Body: body, Took: 5 * second / 4, Struck: "throttle"}},
		"throttled twice":             {faults: "slower throttle", want: outcome{Length: 7, Body: body, Took: 5 * second / 2, Struck: "slower throttle"}},
		"throttled and truncated":     {faults: "throttle three", want: outcome{Length: 7, Body: `{"A`, Took: second / 2, End: true, Struck: "three throttle"}},
		"throttled in one chunk":      {faults: "fast throttle", want: outcome{Length: 7, Body: body, Took: 5 * second / 4, Struck: "fast throttle"}},
		"expired before":              {faults: "spent", want: outcome{Length: 7, Body: body, Missed: "spent: the fault went before it struck"}},
		"gone before":                 {faults: "expired", want: outcome{Length: 7, Body: body, Missed: "expired: the fault went before it struck"}},
		"gone on the way":             {faults: "expires", want: outcome{Length: 7, Body: body, Took: 5 * second / 2, Struck: "expires"}},
		"an answer to HEAD":           {faults: "soft bits none", reply: inject.Reply{Method: "HEAD"}, want: outcome{Length: 7, Missed: "soft: the answer has no body; bits: the answer has no body; none: the answer has no body"}},
		"a 204":                       {faults: "throttle", reply: inject.Reply{Status: 204}, want: outcome{Length: 7, Missed: "throttle: the answer has no body"}},
		"a 304":                       {faults: "length", unknown: true, reply: inject.Reply{Status: 304}, want: outcome{Length: -1, Missed: "length: the answer has no body"}},
		"a 101":                       {faults: "bits", reply: inject.Reply{Status: 101}, want: outcome{Length: 7, Missed: "bits: the answer has no body"}},
		"a tunnel":                    {faults: "bits", reply: inject.Reply{Method: "CONNECT"}, want: outcome{Length: 7, Missed: "bits: the answer has no body"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reply := test.reply
			reply.Length, reply.Now = int64(len(body)), noon
			if test.unknown {
				reply.Length = -1
			}
			if reply.Status == 0 {
				reply.Status = 200
			}
			pieces := [][]byte{[]byte(body[:5]), []byte(body[5:])}
			if strings.Contains(test.want.Missed, "no body") {
				pieces = nil
			}
			if diff := cmp.Diff(test.want, relay(inject.NewPlan(spoils(t, test.faults), reply), pieces...)); diff != "" {
				t.Errorf("the outcome differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThrottleOfOneChunkHasNotStruck(t *testing.T) {
	t.Parallel()
	got := relay(inject.NewPlan(spoils(t, "fast"), inject.Reply{Status: 200, Length: 7, Now: noon}), make([]byte, 7))
	if got.Took != 0 || got.Struck != "" || got.Missed != "fast: the body had nothing to wait for" {
		t.Errorf("got %+v, want nothing struck and why", got)
	}
}

func TestPlanKnowsAnswersWithoutBodyByTheirHead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reply inject.Reply
		body  bool
	}{
		"HEAD":              {inject.Reply{Method: "HEAD", Status: 200, Length: 5}, false},
		"a tunnel":          {inject.Reply{Method: "CONNECT", Status: 200, Length: -1}, false},
		"a refused tunnel":  {inject.Reply{Method: "CONNECT", Status: 403, Length: -1}, true},
		"100":               {inject.Reply{Status: 100, Length: -1}, false},
		"204":               {inject.Reply{Status: 204, Length: -1}, false},
		"304":               {inject.Reply{Status: 304, Length: 5}, false},
		"length 0":          {inject.Reply{Status: 200}, false},
		"a 500 with a body": {inject.Reply{Status: 500, Length: 1}, true},
		"a 200, chunked":    {inject.Reply{Status: 200, Length: -1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := inject.NewPlan(spoils(t, "bits throttle ten json length"), test.reply)
			missed := 0
			for _, m := range p.Missed() {
				if m.Why == "the answer has no body" {
					missed++
				}
			}
			if want := map[bool]int{true: 0, false: 5}[test.body]; missed != want || p.Whole() != test.body {
				t.Errorf("got %d faults missed for want of a body and %t, want %d and %t", missed, p.Whole(), want, test.body)
			}
		})
	}
}

func TestPlanReadsNothingAheadThatIsTooLong(t *testing.T) {
	t.Parallel()
	for length, want := range map[int64]bool{faults.MaxSpoiled: true, faults.MaxSpoiled + 1: false} {
		p := inject.NewPlan(spoils(t, "soft json length half"), inject.Reply{Status: 200, Length: length, Now: noon})
		if got := p.Whole(); got != want {
			t.Errorf("%d bytes: got %t, want %t", length, got, want)
		}
	}
}

func TestStreamOutlivesItsFaults(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ten", "allbits", "throttle"} {
		list := spoils(t, name)
		list[0].Fault.Fault.ExpiresAt = noon.Add(time.Second)
		s := inject.NewPlan(list, inject.Reply{Status: 200, Length: 20, Now: noon}).Stream(noon)
		body := make([]byte, 20)
		if step := s.Next(body, time.Second); step != (inject.Step{N: 20}) || !bytes.Equal(body, make([]byte, 20)) {
			t.Errorf("%s: got %+v and %q after its lifetime, want all of the body as it was", name, step, body)
		}
	}
}

func TestPlanOfAnEmptyChunkedBody(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]string{
		"soft": "no body", "json": "no body", "bits": "no body", "length": "no body", "half": "no body", "ten": "no body", "throttle": "no body",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := relay(inject.NewPlan(spoils(t, name), inject.Reply{Status: 200, Length: -1, Now: noon}))
			if got.Length != -1 || got.End || got.Struck != "" || !strings.Contains(got.Missed, why) {
				t.Errorf("got %+v, want nothing struck because there is %s", got, why)
			}
		})
	}
}

// A body over the bound passes as it is, but for what needs no whole.
func TestPlanOfALongBody(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("a"), faults.MaxSpoiled+10)
	pieces := func() [][]byte {
		return [][]byte{slices.Clone(body[:faults.MaxSpoiled]), slices.Clone(body[faults.MaxSpoiled:])}
	}
	for name, test := range map[string]struct {
		length int64
		want   outcome
	}{
		"soft json half": {-1, outcome{
			Length: -1, Body: string(body[:faults.MaxSpoiled/2]), End: true, Struck: "half",
			Missed: "soft: the body has over 8388608 bytes; json: the body has over 8388608 bytes",
		}},
		"length": {-1, outcome{Length: -1, Body: string(body), Missed: "length: the body has over 8388608 bytes"}},
		"soft length": {int64(len(body)), outcome{
			Length: int64(len(body)) / 2, Body: string(body), End: true, Struck: "length",
			Missed: "soft: the body has over 8388608 bytes",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := relay(inject.NewPlan(spoils(t, name), inject.Reply{Status: 200, Length: test.length, Now: noon}), pieces()...)
			if len(got.Body) != len(test.want.Body) || got.Body != test.want.Body {
				t.Errorf("got %d bytes, want %d", len(got.Body), len(test.want.Body))
			}
			got.Body, test.want.Body = "", ""
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the outcome differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlanOfABodyThatBrokeOff(t *testing.T) {
	t.Parallel()
	p := inject.NewPlan(spoils(t, "soft length"), inject.Reply{Status: 200, Length: -1, Now: noon})
	if got := p.Rewrite([]byte(`{"A"`), false); string(got) != `{"A"` || p.Length() != -1 {
		t.Errorf("got %q of length %d, want it as it was", got, p.Length())
	}
	for _, m := range p.Missed() {
		if m.Why != "the body broke off" {
			t.Errorf("%s: got %q, want that the body broke off", m.Fault.Fault.Name, m.Why)
		}
	}
	if got := len(p.Missed()); got != 2 {
		t.Errorf("got %d faults missed, want both", got)
	}
}

// goner is a fault that go lets go.
func goner(t tester, name string) (spoil faults.Spoil, release func()) {
	t.Helper()
	f := spoilers()[name]
	f.Name = name
	engine := faults.NewEngine(1)
	if err := engine.Apply([]faults.Fault{f}); err != nil {
		t.Fatal(err)
	}
	d := engine.Decide(&faults.Exchange{Method: "GET", Path: "/", Now: noon})
	if len(d.Spoils) != 1 {
		t.Fatalf("got %+v, want one spoil", d)
	}
	return d.Spoils[0], func() { engine.Brake(true) }
}

func TestPlanLetsGo(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]int{"throttle": 2, "slower": 4, "ten": 8, "allbits": 8} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spoil, release := goner(t, name)
			p := inject.NewPlan([]faults.Spoil{spoil}, inject.Reply{Status: 200, Length: 20, Now: noon})
			s := p.Stream(noon)
			body := bytes.Repeat([]byte("a"), 20)
			step := s.Next(body[:8], 0)
			if step.N != sent || step.End {
				t.Fatalf("got %+v, want %d bytes", step, sent)
			}
			release()
			if step := s.Next(body[sent:], 0); step != (inject.Step{N: 20 - sent}) {
				t.Errorf("got %+v when the fault went, want all the rest at once", step)
			}
			if !bytes.Equal(body[sent:], bytes.Repeat([]byte("a"), 20-sent)) {
				t.Errorf("got %q, want the rest as it was", body)
			}
		})
	}
}

func TestPlanOfAFaultThatIsGone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"soft", "json", "bits", "length", "three", "throttle"} {
		spoil, release := goner(t, name)
		release()
		body := []byte(`{"A":1}`)
		got := relay(inject.NewPlan([]faults.Spoil{spoil}, inject.Reply{Status: 200, Length: 7, Now: noon}), body)
		if got.Body != `{"A":1}` || got.Length != 7 || got.Struck != "" || !strings.Contains(got.Missed, "went before") {
			t.Errorf("%s: got %+v, want the body as it was", name, got)
		}
	}
	// One that goes while the body is read ahead.
	spoil, release := goner(t, "soft")
	p := inject.NewPlan([]faults.Spoil{spoil}, inject.Reply{Status: 200, Length: 2, Now: noon})
	release()
	if got := p.Rewrite([]byte(`{}`), true); string(got) != `{}` || len(p.Struck()) > 0 {
		t.Errorf("got %q, want it as it was", got)
	}
}

func TestPlanSaysWhoHoldsBack(t *testing.T) {
	t.Parallel()
	list := spoils(t, "throttle slower")
	s := inject.NewPlan(list, inject.Reply{Status: 200, Length: -1, Now: noon}).Stream(noon)
	s.Next(make([]byte, 9), 0)
	if got := s.Next(make([]byte, 7), 250*time.Millisecond); got.Wait != 750*time.Millisecond || got.By != list[1].Fault || got.N != 0 {
		t.Errorf("got %+v, want to wait for the slower one", got)
	}
}

// However the body is cut and whatever spoils it, what goes out is the same, the
// first bytes of what one piece would give, and the declared length follows
// from the body.
func TestPlanDoesNotDependOnTheCut(t *testing.T) {
	t.Parallel()
	names := []string{"soft", "json", "bits", "allbits", "length", "three", "ten", "half", "throttle", "none"}
	rapid.Check(t, func(t *rapid.T) {
		chosen := strings.Join(rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(t, "faults"), " ")
		body, _ := drawObject(t)
		reply := inject.Reply{Status: rapid.SampledFrom([]int{200, 500}).Draw(t, "status"), Length: int64(len(body)), Now: noon}
		if rapid.Bool().Draw(t, "gzip") {
			reply.ContentEncoding, body = "gzip", packed(body)
			reply.Length = int64(len(body))
		}
		if rapid.Bool().Draw(t, "chunked") {
			reply.Length = -1
		}
		one := relay(inject.NewPlan(spoils(t, chosen), reply), slices.Clone(body))
		var pieces [][]byte
		for rest := slices.Clone(body); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			pieces, rest = append(pieces, rest[:n:n]), rest[n:]
		}
		many := relay(inject.NewPlan(spoils(t, chosen), reply), pieces...)
		// Small pieces pass a throttle in smaller chunks.
		one.Took, many.Took = 0, 0
		one.Struck, many.Struck = without(one.Struck, "throttle"), without(many.Struck, "throttle")
		one.Missed, many.Missed = without(one.Missed, "throttle"), without(many.Missed, "throttle")
		if diff := cmp.Diff(one, many); diff != "" {
			t.Fatalf("%s: pieces differ from one (-one +many):\n%s", chosen, diff)
		}
		if many.End != (strings.Contains(many.Struck, "length") || int64(len(many.Body)) < max(many.Length, 0) || cutAtAll(many.Struck)) {
			t.Fatalf("%s: got %+v, want the end exactly when length or truncate struck", chosen, many)
		}
	})
}

func without(text, word string) string {
	before, _, _ := strings.Cut(text, word)
	return strings.Trim(before, " ;")
}

func cutAtAll(struck string) bool {
	return slices.ContainsFunc(strings.Fields(struck), func(name string) bool {
		return name == "three" || name == "ten" || name == "half" || name == "none"
	})
}

func TestPlanOnAnswersOfTheStandIn(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"", "&jsonp=tell", "&contentType=xml"} {
		for _, gzipped := range []bool{false, true} {
			m, header := fetch(t, searchFor+form, "", gzipped)
			reply := inject.Reply{
				Method: "GET", Endpoint: m.Endpoint, Status: 200, Now: noon, Length: int64(len(m.Body)),
				ContentType: header.Get("Content-Type"), ContentEncoding: m.ContentEncoding,
			}
			got := relay(inject.NewPlan(spoils(t, "soft json length"), reply), m.Body)
			text := []byte(got.Body)
			if gzipped {
				text = unpacked(t, text)
			}
			if class := groove.Classify(200, text); class.Code != groove.CodeCatalogInvalidData {
				t.Errorf("%q: got %+v, want a soft error", form, class)
			}
			want := "soft json length"
			if form == "&contentType=xml" {
				want = "soft length"
			} else if inside := bytes.TrimSuffix(bytes.TrimPrefix(text, []byte("tell(")), []byte(");")); json.Valid(inside) {
				t.Errorf("%q: got valid JSON", form)
			}
			if got.Struck != want || got.Length != int64(len(got.Body))/2 || !got.End {
				t.Errorf("%q: got %s with length %d of %d, want %s and half", form, got.Struck, got.Length, len(got.Body), want)
			}
		}
	}
}

func BenchmarkStream(b *testing.B) {
	list := spoils(b, "bits")
	piece := make([]byte, 32<<10)
	b.SetBytes(int64(len(piece)))
	b.ReportAllocs()
	for b.Loop() {
		inject.NewPlan(list, inject.Reply{Status: 200, Length: -1, Now: noon}).Stream(noon).Next(piece, 0)
	}
}
