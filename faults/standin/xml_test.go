package standin

import (
	"strings"
	"testing"
)

func TestXMLValuesDifferFromJSON(t *testing.T) {
	t.Parallel()
	r := newStandin(t, Options{}).play(ApplicationToken, "/1/content/"+getLucky+"/lookup?contentType=xml", "")
	for _, want := range []string{
		"<Duration>PT6M9S</Duration>",
		"<CompatibleSources>Catalog Collection</CompatibleSources>",
		"<OtherIds><OtherId><Namespace>music.amg</Namespace><Id>T ",
		"<Rights><Right>Purchase</Right><Right>Stream</Right><Right>FreeStream</Right></Rights>",
		"<Artists><Contributor><Artist>",
		"<Tracks><Items><Track>",
	} {
		if !strings.Contains(string(r.body), want) {
			t.Errorf("%s is not in %s", want, r.body)
		}
	}
}
