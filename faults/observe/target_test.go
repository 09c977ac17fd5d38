package observe

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNormaliseTarget(t *testing.T) {
	t.Parallel()
	hidden := conceal("s3cret")
	tests := map[string]struct{ path, query, want string }{
		"path alone":               {"/1/content/music/search", "", "/1/content/music/search"},
		"no path":                  {"", "", "/"},
		"path keeps its case":      {"/1/Content/music.ABC/lookup", "", "/1/Content/music.ABC/lookup"},
		"unreserved is decoded":    {"/%61%2D%7e", "q=%41%2e", "/a-~?q=A."},
		"reserved stays encoded":   {"/a%2fb%3f", "q=%26%3d", "/a%2Fb%3F?q=%26%3D"},
		"stray percent":            {"/100%", "q=5%zz", "/100%25?q=5%25zz"},
		"unsafe is encoded":        {"/a b\x00ü?#", "q=\"<>", "/a%20b%00%C3%BC%3F%23?q=%22%3C%3E"},
		"names are lowered":        {"/", "maxItems=3&ORDERBY=ArtistName", "/?maxitems=3&orderby=ArtistName"},
		"sorted by name":           {"/", "q=x&a=2&a=1&B=3", "/?a=2&a=1&b=3&q=x"},
		"plus stays":               {"/", "q=daft+punk&r=daft%20punk", "/?q=daft+punk&r=daft%20punk"},
		"empty and bare":           {"/", "&b=&a&&", "/?a&b="},
		"access token is removed":  {"/", "accessToken=Bearer+s3cret&q=x", "/?q=x"},
		"whatever its case":        {"/", "q=x&ACCESS%54oken=s3cret", "/?q=x"},
		"jsonp callback":           {"/", "jsonp=jQuery123_456&q=x", "/?jsonp=*&q=x"},
		"cache busters":            {"/", "_=1580000000&q=x&_dc=7", "/?q=x"},
		"counters of attempts":     {"/", "attempt=2&Retry_Count=1&retry=1&ts=17&nonce=ab&q=x&rnd=.5", "/?q=x"},
		"only by their whole name": {"/", "tries=2&attempt_id=3&ts2=4&entry=5", "/?attempt_id=3&entry=5&tries=2&ts2=4"},
		"secrets are redacted": {
			"/", "client_secret=s3cret&code=s3cret&refresh_token=other&access_token=s3cret",
			"/?access_token=" + hidden + "&client_secret=" + hidden + "&code=" + hidden + "&refresh_token=" + conceal("other"),
		},
		"no value is no secret":         {"/", "token=&key", "/?key&token="},
		"a bearer in a value":           {"/", "q=Bearer%20s3cret", "/?q=Bearer%20" + hidden},
		"a bearer amid a value":         {"/", "q=x:%20bearer+s3cret", "/?q=x:%20bearer+" + hidden},
		"a bearer without a token":      {"/", "q=Bearer%20", "/?q=Bearer%20"},
		"a word like a scheme":          {"/", "q=basically%20x&r=forebearers", "/?q=basically%20x&r=forebearers"},
		"basic in a bare name":          {"/", "Basic%20s3cret", "/?basic%20" + hidden},
		"basic in a path":               {"/a/Basic%20s3cret", "", "/a/Basic%20" + hidden},
		"a token in a path and a value": {"/eyJs.3cr.et/x", "q=eyJs.3cr.et,eyJ&r=eyJ.x", "/" + conceal("eyJs.3cr.et") + "/x?q=" + conceal("eyJs.3cr.et") + ",eyJ&r=eyJ.x"},
		"a secret behind a semicolon":   {"/", "q=x;accessToken=s3cret;code=s3cret", "/?q=x;code=" + hidden},
		"a secret inside a value":       {"/", "to=https%3A%2F%2Fh%2F%3Faccess_token%3Ds3cret", "/?to=" + conceal("https%3A%2F%2Fh%2F%3Faccess_token%3Ds3cret")},
		"a raw address as value":        {"/", "to=https://h/?a=1?client_secret=s3cret", "/?to=" + conceal("https://h/?a=1?client_secret=s3cret")},
		"a continuation token stays":    {"/", "continuationToken=abc", "/?continuationtoken=abc"},
		"an equation is no secret":      {"/", "q=e%3Dmc2", "/?q=e%3Dmc2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := NormaliseTarget(test.path, test.query); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestNormaliseTargetIgnoresTheOrderOfParameters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parameters := rapid.SliceOfDistinct(rapid.StringMatching(`[a-zA-Z0-9%]{1,5}=[a-z%0-9;]{0,5}`), func(p string) string {
			return plainName(plainParameter(p))
		}).Draw(t, "parameters")
		shuffled := rapid.Permutation(parameters).Draw(t, "shuffled")
		want := NormaliseTarget("/", strings.Join(parameters, "&"))
		if got := NormaliseTarget("/", strings.Join(shuffled, "&")); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func FuzzNormaliseTarget(f *testing.F) {
	f.Add("/1/content/music/search", "q=daft+punk&accessToken=Bearer+s3cret", "s3cret")
	f.Add("/%7e%zz", "a;b=%3D&jsonp=f", "t")
	f.Add("", "_=1&code=x", "%")
	f.Add("", "ACCess%54%6fken", "%")
	f.Add("", "access%2dtoken", "%")
	f.Add("/Basic%20x/eyJ..", "key=%&q=Bearer+Basic:~01234567&Bearer%20", "=")
	f.Fuzz(func(t *testing.T, path, query, secret string) {
		target := NormaliseTarget(path, query)
		if want := plainTarget(path, query); target != want {
			t.Fatalf("got %q, want %q", target, want)
		}
		if name, named := plainLower(plainPercent(query, "")), isNamed(query, accessTokenParameter); named != (name == accessTokenParameter) {
			t.Fatalf("isNamed(%q) is %v, and the name %q", query, named, name)
		}
		for _, char := range []byte(target) {
			if char <= ' ' || char >= 0x7f {
				t.Fatalf("%q holds %q", target, char)
			}
		}
		if len(target) > 3*(len(path)+len(query))+len("/?") {
			t.Fatalf("%d bytes became %d", len(path)+len(query), len(target))
		}
		again, rest, _ := strings.Cut(target, "?")
		if again := NormaliseTarget(again, rest); again != target {
			t.Fatalf("%q becomes %q when it is normalised again", target, again)
		}
		for _, name := range []string{"accessToken", "client_secret", "Access_Token", "code", "refresh_token", "authToken", "jwt", "key", "x-token", "SAS"} {
			with := NormaliseTarget(path, query+"&"+name+"="+url.QueryEscape("hush"+secret+"hush"))
			if strings.Contains(strings.Replace(with, target, "", 1), "hush") && !strings.Contains(query, "hush") {
				t.Fatalf("%q shows %s", with, name)
			}
		}
	})
}
