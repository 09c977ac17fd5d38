package standin

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/library"
)

// call is one request to an endpoint of the API, read as far as all endpoints
// read it.
type call struct {
	standin  *Standin
	endpoint groove.Endpoint
	request  *http.Request
	path     map[string]string
	query    parameters
	culture  string
	caller   caller
	// user is what the caller has: nobody's for an application. It is nil for
	// writes.
	user *library.User
	// from is where the items come from, once the endpoint has read it.
	from source
	// rest is what a continuation token said; nil without one.
	rest *continuation
}

// handler answers one endpoint.
type handler func(*call) (any, *problem)

// serve makes the handler of an endpoint of the API.
func (s *Standin) serve(e groove.Endpoint, answer handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		wanted := wantedBy(r)
		c := &call{standin: s, endpoint: e, request: r, path: mux.Vars(r)}
		body, p := c.answer(answer)
		if p != nil {
			sendProblem(w, wanted, e.Answer, p)
			return
		}
		sendAnswer(w, wanted, e.Answer, body)
	}
}

// answer checks what every endpoint wants of a request, then asks the endpoint.
func (c *call) answer(answer handler) (any, *problem) {
	var p *problem
	if c.query, p = readParameters(c.request.URL.RawQuery); p != nil {
		return nil, p
	}
	if c.caller, p = c.authenticate(); p != nil {
		return nil, p
	}
	if namespace, has := c.path["namespace"]; has && !strings.EqualFold(namespace, "music") {
		return nil, refuse(groove.CodeInvalidInputParameter, "namespace is %q, want music", namespace)
	}
	if p := c.resume(); p != nil {
		return nil, p
	}
	if c.culture, p = c.query.culture(); p != nil {
		return nil, p
	}
	if c.endpoint.User == groove.UserTokenRequired {
		if p := c.needUser(); p != nil {
			return nil, p
		}
	}
	return c.ask(answer)
}

// ask asks the endpoint. What only reads sees one state of the collection.
func (c *call) ask(answer handler) (body any, p *problem) {
	if c.endpoint.Method != http.MethodGet {
		return answer(c)
	}
	c.standin.library.Read(c.caller.user, func(u *library.User) {
		c.user = u
		body, p = answer(c)
	})
	return body, p
}
