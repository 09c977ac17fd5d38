package groove_test

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func ExampleClassify() {
	for _, answer := range []struct {
		status int
		body   string
	}{
		{200, `{"Artists":{"Items":[]}}`},
		{200, `{"Artists":{"Items":[]},"Error":{"ErrorCode":"CATALOG_INVALID_DATA"}}`},
		{200, `{"TrackActionResults":[{"InputId":"a","Error":{"ErrorCode":"COLLECTION_INVALID_ID"}}]}`},
		{429, `<ContentResponse><Error><ErrorCode>TOO_MANY_REQUESTS</ErrorCode></Error></ContentResponse>`},
		{503, `the service is busy`},
	} {
		c := groove.Classify(answer.status, []byte(answer.body))
		fmt.Printf("%d %s %q\n", answer.status, c.Class, c.Code)
	}
	// Output:
	// 200 success ""
	// 200 soft_error "CATALOG_INVALID_DATA"
	// 200 soft_error "COLLECTION_SOME_OPERATIONS_FAILED"
	// 429 failure "TOO_MANY_REQUESTS"
	// 503 failure ""
}

func ExampleRenderError() {
	e, _ := groove.Resolve("GET", "/1/content/music/Search")
	wanted := groove.Negotiate("application/json", "", "q=daft+punk&jsonp=show")
	code := groove.DefaultErrorCode(*e, 502)
	answer := groove.RenderError(wanted, e.Answer, groove.NewError(code, ""))
	fmt.Println(answer.ContentType)
	fmt.Println(string(answer.Body))
	// Output:
	// application/javascript; charset=utf-8
	// show({"Error":{"ErrorCode":"CATALOG_UNAVAILABLE","Description":"No response from the catalog"}});
}
