package observe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
)

// section is a header section in order: the simplest that is a FieldList.
type section [][2]string

func (s section) Value(name string) (string, bool) {
	for _, field := range s {
		if strings.EqualFold(field[0], name) {
			return field[1], true
		}
	}
	return "", false
}

func (s section) Len() int { return len(s) }

func (s section) At(i int) (name, value string) { return s[i][0], s[i][1] }

// unlisted hides that a header section can be read field by field.
type unlisted struct{ section section }

func (u unlisted) Value(name string) (string, bool) { return u.section.Value(name) }

// plainSight is what the functions say that Scratch.Of puts together.
func plainSight(identity *Identity, r *Request) Sight {
	s := Sight{Client: identity.Of(*r), Target: plainTarget(r.Path, r.Query), Counter: NoCounter}
	if r.Header != nil {
		s.CallID, s.CallIDHeader, s.Counter = ExplicitCall(r.Header)
		s.IdempotencyKey, s.RequestID, s.Trace = IdempotencyKey(r.Header), RequestID(r.Header), Trace(r.Header)
		_, s.TraceParent = traceContext(r.Header)
	}
	if list, ok := r.Header.(FieldList); ok {
		s.Headers = plainHeaders(list)
	}
	return s
}

// checkSights looks at requests one after the other, in one memory that is overwritten in between.
func checkSights(t interface{ Fatalf(string, ...any) }, identities []*Identity, requests []Request) {
	var s Scratch
	var got Sight
	for i := range requests {
		r, identity := requests[i], identities[i%len(identities)]
		s.Of(identity, &r, &got)
		if want := plainSight(identity, &r); got != want {
			t.Fatalf("request %d, %+v:\n%s", i, r, cmp.Diff(want, got))
		}
	}
}

var drawnNames = slices.Concat(sentFields, []string{"user-agent", "AUTHORIZATION", "x-team", "X-Team", "Accept-Encoding", "Host", "Connection", "content-type", "A", "a", ""})

func drawRequest(t *rapid.T) Request {
	word := rapid.SampledFrom([]string{
		"", " ", "a", "b", "Bearer abc", "bearer  abc", "Basic YTpi", "OAuth oauth_consumer_key=\"k\", n=\"1\"", "Digest username=x, n=2", "tok",
		"0", "1", "attempt=2; max=3", "eyJ.a.b", strings.Repeat("x", 130), "ü", "a/1.0 (x)",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "x-team, a", "Multipart/x ; boundary=a",
	})
	var h section
	for range rapid.IntRange(0, 6).Draw(t, "fields") {
		h = append(h, [2]string{rapid.SampledFrom(drawnNames).Draw(t, "name"), word.Draw(t, "value")})
	}
	r := Request{
		Method: "GET", Path: rapid.SampledFrom([]string{"", "/", "/1/x", "/%61 b", "/Basic x/eyJ.."}).Draw(t, "path"),
		Query:      strings.Join(rapid.SliceOfN(drawParameter(), 0, 4).Draw(t, "query"), "&"),
		RemoteAddr: rapid.SampledFrom([]string{"", "10.0.0.1", "10.0.0.2"}).Draw(t, "address"),
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
	case 1, 2, 3:
		r.Header = unlisted{h}
	default:
		r.Header = h
	}
	return r
}

func drawParameter() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		name := rapid.SampledFrom([]string{"", "q", "a", "B", "accessToken", "ACCESS%54oken", "code", "to", "jsonp", "_", "x-token", "continuationToken", "%c3"}).Draw(t, "name")
		value := rapid.SampledFrom([]string{"", "=", "=x", "=y+z", "=%61%2f", "=Bearer+s", "=~01234567", "=https://h/?code=1", "=a%3Fkey%3Db", "=eyJ.b.c", ";b=1", "=1;a;_=2"}).Draw(t, "value")
		return name + value
	})
}

func testIdentities(t testing.TB) []*Identity {
	t.Helper()
	var list []*Identity
	for _, rules := range [][]string{nil, {"header:x-team", "address"}, {"header:user-agent", "header:X-Request-Id", "credential"}} {
		identity, err := NewIdentity(rules)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, &identity)
	}
	return list
}

// TestScratchAgrees holds the law of Scratch: whatever came before on the connection, it says
// what the functions say.
func TestScratchAgrees(t *testing.T) {
	t.Parallel()
	identities := testIdentities(t)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(1, len(identities)).Draw(t, "identities")
		few := rapid.SliceOfN(rapid.Custom(drawRequest), 1, 4).Draw(t, "requests")
		order := rapid.SliceOfN(rapid.SampledFrom(few), 1, 20).Draw(t, "order")
		checkSights(t, identities[:from], order)
	})
}

func FuzzScratch(f *testing.F) {
	f.Add("Bearer a", "Bearer b", "/1/x", "q=1&a=2", "q=1&accessToken=x", "10.0.0.1", "key", "id")
	f.Add("", "OAuth n=1", "/%zz", "accesstoken=a%20b", "accesstoken=a", "", " ", "Basic x")
	f.Add("x", "x", "/a", "to=b%3Fcode%3D1&_=2;sig=", "&;=&a;b", "::1", "~01234567", "eyJ..")
	f.Fuzz(func(t *testing.T, authorization, other, path, query, otherQuery, address, key, id string) {
		one := Request{Path: path, Query: query, RemoteAddr: address, Header: section{{"authorization", authorization}, {"X-Team", id}}}
		two := Request{Path: path, Query: otherQuery, RemoteAddr: address, Header: section{
			{"Authorization", other}, {"user-agent", id}, {"Idempotency-Key", key}, {"x-request-id", id}, {"Retry-Attempt", address}, {"x-groovechaos-call", key},
		}}
		three := Request{Path: otherQuery, Query: path, RemoteAddr: key, Header: unlisted{section{{"User-Agent", other}, {"amz-sdk-invocation-id", id}, {"amz-sdk-request", query}}}}
		checkSights(t, testIdentities(t)[:2], []Request{one, two, one, one, three, two, one, three, three, two})
	})
}

// TestSightHoldsUntilTheNext overwrites the request's memory: nothing of the sight may change.
func TestSightHoldsUntilTheNext(t *testing.T) {
	t.Parallel()
	raw := []byte("Bearer abc|agent/1|id-1|key-1|/1/x|q=1|10.0.0.1")
	part := func(from, to int) string { return view(raw[from:to]) }
	r := Request{Path: part(30, 34), Query: part(35, 38), RemoteAddr: part(39, 47), Header: section{
		{"Authorization", part(0, 10)}, {"User-Agent", part(11, 18)}, {"x-request-id", part(19, 23)}, {"X-Groovechaos-Call", part(24, 29)},
	}}
	var s Scratch
	var identity Identity
	var got Sight
	s.Of(&identity, &r, &got)
	want := plainSight(&identity, &Request{Path: "/1/x", Query: "q=1", RemoteAddr: "10.0.0.1", Header: section{
		{"Authorization", "Bearer abc"}, {"User-Agent", "agent/1"}, {"x-request-id", "id-1"}, {"X-Groovechaos-Call", "key-1"},
	}})
	copy(raw, strings.Repeat("#", len(raw)))
	if got != want {
		t.Errorf("the sight changed with the request:\n%s", cmp.Diff(want, got))
	}
}

func TestScratchForgetsWhatIsUnusual(t *testing.T) {
	t.Parallel()
	var s Scratch
	var identity Identity
	long := strings.Repeat("a=b&", longestRoom)
	s.Of(&identity, &Request{Path: "/", Query: "q=w"}, new(Sight))
	s.Of(&identity, &Request{Path: "/", Query: long}, new(Sight))
	s.Of(&identity, &Request{Path: "/", Query: "q=x"}, new(Sight))
	if kept := cap(s.text) + cap(s.writer.text) + cap(s.writer.parameters); kept > 3*longestRoom {
		t.Errorf("a target of %d bytes leaves %d bytes of memory", len(long), kept)
	}
	for i := range s.targets {
		if kept := cap(s.targets[i].text); kept > 2*longestKept {
			t.Errorf("slot %d keeps %d bytes, want at most %d", i, kept, 2*longestKept)
		}
	}
}

// usual is what most clients send.
func usual(target string) *Request {
	return &Request{
		Method: "GET", Host: "h", Path: "/1/content/music/search", Query: target, RemoteAddr: "127.0.0.1",
		Header: faults.Header(section{
			{"Host", "api.media.microsoft.com"},
			{"User-Agent", "python-requests/2.31.0"},
			{"Accept-Encoding", "gzip, deflate"},
			{"Accept", "*/*"},
			{"Connection", "keep-alive"},
			{"Authorization", "Bearer " + strings.Repeat("t", 800)},
		}),
	}
}

const usualQuery = "q=daft+punk&maxItems=5&filters=artists+albums&contentType=JSON"

func TestScratchAllocatesNothing(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	var s Scratch
	var sight Sight
	var identity Identity
	var fresh []*Request
	for i := range 300 {
		fresh = append(fresh, usual(fmt.Sprintf("%s&id=%d&code=%d", usualQuery, i, i)))
	}
	keyed := usual(usualQuery)
	keyed.Header = append(keyed.Header.(section), [2]string{"Idempotency-Key", "6f1c"}, [2]string{"x-request-id", "77"}, [2]string{"Retry-Attempt", "1"})
	anonymous := usual("q=x&accessToken=Bearer+abc")
	anonymous.Header = section{{"User-Agent", "x"}}
	var others []*Request
	for i := range 300 {
		other := usual(usualQuery)
		other.Header = append(other.Header.(section), [2]string{"X-Page", strconv.Itoa(i)}, [2]string{"Content-Type", "multipart/form-data; boundary=" + strconv.Itoa(i)})
		others = append(others, other)
	}
	next := 0
	for name, look := range map[string]func(){
		"the same again":         func() { s.Of(&identity, usual(usualQuery), &sight) },
		"a target of its own":    func() { s.Of(&identity, fresh[next%len(fresh)], &sight); next++ },
		"a call that is named":   func() { s.Of(&identity, keyed, &sight) },
		"other fields":           func() { next++; s.Of(&identity, others[next%len(others)], &sight) },
		"a token in the query":   func() { s.Of(&identity, anonymous, &sight) },
		"no fields in one table": func() { s.Of(&identity, &Request{Path: "/", RemoteAddr: "::1"}, &sight) },
	} {
		for range 2 * len(fresh) {
			look()
		}
		want := 0.0
		if name == "the same again" {
			want = testing.AllocsPerRun(100, func() { usual(usualQuery) })
		}
		if got := testing.AllocsPerRun(100, look); got > want {
			t.Errorf("%s: got %v allocations, want %v", name, got, want)
		}
	}
}

func BenchmarkScratch(b *testing.B) {
	requests := make([]*Request, 1000)
	for i := range requests {
		requests[i] = usual(fmt.Sprintf("%s&id=%d", usualQuery, i))
	}
	var identity Identity
	var sight Sight
	b.Run("warm", func(b *testing.B) {
		var s Scratch
		b.ReportAllocs()
		for b.Loop() {
			s.Of(&identity, requests[0], &sight)
		}
	})
	b.Run("new target", func(b *testing.B) {
		var s Scratch
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.Of(&identity, requests[i%len(requests)], &sight)
		}
	})
	b.Run("new fields", func(b *testing.B) {
		for i := range requests {
			requests[i].Header = append(requests[i].Header.(section), [2]string{"X-Page", strconv.Itoa(i)}, [2]string{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})
		}
		var s Scratch
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.Of(&identity, requests[i%len(requests)], &sight)
		}
	})
}

// TestScratchFollowsTheCredential writes one request after the other into the same memory, as a
// connection's buffer has it: each differs from the one before in one place only.
func TestScratchFollowsTheCredential(t *testing.T) {
	t.Parallel()
	var s Scratch
	var got Sight
	var identity Identity
	buffer := make([]byte, 64)
	in := func(at int, text string) string { return view(buffer[at : at+copy(buffer[at:], text)]) }
	for i, want := range [][3]string{
		{"agent-1", "", "accessToken=a"},
		{"agent-1", "", "accessToken=b"},
		{"agent-1", "", "q=b&x=yyyyyy"},
		{"agent-2", "", "q=b&x=yyyyyy"},
		{"agent-2", "Bearer a", "q=b&x=yyyyyy"},
		{"agent-2", "Bearer b", "q=b&x=yyyyyy"},
		{"agent-2", "Bearer b", "accessToken=b"},
		{"agent-2", "OAuth xx", "accessToken=b"},
		{"agent-2", "OAuth xx", "accessToken=c"},
		{"agent-3", "OAuth xx", "accessToken=c"},
	} {
		r := &Request{Path: "/", Query: in(40, want[2]), RemoteAddr: "::1", Header: section{{"User-Agent", in(0, want[0])}, {"Authorization", in(20, want[1])}}}
		s.Of(&identity, r, &got)
		if want := plainSight(&identity, r); got != want {
			t.Errorf("request %d:\n%s", i, cmp.Diff(want, got))
		}
	}
}
