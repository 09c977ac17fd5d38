package groove

import "slices"

// Status is one row of the service's documented status table.
type Status struct {
	// Code is the HTTP status code.
	Code int
	// Phrase is the documented reason phrase.
	Phrase string
	// Meaning is what the reference says of it.
	Meaning string
	// Transient reports whether waiting and repeating may help: true for 429,
	// 500, 502 and 503.
	Transient bool
}

var statuses = []Status{
	{Code: 200, Phrase: "OK", Meaning: "success; may still carry an Error with partial or degraded results"},
	{Code: 400, Phrase: "Bad Request", Meaning: "the URL or the input parameters are incorrect"},
	{Code: 401, Phrase: "Unauthorized", Meaning: "the request needs authentication"},
	{Code: 403, Phrase: "Forbidden", Meaning: "not allowed for the user or the service"},
	{Code: 404, Phrase: "Not Found", Meaning: "the resource could not be found"},
	{Code: 409, Phrase: "Conflict", Meaning: "a conflict with the current state of the resource"},
	{Code: 429, Phrase: "Too Many Requests", Meaning: "over the throttling limit: the caller must wait before its next request", Transient: true},
	{Code: 500, Phrase: "Internal Server Error", Meaning: "an unexpected condition", Transient: true},
	{Code: 502, Phrase: "Bad Gateway", Meaning: "a backend dependency is unavailable or returns errors", Transient: true},
	{Code: 503, Phrase: "Service Unavailable", Meaning: "refused because of excessive load", Transient: true},
}

// Statuses returns the documented status table. The caller owns the slice.
func Statuses() []Status { return slices.Clone(statuses) }

// StatusByCode finds a documented status.
func StatusByCode(code int) (Status, bool) {
	i := slices.IndexFunc(statuses, func(s Status) bool { return s.Code == code })
	if i < 0 {
		return Status{}, false
	}
	return statuses[i], true
}
