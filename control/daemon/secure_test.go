package daemon

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// papers are a root, and certificates that it signed, as files.
type papers struct {
	t    *testing.T
	dir  string
	root *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newPapers(t *testing.T) *papers {
	t.Helper()
	p := &papers{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	p.root, p.key = p.sign("root", &x509.Certificate{
		Subject: pkix.Name{CommonName: "root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	p.pool.AddCert(p.root)
	return p
}

// sign makes a certificate, and the files NAME.pem and NAME.key.
func (p *papers) sign(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := p.root, p.key
	if parent == nil {
		parent, signer = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		p.t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	p.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}))
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		p.t.Fatal(err)
	}
	return made, key
}

func (p *papers) write(name string, text []byte) {
	p.t.Helper()
	if err := os.WriteFile(p.path(name), text, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *papers) path(name string) string { return filepath.Join(p.dir, name) }

// pair is a certificate for a client.
func (p *papers) pair(name string) tls.Certificate {
	p.t.Helper()
	pair, err := tls.LoadX509KeyPair(p.path(name+".pem"), p.path(name+".key"))
	if err != nil {
		p.t.Fatal(err)
	}
	return pair
}

// guarded is a configuration that asks who calls, with TLS and a client that may operate.
func (p *papers) guarded() *config.Config {
	p.t.Helper()
	p.sign("server", &x509.Certificate{DNSNames: []string{"chaos.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	for _, name := range []string{"ops", "nobody"} {
		p.sign(name, &x509.Certificate{Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	}
	return free(p.t, fmt.Sprintf(`
[control]
hosts = ["chaos.example"]
tls = { cert = %q, key = %q, client_ca = %q }
[control.auth]
required = true
token_file = %q
certificates = [{ subject = "CN=ops,O=Example", role = "operator" }]
`, p.path("server.pem"), p.path("server.key"), p.path("root.pem"), p.path("token")))
}

func dialed(t *testing.T, address string, o client.Options) *client.Client {
	t.Helper()
	c, err := client.Dial(address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestBothDoorsKnowTheirCallers pulls the brake over both doors as each kind of caller.
func TestBothDoorsKnowTheirCallers(t *testing.T) {
	t.Parallel()
	p := newPapers(t)
	d, _ := run(t, p.guarded())
	secret, err := auth.ReadSecret(p.path("token"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		token       string
		certificate []tls.Certificate
		code        codes.Code
		status      int
		actor       string
	}{
		"nobody":                      {code: codes.Unauthenticated, status: 401},
		"the token of the file":       {token: secret, code: codes.OK, status: 200, actor: "token_file"},
		"a wrong token":               {token: auth.NewSecret(), code: codes.Unauthenticated, status: 401},
		"a certificate with a role":   {certificate: []tls.Certificate{p.pair("ops")}, code: codes.OK, status: 200, actor: "CN=ops,O=Example"},
		"a certificate without one":   {certificate: []tls.Certificate{p.pair("nobody")}, code: codes.Unauthenticated, status: 401},
		"a certificate and the token": {token: secret, certificate: []tls.Certificate{p.pair("nobody")}, code: codes.OK, status: 200, actor: "token_file"},
	} {
		c := &tls.Config{RootCAs: p.pool, Certificates: tt.certificate}
		rpc := dialed(t, d.Addresses().GRPC, client.Options{Token: tt.token, TLS: c})
		if _, err := rpc.Brake.PullBrake(t.Context(), &pb.PullBrakeRequest{Reason: name}); status.Code(err) != tt.code {
			t.Errorf("%s over gRPC: got %v, want %v", name, err, tt.code)
		}
		if got, body := p.post(d.Addresses().REST, c, tt.token); got != tt.status {
			t.Errorf("%s over REST: got %d %s, want %d", name, got, body, tt.status)
		}
		if tt.actor == "" {
			continue
		}
		entries, err := d.audit.List(t.Context(), 0, 1000)
		if err != nil || len(entries) < 2 {
			t.Fatalf("audit: %v, %v", entries, err)
		}
		for _, e := range entries[len(entries)-2:] {
			if host, _, _ := net.SplitHostPort(e.Remote); e.Actor != tt.actor || host != "127.0.0.1" {
				t.Errorf("%s: the audit has %s from %s, want %s from 127.0.0.1", name, e.Actor, e.Remote, tt.actor)
			}
		}
	}
}

// post pulls the brake over REST.
func (p *papers) post(address string, c *tls.Config, token string) (int, string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, "https://"+address+"/v1/brake:pull", strings.NewReader("{}"))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	// What a caller says of itself here is not believed.
	request.Header.Set(auth.MetadataSubject, "CN=ops,O=Example")
	request.Header.Set("Grpc-Metadata-"+auth.MetadataSubject, "CN=ops,O=Example")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// TestNothingIsServedInTheClearBesideTLS holds that both doors take TLS alone, and only with a certificate that is vouched for.
func TestNothingIsServedInTheClearBesideTLS(t *testing.T) {
	t.Parallel()
	p := newPapers(t)
	d, _ := run(t, p.guarded())
	if _, err := dialed(t, d.Addresses().GRPC, client.Options{}).System.GetStatus(t.Context(), &pb.GetStatusRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("gRPC in the clear: got %v, want UNAVAILABLE", err)
	}
	if got, _ := get(t, d.Addresses().REST, "/healthz"); got != http.StatusBadRequest {
		t.Errorf("REST in the clear: got %d, want 400", got)
	}
	stranger := newPapers(t)
	stranger.sign("ops", &x509.Certificate{Subject: pkix.Name{CommonName: "ops", Organization: []string{"Example"}}})
	forged := &tls.Config{RootCAs: p.pool, Certificates: []tls.Certificate{stranger.pair("ops")}}
	if _, err := dialed(t, d.Addresses().GRPC, client.Options{TLS: forged}).System.GetStatus(t.Context(), &pb.GetStatusRequest{}); err == nil {
		t.Error("a certificate of another root is taken")
	}
}

func TestWhatCannotBeSecuredDoesNotStart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*papers, *config.Config)
		want  string
	}{
		"no certificate":       {func(p *papers, _ *config.Config) { _ = os.Remove(p.path("server.pem")) }, "[control.tls] cert and key"},
		"another key":          {func(p *papers, c *config.Config) { c.Control.TLS.Key = p.path("ops.key") }, "[control.tls] cert and key"},
		"a key that is none":   {func(p *papers, _ *config.Config) { p.write("server.key", []byte("x")) }, "[control.tls] cert and key"},
		"no clients' root":     {func(p *papers, _ *config.Config) { _ = os.Remove(p.path("root.pem")) }, "[control.tls] client_ca"},
		"an empty one":         {func(p *papers, _ *config.Config) { p.write("root.pem", nil) }, "holds no certificate"},
		"a token file of all":  {func(p *papers, _ *config.Config) { p.write("token", nil); _ = os.Chmod(p.path("token"), 0o644) }, "[control.auth] token_file"},
		"a token that is none": {func(p *papers, _ *config.Config) { p.write("token", []byte("x")) }, "holds no token"},
		"no role":              {func(_ *papers, c *config.Config) { c.Control.Auth.Certificates[0].Role = "root" }, "want viewer, operator, admin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && name == "a token file of all" {
				t.Skip("Windows has no such modes")
			}
			p := newPapers(t)
			c := p.guarded()
			tt.spoil(p, c)
			if _, err := New(t.Context(), Options{Config: c}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %s", err, tt.want)
			}
		})
	}
}

// TestRolesAreTheSameWords holds the words of the configuration against those of the table.
func TestRolesAreTheSameWords(t *testing.T) {
	t.Parallel()
	if !slices.Equal(config.ControlRoles(), auth.RoleNames()) {
		t.Errorf("configuration has %q, auth %q", config.ControlRoles(), auth.RoleNames())
	}
}

// endless is a body without an end that notes how much of it was taken.
type endless struct {
	taken atomic.Int64
	most  int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.taken.Load() >= e.most {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	e.taken.Add(int64(len(p)))
	return len(p), nil
}

// TestABodyOf100MBIsRefused sends one to each door, and holds that neither takes it in.
func TestABodyOf100MBIsRefused(t *testing.T) {
	t.Parallel()
	const size = 100 << 20
	d, _ := run(t, free(t, ""))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	body := &endless{most: size}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.Addresses().REST+"/v1/faults", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("REST: got %d, want 413", response.StatusCode)
		}
	}
	if taken := body.taken.Load(); taken > 16<<20 {
		t.Errorf("REST took %d bytes of the body, want little over 1 MiB", taken)
	}
	runtime.ReadMemStats(&after)
	t.Logf("REST took %d kB of the body, %d kB were allocated", body.taken.Load()>>10, (after.TotalAlloc-before.TotalAlloc)>>10)
	large := &pb.CreateFaultRequest{Fault: &pb.Fault{Name: strings.Repeat("x", size)}}
	_, err = dialed(t, d.Addresses().GRPC, client.Options{}).Faults.CreateFault(t.Context(), large)
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("gRPC: got %.200v, want RESOURCE_EXHAUSTED", err)
	}
	if got, _ := get(t, d.Addresses().REST, "/healthz"); got != http.StatusOK {
		t.Errorf("afterwards: got %d, want 200", got)
	}
}

// TestStreamsOverREST holds that a stream is one JSON document a line, goes on beyond the bounds of a call, and ends with
// the process.
func TestStreamsOverREST(t *testing.T) {
	t.Parallel()
	d, end := run(t, free(t, ""))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+d.Addresses().REST+"/v1/attempts:watch", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "application/x-ndjson" {
		t.Errorf("got %d with %s, want 200 and application/x-ndjson", response.StatusCode, got)
	}
	lines := bufio.NewScanner(response.Body)
	want := func(text string) {
		t.Helper()
		if !lines.Scan() || !strings.Contains(lines.Text(), text) {
			t.Fatalf("line is %q, %v, want %s in it", lines.Text(), lines.Err(), text)
		}
	}
	want(`{"result":{"attempts":[],"next":"0","missed":"0"}}`)
	get(t, d.Addresses().Proxy, genres)
	want(`{"result":{"attempts":[{"sequence":"1",`)
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	want(`{"error":{"code":503,"status":"UNAVAILABLE","message":"groovechaos is stopping`)
	if lines.Scan() {
		t.Errorf("after the end there is %q", lines.Text())
	}
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

// TestAWrongTokenTenThousandTimes holds that guessing over REST is slowed down, leaves no memory behind, and keeps nobody
// out who has a token.
//
//nolint:paralleltest // It weighs the memory of the process.
func TestAWrongTokenTenThousandTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	d, _ := run(t, free(t, fmt.Sprintf("[control.auth]\nrequired = true\ntoken_file = %q\n", path)))
	secret, err := auth.ReadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	ask := func(token string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+d.Addresses().REST+"/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return response.StatusCode
	}
	count := map[int]int{}
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for range 100 {
		count[ask(auth.NewSecret())]++
	}
	before, begun := live(), time.Now()
	for range 9_900 {
		count[ask(auth.NewSecret())]++
	}
	after, took := live(), time.Since(begun)
	t.Logf("answers %v in %v; %d kB live before, %d kB after", count, took, before>>10, after>>10)
	if count[http.StatusUnauthorized]+count[http.StatusTooManyRequests] != 10_000 || count[http.StatusTooManyRequests] < 9_000 {
		t.Errorf("answers are %v, want nearly all 429, and else 401", count)
	}
	if after > before+(16<<20) {
		t.Errorf("%d kB are live, want little more than %d kB", after>>10, before>>10)
	}
	if got := ask(secret); got != http.StatusOK {
		t.Errorf("with the right token: got %d, want 200", got)
	}
	if entries, err := d.audit.List(t.Context(), 0, 10); err != nil || len(entries) > 0 {
		t.Errorf("the audit has %d entries, %v, want none", len(entries), err)
	}
}
