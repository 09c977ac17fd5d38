package route_test

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/route"
)

func TestReverse(t *testing.T) {
	t.Parallel()
	hosts := map[string]route.Target{
		"a.example":      target(t, "https://one.example"),
		"*.example":      target(t, "http://two.example:8080"),
		"*.b.example":    target(t, "http://three.example"),
		"a.example:81":   target(t, "http://[2001:db8::1]:9000"),
		"origin.example": target(t, "origin"),
	}
	r := router(t, route.Options{Default: target(t, "http://127.0.0.1:9999"), Hosts: hosts})
	for name, test := range map[string]struct {
		host, want, field string
		reason            route.Reason
	}{
		"no host":                  {"", "http 127.0.0.1:9999", "127.0.0.1:9999", 0},
		"an unknown host":          {"localhost:7710", "http 127.0.0.1:9999", "127.0.0.1:9999", 0},
		"an exact host":            {"a.example", "https one.example:443", "one.example", 0},
		"upper case, final dot":    {"A.Example.", "https one.example:443", "one.example", 0},
		"a port that is not named": {"a.example:99", "https one.example:443", "one.example", 0},
		"a port that is named":     {"a.example:81", "http [2001:db8::1]:9000", "[2001:db8::1]:9000", 0},
		"a suffix":                 {"c.example", "http two.example:8080", "two.example:8080", 0},
		"the longer suffix":        {"x.b.example", "http three.example:80", "three.example", 0},
		"a suffix over two labels": {"x.y.b.example", "http three.example:80", "three.example", 0},
		"not below the suffix":     {"xexample", "http 127.0.0.1:9999", "127.0.0.1:9999", 0},
		"an IPv6 address":          {"[::1]:80", "http 127.0.0.1:9999", "127.0.0.1:9999", 0},
		"an origin":                {"origin.example", "", "", route.ReasonTarget},
		"garbage":                  {"a example", "", "", route.ReasonHost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, err := r.Reverse(test.host)
			if reasonOf(err) != test.reason || (err != nil) != (test.reason != 0) {
				t.Fatalf("got %v, want reason %d", err, test.reason)
			}
			if err != nil {
				return
			}
			if got := u.Scheme() + " " + u.Address(); got != test.want || u.HostField != test.field {
				t.Errorf("got %s with Host %q, want %s with %q", got, u.HostField, test.want, test.field)
			}
		})
	}
}

func TestReverseWithoutTarget(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]route.Options{"no default": {}, "an origin as default": {Default: target(t, "origin")}} {
		if u, err := router(t, o).Reverse("a.example"); reasonOf(err) != route.ReasonTarget {
			t.Errorf("%s: got %+v, %v, want a refusal for the target", name, u, err)
		}
	}
}

func TestForward(t *testing.T) {
	t.Parallel()
	o := route.Options{
		Default:   target(t, "http://127.0.0.1:9999"),
		Hosts:     map[string]route.Target{"real.example": target(t, "origin"), "own.example": target(t, "https://own.test")},
		Intercept: []string{"api.example", "*.groove.example", "port.example:8443"},
		Allow:     []string{"pass.example:9000", "10.1.0.0/16"},
	}
	strict := router(t, o)
	o.Others = route.TunnelOthers
	open := router(t, o)
	for name, test := range map[string]struct {
		host   string
		port   uint16
		secure bool
		want   string // of the router that refuses others; "" for a refusal
		others string // of the one that does not; "" for the same
	}{
		"an intercepted host":             {"api.example", 443, true, "http 127.0.0.1:9999", ""},
		"one below":                       {"x.groove.example", 80, false, "http 127.0.0.1:9999", ""},
		"with its port":                   {"port.example", 8443, true, "http 127.0.0.1:9999", ""},
		"with another port":               {"port.example", 8444, true, "", "refused"},
		"a host with an origin":           {"real.example", 8443, true, "https real.example:8443", ""},
		"the same, plain":                 {"REAL.example.", 80, false, "http real.example:80", ""},
		"a host with a target":            {"own.example", 80, false, "https own.test:443", ""},
		"another host":                    {"other.example", 443, true, "", "foreign https other.example:443"},
		"another host, plain":             {"other.example", 80, false, "", "foreign http other.example:80"},
		"another host, a strange port":    {"other.example", 25, false, "", "refused"},
		"an allowed host":                 {"pass.example", 9000, false, "foreign http pass.example:9000", ""},
		"an allowed host at another port": {"pass.example", 9001, false, "", "refused"},
		"an allowed address":              {"10.1.2.3", 5000, false, "foreign http 10.1.2.3:5000", ""},
		"a private address":               {"10.2.0.1", 80, false, "", "refused"},
		"a public address":                {"2001:db8::1", 80, false, "", "foreign http [2001:db8::1]:80"},
		"no port":                         {"api.example", 0, false, "", "refused"},
		"brackets":                        {"[2001:db8::1]", 80, false, "", "refused"},
		"nothing":                         {"", 80, false, "", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.others == "" {
				test.others = test.want
			}
			for r, want := range map[*route.Router]string{strict: test.want, open: test.others} {
				u, err := r.Forward(test.host, test.port, test.secure)
				got := "refused"
				if err == nil {
					got = u.Scheme() + " " + u.Address()
				}
				if u.Foreign {
					got = "foreign " + got
				}
				if want == "" {
					want = "refused"
				}
				if got != want || u.HostField != "" || (err != nil) != (reasonOf(err) != 0) {
					t.Errorf("got %s with Host %q, %v, want %s with the client's", got, u.HostField, err, want)
				}
			}
		})
	}
}

func TestConnect(t *testing.T) {
	t.Parallel()
	o := route.Options{
		Intercept: []string{"api.example", "*.groove.example:443"},
		Allow:     []string{"pass.example", "127.0.0.1:5000"},
	}
	strict := router(t, o)
	o.Others = route.TunnelOthers
	open := router(t, o)
	const (
		refuse    = route.Refuse
		intercept = route.Intercept
		tunnel    = route.Tunnel
	)
	for name, test := range map[string]struct {
		hostport     string
		strict, open route.Action
	}{
		"an intercepted host":            {"api.example:443", intercept, intercept},
		"at another port":                {"api.example:8443", intercept, intercept},
		"one below":                      {"x.groove.example:443", intercept, intercept},
		"one below at a port not listed": {"x.groove.example:8443", refuse, refuse},
		"another host":                   {"other.example:443", refuse, tunnel},
		"another host, mail":             {"other.example:25", refuse, refuse},
		"an allowed host":                {"pass.example:6000", tunnel, tunnel},
		"an allowed address":             {"127.0.0.1:5000", tunnel, tunnel},
		"localhost, its address allowed": {"localhost:5000", refuse, refuse},
		"its neighbour":                  {"127.0.0.1:5001", refuse, refuse},
		"localhost":                      {"localhost:443", refuse, refuse},
		"a name that is localhost":       {"x.LOCALHOST.:443", refuse, refuse},
		"a public address":               {"192.0.2.1:443", refuse, tunnel},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for r, want := range map[*route.Router]route.Action{strict: test.strict, open: test.open} {
				d, err := r.Connect(test.hostport)
				if d.Action != want || (err != nil) != (want == refuse) || d.Reason != reasonOf(err) {
					t.Errorf("got %+v, %v, want action %d", d, err, want)
				}
				if _, port, _ := strings.Cut(test.hostport, ":"); err == nil && d.Host+":"+port != test.hostport {
					t.Errorf("got host %q, want that of %q", d.Host, test.hostport)
				}
			}
		})
	}
}

// hostile are ways to name what must not be reached.
var hostile = map[string]string{
	"loopback":                "127.0.0.1:443",
	"all of loopback":         "127.255.255.254:443",
	"loopback, IPv6":          "[::1]:443",
	"loopback, mapped":        "[::ffff:127.0.0.1]:443",
	"loopback, mapped in hex": "[::ffff:7f00:1]:443",
	"loopback, long":          "[0:0:0:0:0:0:0:1]:443",
	"loopback, compatible":    "[::127.0.0.1]:443",
	"loopback, NAT64":         "[64:ff9b::127.0.0.1]:443",
	"loopback, 6to4":          "[2002:7f00:1::]:443",
	"Teredo":                  "[2001:0:4136:e378:8000:63bf:80ff:fffe]:443",
	"local NAT64":             "[64:ff9b:1::7f00:1]:443",
	"decimal":                 "2130706433:443",
	"hexadecimal":             "0x7f000001:443",
	"hexadecimal, dotted":     "0x7f.0.0.1:443",
	"a last hexadecimal part": "127.0.0.0x1:443",
	"octal":                   "0177.0.0.1:443",
	"octal, one number":       "017700000001:443",
	"two parts":               "127.1:443",
	"a final dot":             "127.0.0.1.:443",
	"leading zeros":           "127.000.000.001:443",
	"wide digits":             "\uff11\uff12\uff17.0.0.1:443",
	"a wide dot":              "127\u30020.0.1:443",
	"unspecified":             "0.0.0.0:443",
	"this network":            "0.1.2.3:443",
	"zero":                    "0:443",
	"unspecified, IPv6":       "[::]:443",
	"unspecified, mapped":     "[::ffff:0.0.0.0]:443",
	"metadata":                "169.254.169.254:443",
	"metadata, mapped":        "[::ffff:169.254.169.254]:443",
	"metadata, IPv6":          "[fd00:ec2::254]:443",
	"metadata, Azure":         "168.63.129.16:443",
	"metadata, Alibaba":       "100.100.100.200:443",
	"metadata, Oracle":        "192.0.0.192:443",
	"link-local, IPv6":        "[fe80::1]:443",
	"a zone":                  "[fe80::1%eth0]:443",
	"a zone on loopback":      "[::1%lo]:443",
	"a zone in a URL":         "[fe80::1%25eth0]:443",
	"site-local":              "[fec0::1]:443",
	"private, 10":             "10.0.0.1:443",
	"private, 172":            "172.31.255.255:443",
	"private, 192":            "192.168.1.1:443",
	"benchmark":               "198.18.0.1:443",
	"multicast":               "224.0.0.1:443",
	"multicast, IPv6":         "[ff02::1]:443",
	"broadcast":               "255.255.255.255:443",
	"reserved":                "240.0.0.1:443",
	"localhost":               "localhost:443",
	"localhost, final dot":    "LocalHost.:443",
	"below localhost":         "a.localhost:443",
	"a user":                  "public.example@127.0.0.1:443",
	"a fragment":              "public.example#127.0.0.1:443",
	"a second port":           "127.0.0.1:80:443",
	"a space":                 "127.0.0.1 :443",
	"a NUL":                   "public.example\x00:443",
	"a line":                  "public.example\r\nHost: x:443",
	"a percent":               "%31%32%37.0.0.1:443",
	"a wildcard":              "*.example:443",
	"an empty host":           ":443",
	"empty brackets":          "[]:443",
	"a name in brackets":      "[public.example]:443",
	"IPv4 in brackets":        "[192.0.2.1]:443",
	"no brackets":             "::1:443",
	"no port":                 "public.example",
	"an empty port":           "public.example:",
	"port zero":               "public.example:0",
	"a port too high":         "public.example:65979",
	"a signed port":           "public.example:+443",
	"a port with zeros":       "public.example:0443",
	"a named port":            "public.example:https",
	"empty labels":            "public..example:443",
	"nothing":                 "",
	"a long name":             strings.Repeat("a.", 130) + "example:443",
}

func TestHostileSpellingsAreRefused(t *testing.T) {
	t.Parallel()
	seen := new(dials)
	r := router(t, route.Options{
		Default: target(t, "origin"), Intercept: []string{"*"}, Others: route.TunnelOthers, Dial: seen.dial,
		Resolver: resolves(map[string][]string{"public.example": {"192.0.2.1"}}),
	})
	blind := router(t, route.Options{Others: route.TunnelOthers, Dial: seen.dial, Resolver: resolves(nil)})
	for name, hostport := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d, err := blind.Connect(hostport); d.Action != route.Refuse || reasonOf(err) == 0 {
				t.Errorf("Connect(%q): got %+v, %v, want a refusal", hostport, d, err)
			}
			if _, err := blind.DialTunnel(t.Context(), hostport); reasonOf(err) == 0 {
				t.Errorf("DialTunnel(%q): got %v, want a refusal", hostport, err)
			}
			cut := strings.LastIndexByte(hostport, ':')
			if cut < 0 || hostport[cut:] != ":443" || strings.HasPrefix(hostport, "[public") || strings.HasPrefix(hostport, "[192") {
				return // what is wrong with it is not the host
			}
			host := strings.TrimSuffix(strings.TrimPrefix(hostport[:cut], "["), "]")
			if host == "::1" && hostport[0] != '[' {
				return
			}
			if u, err := r.Forward(host, 443, true); reasonOf(err) == 0 {
				t.Errorf("Forward(%q): got %+v, %v, want a refusal", host, u, err)
			}
		})
	}
	t.Cleanup(func() {
		if len(seen.to) > 0 {
			t.Errorf("dialled %q, want nothing", seen.to)
		}
	})
}

func TestOwnListenersAreNeverReached(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		self, to string
		refused  bool
	}{
		"itself":                         {"127.0.0.1:7710", "127.0.0.1:7710", true},
		"itself, mapped":                 {"127.0.0.1:7710", "[::ffff:127.0.0.1]:7710", true},
		"itself, listening mapped":       {"[::ffff:127.0.0.1]:7710", "127.0.0.1:7710", true},
		"another port":                   {"127.0.0.1:7710", "127.0.0.1:7711", false},
		"another loopback address":       {"127.0.0.1:7710", "127.0.0.2:7710", false},
		"all addresses":                  {"0.0.0.0:7710", "127.0.0.9:7710", true},
		"all addresses, IPv6":            {"[::]:7710", "[::1]:7710", true},
		"all addresses, by the other":    {"[::]:7710", "127.0.0.1:7710", true},
		"an address of another machine":  {"0.0.0.0:7710", "10.99.98.97:7710", false},
		"NAT64 of itself":                {"10.1.1.1:7710", "[64:ff9b::10.1.1.1]:7710", true},
		"a public address of this proxy": {"192.0.2.7:443", "192.0.2.7:443", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := new(dials)
			r := router(t, route.Options{
				Self: []netip.AddrPort{netip.MustParseAddrPort(test.self)}, Allow: []string{"0.0.0.0/0", "::/0"}, Dial: seen.dial,
			})
			_, err := r.DialTunnel(t.Context(), test.to)
			if (reasonOf(err) == route.ReasonSelf) != test.refused || len(seen.to) == 0 != test.refused {
				t.Errorf("got %v after dialling %q, want it refused: %t", err, seen.to, test.refused)
			}
			fixed := route.Options{Default: target(t, "http://"+test.to), Self: []netip.AddrPort{netip.MustParseAddrPort(test.self)}}
			if _, err := route.New(fixed); (reasonOf(err) == route.ReasonSelf) != test.refused {
				t.Errorf("as a fixed target: got %v, want it refused: %t", err, test.refused)
			}
		})
	}
}

func TestKeysTellUpstreamsApart(t *testing.T) {
	t.Parallel()
	r := router(t, route.Options{
		Default: target(t, "origin"), Intercept: []string{"*"},
		Hosts: map[string]route.Target{"a.test": target(t, "https://one.example"), "b.test": target(t, "https://one.example")},
	})
	key := func(host string, port uint16, secure bool) route.Key {
		t.Helper()
		u, err := r.Forward(host, port, secure)
		if err != nil {
			t.Fatal(err)
		}
		return u.Key()
	}
	if key("a.test", 443, true) != key("b.test", 80, false) {
		t.Error("two hosts of one target have different keys, want them to share connections")
	}
	seen := map[route.Key]string{key("a.test", 443, true): "the fixed target"}
	for name, k := range map[string]route.Key{
		"its host as origin": key("one.example", 443, true), "another port": key("one.example", 444, true),
		"plain": key("one.example", 443, false), "another host": key("two.example", 443, true),
	} {
		if other, taken := seen[k]; taken {
			t.Errorf("%s has the key of %s, want its own", name, other)
		}
		seen[k] = name
	}
}

func TestNewRefusesOptions(t *testing.T) {
	t.Parallel()
	link := func(text string) *url.URL {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for name, test := range map[string]struct {
		o    route.Options
		says string
	}{
		"a pattern with a path":      {route.Options{Intercept: []string{"a.example/x"}}, "intercept"},
		"a star inside":              {route.Options{Intercept: []string{"a.*.example"}}, "intercept"},
		"a star before an address":   {route.Options{Intercept: []string{"*.127.0.0.1"}}, "intercept"},
		"a port too high":            {route.Options{Intercept: []string{"a.example:70000"}}, "intercept"},
		"a number as host":           {route.Options{Intercept: []string{"2130706433"}}, "intercept"},
		"brackets that do not close": {route.Options{Intercept: []string{"[::1:80"}}, "intercept"},
		"an empty pattern":           {route.Options{Hosts: map[string]route.Target{"": {}}}, "hosts"},
		"a pattern twice":            {route.Options{Intercept: []string{"a.example", "A.example."}}, "twice"},
		"everything allowed":         {route.Options{Allow: []string{"*"}}, "open proxy"},
		"everything at a port":       {route.Options{Allow: []string{"*:443"}}, "open proxy"},
		"a broken prefix":            {route.Options{Allow: []string{"10.0.0.0/33"}}, "allow"},
		"a proxy of another kind":    {route.Options{Proxy: link("socks5://u:secret@p.example")}, "proxy"},
		"a proxy with a path":        {route.Options{Proxy: link("http://u:secret@p.example/x")}, "proxy"},
		"a colon in the user":        {route.Options{Proxy: link("http://u%3av:secret@p.example")}, "colon"},
		"a proxy that is ourselves":  {route.Options{Proxy: link("http://127.0.0.1:1"), Self: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}}, "this proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := route.New(test.o)
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want an error that says %q and no password", err, test.says)
			}
		})
	}
}

func TestParseTargetRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "Origin", "a.example", "ftp://a.example", "http://", "http://a.example/path", "http://a.example?q", "http://a.example?", "http://a.example#f",
		"http://a.example:0", "http://a.example:70000", "http://a example", "http:a.example", "http://127.1", "http://u:secret@a.example",
		"http://[fe80::1%25eth0]", "http://u:secret@a%zz",
	} {
		if got, err := route.ParseTarget(text); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("ParseTarget(%q): got %+v, %v, want an error without a password", text, got, err)
		}
	}
}

func TestReasonsHaveTexts(t *testing.T) {
	t.Parallel()
	for r := route.ReasonHost; r <= route.ReasonTarget; r++ {
		if r.String() == "" {
			t.Errorf("reason %d has no text", r)
		}
	}
}

// FuzzConnect holds that a tunnel which is allowed ends at an address that is,
// whatever its spelling.
func FuzzConnect(f *testing.F) {
	for _, hostport := range hostile {
		f.Add(hostport)
	}
	f.Add("public.example:443")
	f.Add("192.0.2.1:80")
	seen := new(dials)
	r, err := route.New(route.Options{Others: route.TunnelOthers, Dial: seen.dial, Resolver: anyName{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, hostport string) {
		seen.to = nil
		_, _ = r.DialTunnel(t.Context(), hostport) // it ends in a refusal or in errDialled
		for _, to := range seen.to {
			at := netip.MustParseAddrPort(to)
			addr := at.Addr()
			if addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified() ||
				addr.Is4In6() || addr.Zone() != "" || at.Port() != 80 && at.Port() != 443 {
				t.Errorf("%q dialled %s", hostport, to)
			}
		}
	})
}

// anyName resolves a name as an old C library would: spellings of IPv4 too.
type anyName struct{}

func (anyName) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if strings.Trim(host, "0123456789abcdefx.") == "" {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}
