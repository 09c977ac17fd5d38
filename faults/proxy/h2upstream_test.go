package proxy

import (
	"net/url"
	"testing"

	"github.com/groovechaos/groovechaos/faults/route"
)

// A connection that the operator's target was reached by may be one that a
// client could not have opened.
func TestUpstreamsThatDifferShareNoConnection(t *testing.T) {
	t.Parallel()
	target, err := route.Fixed(&url.URL{Scheme: "http", Host: "127.0.0.1:81"})
	if err != nil {
		t.Fatal(err)
	}
	router, err := route.New(route.Options{Default: target, Allow: []string{"127.0.0.1", "secure.example", "example"}, Others: route.TunnelOthers})
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := router.Reverse("")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]route.Key{placeOf(&fixed).Host: fixed.Key()}
	for _, named := range []struct {
		host   string
		port   uint16
		secure bool
	}{
		{"127.0.0.1", 81, false},
		{"127.0.0.1", 81, true},
		{"127.0.0.1", 82, false},
		{"secure.example", 81, false},
		{"example", 81, true},
	} {
		u, err := router.Forward(named.host, named.port, named.secure)
		if err != nil {
			t.Fatal(err)
		}
		place := placeOf(&u).Host
		if other, taken := places[place]; taken {
			t.Errorf("%v and %v share the connections of %q", u.Key(), other, place)
		}
		places[place] = u.Key()
	}
}
