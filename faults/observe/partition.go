package observe

import (
	"slices"
	"time"
)

// callName is an identifier that a client sent, and whose.
type callName struct{ client, header, id string }

// route is what the attempts of a call have in common even if its body was lost on the way.
type route struct{ client, method, target string }

// draftCalls groups attempts that are in order of arrival: those with an identifier by it, the others
// route by route.
func draftCalls(attempts []*Attempt, window time.Duration) []*draft {
	named := map[callName]*draft{}
	routes := map[route][]*Attempt{}
	var order []route
	var drafts []*draft
	for _, a := range attempts {
		name, ok := nameOf(a)
		if !ok {
			key := route{a.Client, a.Method, a.Target}
			if routes[key] == nil {
				order = append(order, key)
			}
			routes[key] = append(routes[key], a)
			continue
		}
		if named[name] == nil {
			named[name] = &draft{grouping: GroupingExplicit}
			drafts = append(drafts, named[name])
		}
		named[name].attempts = append(named[name].attempts, a)
	}
	return append(drafts, inferCalls(routes, order, window)...)
}

// inferCalls groups the attempts of all routes. Order holds the keys of routes.
func inferCalls(routes map[route][]*Attempt, order []route, window time.Duration) []*draft {
	var drafts []*draft
	ids := learnRequestIDs(routes)
	known := map[string]*habits{}
	inferences := make([]*inference, len(order))
	for n, key := range order {
		if known[key.client] == nil {
			known[key.client] = &habits{}
		}
		rest, byRequest := splitByRequestID(routes[key], ids[key.client])
		drafts = append(drafts, byRequest...)
		inferences[n] = newInference(rest, window, known[key.client])
		known[key.client].learn(routes[key], inferences[n])
	}
	for _, d := range drafts {
		d.doubtShape(known[d.first().Client])
	}
	for _, i := range inferences {
		drafts = append(drafts, i.drafts()...)
	}
	return drafts
}

// nameOf returns the identifier of the call that a belongs to. An idempotency key names a
// call whatever else differs. An identifier from a field that is made for something else is a request id at best.
func nameOf(a *Attempt) (callName, bool) {
	switch {
	case a.CallID != "" && namesCall(a.CallIDHeader):
		return callName{a.Client, a.CallIDHeader, a.CallID}, true
	case a.IdempotencyKey != "":
		return callName{a.Client, keyFields[0], a.IdempotencyKey}, true
	}
	return callName{}, false
}

// namesCall reports whether a field is made to name a call.
func namesCall(field string) bool {
	return slices.Contains(callFields, field) || slices.Contains(keyFields, field)
}
