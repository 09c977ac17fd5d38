package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/route"
)

func TestHTTP2Relays(t *testing.T) {
	t.Parallel()
	for name, rig := range http2Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type seen struct {
				Method, Target, Body string
				Header               http.Header
			}
			got := make(chan seen, 1)
			origin := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got <- seen{r.Method, r.RequestURI, string(body), r.Header}
				w.Header()["Date"] = nil
				w.Header().Set("Content-Type", "application/json")
				w.Header().Add("Set-Cookie", "a=1")
				w.Header().Add("Set-Cookie", "b=2")
				w.WriteHeader(http.StatusCreated)
				fmt.Fprint(w, `{"done":true}`)
			})
			r := rig(t, origin)
			response, body := r.do("POST", addPath+"?x=%2F&&y", strings.NewReader("payload"), "X-Odd", "kept", "User-Agent", "caller/1", "Authorization", "Bearer t")
			want := seen{"POST", addPath + "?x=%2F&&y", "payload", http.Header{
				"X-Odd": {"kept"}, "User-Agent": {"caller/1"}, "Authorization": {"Bearer t"}, "Content-Length": {"7"},
			}}
			if diff := cmp.Diff(want, <-got); diff != "" {
				t.Errorf("origin saw (-want +got):\n%s", diff)
			}
			if response.ProtoMajor != 2 || response.StatusCode != http.StatusCreated || body != `{"done":true}` {
				t.Errorf("client got %s %d %q, want HTTP/2.0 201 and the body", response.Proto, response.StatusCode, body)
			}
			wantHeader := http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"a=1", "b=2"}, "Content-Length": {"13"}}
			if diff := cmp.Diff(wantHeader, response.Header); diff != "" {
				t.Errorf("client got header (-want +got):\n%s", diff)
			}
			a := r.wait(1)[0]
			if a.End != observe.EndComplete || a.Status != 201 || a.BodyLength != 7 || !a.BodyComplete || !a.Forwarded || a.UpstreamStatus != 201 || a.Origin != observe.OriginUpstream {
				t.Errorf("recorded %+v, want a complete relayed exchange", a)
			}
		})
	}
}

func TestHTTP2CountsStreams(t *testing.T) {
	t.Parallel()
	r := newPlainHTTP2(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	for range 3 {
		r.do("GET", searchPath, nil)
	}
	for i, a := range r.wait(3) {
		if a.Conn != 1 || a.ConnUse != uint64(i)+1 || !a.Multiplexed {
			t.Errorf("attempt %d has conn %d, use %d, multiplexed %t; want 1, %d and true", i, a.Conn, a.ConnUse, a.Multiplexed, i+1)
		}
	}
}

func TestHTTP2PassesTrailers(t *testing.T) {
	t.Parallel()
	for name, rig := range http2Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(chan http.Header, 1)
			origin := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				got <- r.Trailer
				w.Header().Set("Trailer", "Grpc-Status")
				fmt.Fprint(w, "message")
				w.Header().Set("Grpc-Status", "0")
				w.Header().Set(http.TrailerPrefix+"Grpc-Message", "late")
			})
			r := rig(t, origin)
			request, err := http.NewRequest("POST", r.url+addPath, io.MultiReader(strings.NewReader("one"), strings.NewReader("two")))
			if err != nil {
				t.Fatal(err)
			}
			request.Trailer = http.Header{"Checksum": {"6"}}
			response, err := r.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || string(body) != "message" {
				t.Errorf("body is %q, %v; want message", body, err)
			}
			if diff := cmp.Diff(http.Header{"Checksum": {"6"}}, <-got); diff != "" {
				t.Errorf("origin's trailer (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(http.Header{"Grpc-Status": {"0"}, "Grpc-Message": {"late"}}, response.Trailer); diff != "" {
				t.Errorf("client's trailer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHTTP2AnswerWithoutBodyEndsWithItsHead(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Grpc-Status", "12")
		w.Header().Set("Content-Length", "0")
	})
	r := newPlainHTTP2(t, origin)
	p := newPeer(t, r.addr)
	p.ask(1, "POST", addPath)
	head := p.head(1)
	if !head.StreamEnded() {
		t.Error("the head does not end the stream")
	}
	if got := fieldOf(head, "grpc-status"); got != "12" {
		t.Errorf("grpc-status is %q, want 12", got)
	}
}

func TestHTTP2PassesHints(t *testing.T) {
	t.Parallel()
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n"+
				"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"+
				"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	r := newPlainHTTP2(t, origin)
	var hints []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		hints = append(hints, fmt.Sprintf("%d %s", code, h.Get("Link")))
		return nil
	}})
	request, err := http.NewRequestWithContext(ctx, "GET", r.url+searchPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if want := []string{"103 </style.css>; rel=preload"}; !slices.Equal(hints, want) {
		t.Errorf("hints are %q, want %q", hints, want)
	}
	if response.Header.Get("Link") != "" {
		t.Errorf("the hint's Link is in the answer: %v", response.Header)
	}
}

func TestHTTP2StreamsBigBodies(t *testing.T) { //nolint:paralleltest // The heap is everybody's.
	const size = 100 << 20
	origin := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil || n != size {
			t.Errorf("origin got %d bytes, %v; want %d", n, err, size)
		}
		_, _ = io.Copy(w, io.LimitReader(endless{}, size))
	})
	r := newPlainHTTP2(t, origin)
	before, done := heapNow(), make(chan struct{})
	var most uint64
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				most = max(most, heapNow())
			}
		}
	})
	request, err := http.NewRequestWithContext(t.Context(), "PUT", r.url+addPath, io.LimitReader(endless{}, size))
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, response.Body)
	response.Body.Close()
	close(done)
	watching.Wait()
	if err != nil || n != size {
		t.Errorf("client got %d bytes, %v; want %d", n, err, size)
	}
	if grown := int64(most) - int64(before); grown > size/2 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	if a := r.wait(1)[0]; a.BodyLength != size || !a.BodyComplete || a.End != observe.EndComplete {
		t.Errorf("recorded %+v", a)
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestHTTP2BothBodiesAtOnce(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		out := http.NewResponseController(w)
		_ = out.EnableFullDuplex()
		buffer := make([]byte, 16)
		for {
			n, err := r.Body.Read(buffer)
			_, _ = w.Write(bytes.ToUpper(buffer[:n]))
			_ = out.Flush()
			if err != nil {
				return
			}
		}
	})
	r := newPlainHTTP2(t, origin)
	// What the decision reads ahead must have passed before the talk begins.
	in, out := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.url+addPath, io.MultiReader(strings.NewReader(strings.Repeat("a", 64<<10)), in))
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, 64<<10); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"ping", "pong"} {
		fmt.Fprint(out, word)
		got := make([]byte, 4)
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != strings.ToUpper(word) {
			t.Fatalf("got %q, %v; want %q", got, err, strings.ToUpper(word))
		}
	}
	out.Close()
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v at the end", rest, err)
	}
}

func TestHTTP2Refuses(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t, func(http.ResponseWriter, *http.Request) { t.Error("the origin was asked") })
	for name, test := range map[string]struct {
		rig     newRigFunc
		fields  []string
		status  int
		failure string
	}{
		"a space in the target":           {newPlainHTTP2, []string{":path", "/a HTTP/1.1"}, 400, "request_head"},
		"a Host of another name":          {newPlainHTTP2, []string{":path", "/", "host", "other.example"}, 400, "request_head"},
		"a length that is said twice":     {newPlainHTTP2, []string{":path", "/", "content-length", "0", "content-length", "0"}, 400, "request_head"},
		"a field that looks like framing": {newPlainHTTP2, []string{":path", "/", "transfer_encoding", "chunked"}, 400, "request_head"},
		"a tunnel":                        {newPlainHTTP2, []string{":method", "CONNECT"}, 501, "connect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := test.rig(t, origin)
			p := newPeer(t, r.addr)
			p.askWith(1, test.fields...)
			head := p.head(1)
			if got := head.PseudoValue("status"); got != fmt.Sprint(test.status) || fieldOf(head, "groovechaos-failure") != test.failure {
				t.Errorf("got %s %q, want %d %q", got, fieldOf(head, "groovechaos-failure"), test.status, test.failure)
			}
			if a := r.wait(1)[0]; a.Origin != observe.OriginOurs || a.Status != test.status {
				t.Errorf("recorded %+v, want our %d", a, test.status)
			}
		})
	}
}

func TestHTTP2Misdirected(t *testing.T) {
	t.Parallel()
	r := newInterceptedHTTP2(t, newOrigin(t, func(http.ResponseWriter, *http.Request) { t.Error("the origin was asked") }))
	request, err := http.NewRequestWithContext(t.Context(), "GET", r.url+searchPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "other.example"
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMisdirectedRequest || response.ProtoMajor != 2 {
		t.Errorf("got %s %d, want HTTP/2.0 421", response.Proto, response.StatusCode)
	}
}

// heapNow is what is in use of the heap, without a collection.
func heapNow() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// A listener that is only a forward proxy takes :authority for what an
// absolute target would say.
func TestHTTP2ForwardsToTheAuthority(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		allow   []string
		status  int
		failure string
		records int
	}{
		"a host that is allowed is relayed and left alone": {[]string{"127.0.0.1"}, 200, "", 0},
		"another host is refused":                          {nil, 403, "destination_refused", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosts := make(chan string, 1)
			origin := newOrigin(t, func(_ http.ResponseWriter, r *http.Request) { hosts <- r.Host })
			router, err := route.New(route.Options{Allow: test.allow})
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			r := newHTTP2RigIn(t, l, proxy.Modes{Forward: true}, origin, func(o *proxy.Options) { o.Upstream, o.Router = nil, router })
			r.apply(answerFault("never", 503))
			protocols := new(http.Protocols)
			protocols.SetUnencryptedHTTP2(true)
			r.client.Transport = &http.Transport{Protocols: protocols, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, r.addr)
			}}
			r.url = origin
			response, _ := r.do("GET", searchPath, nil)
			if response.StatusCode != test.status || response.Header.Get("Groovechaos-Failure") != test.failure {
				t.Errorf("got %d %q, want %d %q", response.StatusCode, response.Header.Get("Groovechaos-Failure"), test.status, test.failure)
			}
			if test.status == 200 {
				if got := <-hosts; "http://"+got != origin {
					t.Errorf("the origin was asked for host %q, want that of %s", got, origin)
				}
			}
			r.stop()
			if got := len(r.recorded); got != test.records {
				t.Errorf("recorded %d attempts, want %d", got, test.records)
			}
		})
	}
}
