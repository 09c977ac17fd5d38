package faulttest_test //nolint:testableexamples // What it shows is a test, which wants a testing.T.

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/groovechaos/groovechaos/control/client/faulttest"
	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// catalogue stands for what you test: a client of Groove with a base URL of its own.
type catalogue struct{ base string }

func (c catalogue) genres(call int) error {
	request, err := http.NewRequest(http.MethodGet, c.base+"/1/content/music/catalog/genres", http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+faulttest.Token)
	request.Header.Set(faulttest.CallHeader, strconv.Itoa(call))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// A test of yours: every call meets a 503 once, and the judge says whether it was repeated, and after what wait.
func Example() {
	_ = func(t *testing.T) { //nolint:thelper // It is a test and no helper.
		chaos := faulttest.Start(t, faulttest.Options{})
		chaos.Apply(&groovechaosv1.Fault{Name: "busy", Attempts: 1, Answer: &groovechaosv1.Answer{Status: 503}})

		groove := catalogue{base: chaos.URL()}
		for i := range 6 {
			if err := groove.genres(i); err != nil {
				t.Error(err)
			}
		}
		chaos.WantPass("transient-retried", "backs-off")
	}
}
